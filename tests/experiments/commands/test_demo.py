"""`demo`: the main job, from a learner to a table of what it is worth."""

import pytest

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.reporting.end_of_run import SHOWN


def test_a_bad_request_is_answered_at_the_door(refused):
    refused(["demo", "--seed", -1], "--seed must be >= 0, got -1")


@pytest.mark.slow
def test_the_tiny_one_trains_treats_with_everybody_and_ends_with_a_short_table(run, tmp_path):
    code, text = run(["demo", "--tiny", "--out", tmp_path / "run"])
    assert code == 0, text
    assert TrainingRecord.read(tmp_path / "run").finished
    summary = BenchmarkSummary.read(tmp_path / "run")
    assert summary.named("learner") == ["ppo"] and len(summary.policies) > SHOWN
    assert f"{SHOWN} of {len(summary.policies)} policies" in text
    assert "PPO learns on train patients" in text and "all policies, figures and patients: " in text
    assert {path.name for path in (tmp_path / "run" / "pictures").iterdir()} >= {"learning.png", "survival.png"}
