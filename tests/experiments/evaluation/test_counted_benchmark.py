"""Counting so many patients that no table is kept: what is stored, and a killed count that ends as if it was not."""

import json

import numpy as np
import pytest

import metaenv
from metaenv_experiments.evaluation.counted_benchmark import FIRST, SUMMARY, Counting
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.failures import BAD_REQUEST, INTERRUPTED
from metaenv_experiments.running.run_folder import RunFolder

TASK = Task(disease="strobl2021", cohort="test", patients=1, seed=0)
RULES = ("no_treatment", "maximum_tolerated_dose")
ASKED = ["benchmark", "--counts-only", "--disease", "strobl2021", "--policies", *RULES, "--patients", 5, "--chunk", 2]


def test_who_is_counted_belongs_to_no_cohort():
    assert min(FIRST, FIRST + 10**9) > max(ids.stop for ids in metaenv.COHORTS.values())


def test_every_policy_is_counted_on_the_same_patients_and_what_was_counted_is_kept(tmp_path):
    counting = Counting(
        task=TASK, policies=[rule(name, TASK) for name in RULES], patients=5, folder=RunFolder(tmp_path), chunk=2
    )
    found, spent = counting.run()
    assert (list(found), spent.patients) == ([*RULES], 10)
    for name, outcome in found.items():
        episodes = rule(name, TASK).play(TASK, np.arange(FIRST, FIRST + 5)).episodes
        assert outcome.patients == 5
        assert outcome.means["return"].value == pytest.approx(episodes["return"].mean())
    again, nothing = counting.run()
    assert repr(again) == repr(found) and nothing.patients == 0  # in words nan is itself


def test_the_command_prints_a_table_for_each_policy_and_stores_no_table_of_patients(run, tmp_path):
    code, text = run([*ASKED, "--out", tmp_path / "run"])
    assert code == 0, text
    assert "5 patients under no treatment" in text and "5 patients under maximum tolerated dose" in text
    assert "10 patients in" in text and not (tmp_path / "run" / "episodes.parquet").exists()
    told = json.loads((tmp_path / "run" / SUMMARY).read_text())
    assert [each["patients"] for each in told["policies"].values()] == [5, 5]


@pytest.mark.parametrize(("option", "given"), [("cohort", "train"), ("watch", 3), ("reference", "no_treatment")])
def test_options_that_counting_would_not_heed_are_refused(option, given, run, tmp_path):
    code, text = run([*ASKED, f"--{option}", given, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and f"--{option} must be given without --counts-only" in text
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_killed_and_resumed_with_other_workers_is_the_same(run, tmp_path, monkeypatch):
    assert run([*ASKED, "--out", tmp_path / "whole"])[0] == 0
    kept, counted = RunFolder.write_table, []

    def killed(folder, name, table):
        if len(counted) == 2:
            raise KeyboardInterrupt
        counted.append(name)
        kept(folder, name, table)

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "write_table", killed)
        assert run([*ASKED, "--out", tmp_path / "parts"])[0] == INTERRUPTED
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts" / "shards").glob("*/*.parquet")}
    assert len(finished) == 2
    assert run([*ASKED, "--workers", 2, "--resume", "--out", tmp_path / "parts"])[0] == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    one, other = (json.loads((tmp_path / name / SUMMARY).read_text()) for name in ("whole", "parts"))
    assert (one.pop("this_call")["patients"], other.pop("this_call")["patients"]) == (10, 6)
    assert one == other
