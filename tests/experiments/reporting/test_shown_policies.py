"""Which policies are drawn where there are too many."""

import pytest

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting.shown_policies import shown_policies, training_of


def test_they_are_the_reference_the_best_of_each_kind_and_one_seed_of_each_training(many_policies):
    summary, standard = BenchmarkSummary.read(many_policies.path), "maximum_tolerated_dose"
    assert shown_policies(summary, 5) == [standard, "plain", "tuned", "ppo1", "ppo"]
    assert shown_policies(summary, 7) == ["none", standard, "plain", "worse", "tuned", "ppo1", "ppo"]
    assert shown_policies(summary, 8) == [name for name in summary.policies if name != "ppo0"]
    assert shown_policies(summary, 1) == [standard]


def test_what_was_not_trained_is_asked_for_no_training(many_policies):
    with pytest.raises(ValueError, match="'plain' must be a learner, got a rule"):
        training_of(BenchmarkSummary.read(many_policies.path), "plain")
