"""Run folders: whole files or none, never overwritten."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from metaenv_experiments.commands.benchmark import Options as Benchmark
from metaenv_experiments.commands.train import Options as Train
from metaenv_experiments.running import provenance
from metaenv_experiments.running.files import PARTIAL, write_atomically
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import POLICY, RunFolder

ROOT = Path(__file__).parents[3]
TABLE = pd.DataFrame({"patient": [1, 2], "return": [0.5, 1.5]})


def test_an_existing_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("precious")
    with pytest.raises(UsageError, match="never overwritten"):
        RunFolder.create(Benchmark(), out=tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["file/run", "r" * 300])
def test_what_cannot_be_a_folder_is_a_wrong_request(tmp_path, name):
    (tmp_path / "file").write_text("precious")
    with pytest.raises(UsageError, match="--out must name a folder that can be made, got"):
        RunFolder.create(Benchmark(), out=tmp_path / name)


def test_a_foreign_folder_is_refused_on_resuming_too(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(UsageError, match="never overwritten"):
        RunFolder.create(Benchmark(out=tmp_path, resume=True), out=tmp_path, resume=True)


def test_resuming_needs_the_same_options(tmp_path):
    out = tmp_path / "run"
    RunFolder.create(Benchmark(patients=8, out=out), out=out)
    RunFolder.create(Benchmark(patients=8, out=out, resume=True), out=out, resume=True)
    with pytest.raises(UsageError, match="patients was 8, got 9"):
        RunFolder.create(Benchmark(patients=9, out=out, resume=True), out=out, resume=True)


def test_resuming_needs_the_same_files(tmp_path):
    record, run, out = tmp_path / "tuned.json", tmp_path / "training", tmp_path / "run"
    policy = run / "seed-0" / POLICY
    policy.parent.mkdir(parents=True)
    options = {"tuned": record, "runs": (run,), "out": out}
    for file in (record, policy):
        file.write_text("as it was")
    RunFolder.create(Benchmark(**options), out=out)
    for file in (record, policy):
        file.write_text("another")
        with pytest.raises(UsageError, match=f"{file} has changed since"):
            RunFolder.create(Benchmark(**options, resume=True), out=out, resume=True)
        file.write_text("as it was")
    RunFolder.create(Benchmark(**options, resume=True), out=out, resume=True)


def test_the_provenance_of_a_resumed_run_tells_the_command_that_makes_the_whole(tmp_path, monkeypatch):
    out = tmp_path / "run"
    options = {"disease": "prostate", "out": out}
    monkeypatch.setattr(sys, "argv", ["metaenv", "train", "--total-timesteps", "10"])
    begun = Provenance.read(RunFolder.create(Train(total_timesteps=10, **options), out=out).path)
    assert begun.command == "metaenv train --steps 10" and begun.first_command is None and begun.resumed == ()
    monkeypatch.setattr(sys, "argv", ["metaenv", "train", "--total-timesteps", "20", "--resume"])
    for times in (1, 2):
        folder = RunFolder.create(Train(total_timesteps=20, resume=True, **options), out=out, resume=True)
        about = Provenance.read(folder.path)
        assert about.command == "metaenv train --steps 20" and about.commit == begun.commit
        assert [each.commit for each in about.resumed] == [begun.commit] * times
        assert about.first_command == begun.command and about.resumed[-1].arguments == tuple(sys.argv[1:])


def test_a_run_begun_before_there_was_an_option_is_resumed_with_its_default_only(tmp_path):
    out = tmp_path / "run"
    folder = RunFolder.create(Benchmark(patients=8, out=out), out=out)
    begun = folder.read_json("config.json")
    del begun["chunk"]
    folder.write_json("config.json", begun)
    with pytest.raises(UsageError, match="chunk was 256, got 9"):
        RunFolder.create(Benchmark(patients=8, chunk=9, out=out, resume=True), out=out, resume=True)
    RunFolder.create(Benchmark(patients=8, out=out, resume=True), out=out, resume=True)


def test_a_run_killed_before_its_configuration_was_written_can_be_resumed(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    (out / f"config.json{PARTIAL}").write_text("{")
    folder = RunFolder.create(Benchmark(out=out, resume=True), out=out, resume=True)
    assert folder.read_json("config.json")["patients"] == 1024


def test_a_write_that_fails_half_way_leaves_nothing_under_the_final_name(tmp_path):
    def write(path):
        path.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(tmp_path / "shard.parquet", write)
    folder = RunFolder(tmp_path)
    assert not folder.has("shard.parquet")


def test_a_write_that_fails_half_way_keeps_the_old_file(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_table("shard.parquet", TABLE)

    def write(path):
        path.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "shard.parquet", write)
    pd.testing.assert_frame_equal(folder.read_table("shard.parquet"), TABLE)


def test_the_same_table_is_the_same_bytes(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_table("one.parquet", TABLE)
    folder.write_table("two.parquet", TABLE.copy())
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_json_has_null_where_there_is_no_number(tmp_path):
    RunFolder(tmp_path).write_json("summary.json", {"median": float("nan"), "nested": [float("inf"), 1.0]})
    assert json.loads((tmp_path / "summary.json").read_text()) == {"median": None, "nested": [None, 1.0]}


def test_provenance_says_where_the_numbers_come_from(tmp_path):
    folder = RunFolder.create(Benchmark(seed=7, out=tmp_path / "run"), out=tmp_path / "run")
    about = Provenance.read(folder.path)
    assert about.seed == 7 and about.python and about.arguments == tuple(sys.argv[1:])
    assert "numpy" in about.versions and about.machine["cores"] >= 1


def test_the_commit_is_of_the_repository_that_holds_the_code_not_of_one_around_its_environment(tmp_path, monkeypatch):
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    assert re.fullmatch(r"[0-9a-f]{40}", Provenance.now(None).commit)
    installed = tmp_path / "venv" / "provenance.py"
    installed.parent.mkdir()
    installed.write_text("")
    (tmp_path / "mine.txt").write_text("")
    identity = ["-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "-q"], ["add", "mine.txt"], [*identity, "commit", "-qm", "mine"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)
    monkeypatch.setattr(provenance, "__file__", str(installed))
    about = Provenance.now(None)
    assert (about.commit, about.dirty, about.short_commit) == (None, None, "unknown")


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_opening_what_is_no_run_folder_says_so(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="run folder"):
        RunFolder.open(tmp_path / name)
