"""A benchmark that is cut off goes on where it was, and ends as if nothing had happened."""

from dataclasses import replace

import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.commands.benchmark import Options
from metaenv_experiments.evaluation import policies
from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES, SHARDS, Benchmark
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.run_folder import RunFolder

POLICIES = ("no_treatment", "at50")
TASK = Task(disease="prostate", cohort="test", patients=6, seed=0)
SUMMARY = BenchmarkSummary.file


def make_benchmark(out, *, chunk, resume=False):
    folder = RunFolder.create(Options(policies=POLICIES, patients=6, out=out, resume=resume), out=out, resume=resume)
    rules = [rule(name, TASK) for name in POLICIES]
    return Benchmark(task=TASK, policies=rules, folder=folder, chunk=chunk, watch=2, reference="no_treatment")


def test_the_size_of_shards_does_not_matter(tmp_path):
    for chunk in (1, 4, 6):
        make_benchmark(tmp_path / str(chunk), chunk=chunk).run()
    for name in (EPISODES, COURSES, SUMMARY):
        assert len({(tmp_path / str(chunk) / name).read_bytes() for chunk in (1, 4, 6)}) == 1


@pytest.mark.slow  # a run of two that was cut off stands for it below
def test_the_number_of_processes_does_not_matter(tmp_path):
    for workers in (1, 2):
        replace(make_benchmark(tmp_path / str(workers), chunk=2), workers=workers).run()
    for name in (EPISODES, COURSES, SUMMARY):
        assert len({(tmp_path / str(workers) / name).read_bytes() for workers in (1, 2)}) == 1


def test_a_run_folder_holds_what_is_promised_and_no_leftovers(tmp_path):
    make_benchmark(tmp_path / "run", chunk=4).run()
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"config.json", "provenance.json", EPISODES, COURSES, SUMMARY}


def test_finished_shards_are_not_played_again(tmp_path, monkeypatch):
    played = []
    real = policies.play

    def play(task, make, ids, **options):
        played.append(tuple(ids))
        if len(played) == 3:
            raise KeyboardInterrupt
        return real(task, make, ids, **options)

    monkeypatch.setattr(policies, "play", play)
    with pytest.raises(KeyboardInterrupt):
        make_benchmark(tmp_path / "run", chunk=3).run()
    make_benchmark(tmp_path / "run", chunk=3, resume=True).run()
    assert len(played) == 3 + 2  # of four shards two were done, the third was cut off
    make_benchmark(tmp_path / "whole", chunk=3).run()
    assert (tmp_path / "run" / EPISODES).read_bytes() == (tmp_path / "whole" / EPISODES).read_bytes()


def test_a_shard_counts_as_done_only_when_all_of_it_is_written(tmp_path, monkeypatch):
    real, written = RunFolder.write_table, []

    def write(folder, name, table):
        written.append(name)
        if len(written) == 2:
            raise KeyboardInterrupt
        real(folder, name, table)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RunFolder, "write_table", write)
        make_benchmark(tmp_path / "run", chunk=3).run()
    make_benchmark(tmp_path / "run", chunk=3, resume=True).run()
    make_benchmark(tmp_path / "whole", chunk=3).run()
    for name in (EPISODES, COURSES):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_half_written_shard_is_never_read(tmp_path):
    benchmark = make_benchmark(tmp_path / "run", chunk=3)
    shard = tmp_path / "run" / SHARDS / "at50" / f"{TASK.ids[0]}-{TASK.ids[2]}.{EPISODES}.partial"
    shard.parent.mkdir(parents=True)
    shard.write_bytes(b"PAR1 half of a shard")
    benchmark.run()
    make_benchmark(tmp_path / "whole", chunk=3).run()
    assert (tmp_path / "run" / EPISODES).read_bytes() == (tmp_path / "whole" / EPISODES).read_bytes()


@pytest.mark.usefixtures("no_pictures")
def test_a_benchmark_of_two_processes_killed_and_resumed_by_one_equals_an_uninterrupted_one(kill, tmp_path):
    command = ["benchmark", "--patients", 6, "--policies", *POLICIES]
    cut, shards = [*command, "--chunk", 1, "--out", tmp_path / "cut"], tmp_path / "cut" / SHARDS
    kill(["-m", "metaenv", *cut, "--workers", 2], lambda: len(list(shards.glob(f"*/*.{EPISODES}"))) >= 3)
    assert not (tmp_path / "cut" / EPISODES).exists()
    for line in ([*cut, "--resume"], [*command, "--chunk", 10, "--out", tmp_path / "whole"]):
        assert main([str(each) for each in line]) == 0
    for name in (EPISODES, COURSES):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
