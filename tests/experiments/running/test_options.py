"""Files that ship are named without a path, which nobody who installed a wheel knows."""

import hashlib
from pathlib import Path

import pytest

from metaenv_experiments.commands.benchmark import Options as Benchmark
from metaenv_experiments.commands.train import Options as Train
from metaenv_experiments.commands.tune.disease import Options as TuneDisease
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.tuned_rules import tuned
from metaenv_experiments.running import options as running_options
from metaenv_experiments.running.options import SHIPPED, UsageError, file_of, shipped
from metaenv_experiments.running.resume import CONTENTS
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.training.hyperparameters import settings

KNOWN = [(option, name) for option in SHIPPED for name in shipped(option)]


def test_something_ships_for_every_option():
    assert {option for option, _ in KNOWN} == {"tuned", "simple", "config", "start"}
    assert {
        ("tuned", "prostate"),
        ("simple", "prostate"),
        ("config", "ppo_memoryless"),
        ("start", "breast_recurrent"),
    } <= set(KNOWN)


@pytest.mark.parametrize(("option", "name"), KNOWN)
def test_what_ships_is_found_by_name_from_anywhere(option, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert file_of(option, Path(name)) == shipped(option)[name]
    assert shipped(option)[name].is_file()


def test_a_file_of_that_name_goes_before_what_ships(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breast").write_text("mine")
    assert file_of("tuned", Path("breast")) == Path("breast")


@pytest.mark.parametrize("option", SHIPPED)
@pytest.mark.parametrize("name", ["nothing", "tuned/nothing.json", ".."])
def test_what_is_not_there_lists_what_ships(option, name):
    listed = ", ".join(shipped(option))
    said = f"--{option} must be a file that exists, or one of those that ship: {listed}, got '{name}'"
    with pytest.raises(UsageError) as refusal:
        file_of(option, Path(name))
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (Benchmark, {"tuned": Path("nothing")}),
        (Train, {"config": Path("nothing")}),
        (Train, {"teacher": ("at50",), "tuned": (Path("nothing"),)}),
        (TuneDisease, {"start": Path("nothing")}),
    ],
)
def test_options_take_names_and_refuse_others_at_the_door(command, given):
    with pytest.raises(UsageError, match="one of those that ship"):
        command(**given)


def test_names_are_read_as_the_files_are(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert settings(Path("ppo_memoryless"), total_timesteps=9) == settings(
        shipped("config")["ppo_memoryless"], total_timesteps=9
    )
    task = Task(disease="prostate", cohort="test", patients=1, seed=0)
    by_name, by_path = (tuned(path, task) for path in (Path("prostate"), shipped("tuned")["prostate"]))
    assert [each.parameters for each in by_name] == [each.parameters for each in by_path] != []
    with pytest.raises(UsageError, match="--tuned must be of the disease 'prostate', got strobl2021 of 'strobl2021'"):
        tuned(Path("strobl2021"), task)


def test_a_run_records_the_name_and_what_was_in_the_file(monkeypatch, tmp_path):
    out = tmp_path / "run"
    options = {"tuned": Path("prostate"), "out": out}
    about = RunFolder.create(Benchmark(**options), out=out).read_json("config.json")
    content = shipped("tuned")["prostate"].read_bytes()
    assert (about["tuned"], about[CONTENTS]) == ("prostate", {"prostate": hashlib.sha256(content).hexdigest()})
    moved = tmp_path / "elsewhere" / SHIPPED["tuned"][0]
    moved.mkdir(parents=True)
    monkeypatch.setattr(running_options, "PACKAGE", moved.parent)
    (moved / "prostate.json").write_bytes(content)
    RunFolder.create(Benchmark(**options, resume=True), out=out, resume=True)
    (moved / "prostate.json").write_text("{}")
    with pytest.raises(UsageError, match="prostate has changed since"):
        RunFolder.create(Benchmark(**options, resume=True), out=out, resume=True)
