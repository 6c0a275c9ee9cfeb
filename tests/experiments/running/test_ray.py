"""The same shards on a Ray cluster, where Ray is installed (extra 'ray')."""

import sys
import types

import pytest

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, Benchmark
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running import processes
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import RunFolder

NAMES = (EPISODES, COURSES, BenchmarkSummary.file)
TASK = Task(disease="prostate", cohort="test", patients=6, seed=0)


def test_without_ray_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="--ray needs the package ray"), processes.workers(1, "local"):
        pass


@pytest.mark.slow
def test_a_cluster_gives_the_same_files_as_one_process(tmp_path):
    pytest.importorskip("ray")
    rules = [rule(name, TASK) for name in ("no_treatment", "at50")]
    for name, by in (("one", {}), ("ray", {"ray": "local", "workers": 4})):
        folder = RunFolder(tmp_path / name)
        Benchmark(task=TASK, policies=rules, folder=folder, chunk=3, watch=2, reference="at50", **by).run()
    for name in NAMES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "ray" / name).read_bytes()


def test_a_cluster_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))
    said = r"address of a running cluster, got '127\.0\.0\.1:1'"
    with pytest.raises(UsageError, match=said), processes.workers(1, "127.0.0.1:1"):
        pass
