"""The same shards on a Ray cluster, where Ray is installed (extra 'ray')."""

import sys
import types

import pytest
from tests.experiments.trials.test_trial import make_trial

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, SUMMARY
from metaenv_experiments.running import processes
from metaenv_experiments.running.options import UsageError

NAMES = (EPISODES, COURSES, SUMMARY)


def test_without_ray_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="--ray needs the package ray"), processes.workers(1, "local"):
        pass


@pytest.mark.slow
def test_a_cluster_gives_the_same_files_as_one_process(tmp_path):
    pytest.importorskip("ray")
    from dataclasses import replace

    make_trial(tmp_path / "one", chunk=3).run()
    replace(make_trial(tmp_path / "ray", chunk=3), ray="local", workers=4).run()
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "ray" / name).read_bytes()


def test_a_cluster_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))
    said = r"address of a running cluster, got '127\.0\.0\.1:1'"
    with pytest.raises(UsageError, match=said), processes.workers(1, "127.0.0.1:1"):
        pass
