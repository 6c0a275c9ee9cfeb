"""What stands in the tables of results is what the episodes of a benchmark say."""

from dataclasses import replace

import numpy as np
import pytest

from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, PLANNER, RULE, SIMPLE, TUNED_RULE
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.results_rows import SEED, rows_of, task_name, task_row_of, training_rows_of
from metaenv_experiments.running.provenance import Provenance

BAR, STANDARD = {"at50, tuned": (TUNED_RULE, 2.0)}, {"maximum_tolerated_dose": (RULE, 1.0)}
SEEDS = {f"ppo{seed}": (LEARNER, mean) for seed, mean in ((1, 2.0), (2, 3.0), (3, 4.0))}


def estimates(folder, metric):
    """The numbers of one metric: policy -> estimate."""
    return {row.policy: Estimate(row.value, row.low, row.high) for row in rows_of(folder) if row.metric == metric}


def test_every_outcome_of_every_policy_is_a_row_and_times_are_in_months(finished):
    folder = finished({**STANDARD, **BAR})
    summary, rows = BenchmarkSummary.read(folder.path), rows_of(folder)
    for name, policy in summary.policies.items():
        own = {row.metric: row for row in rows if row.policy == name}
        assert {row.kind for row in own.values()} == {policy.kind}
        assert set(own) == {metric.replace("_days", "_months") for metric in policy.outcomes}
        median = policy.outcomes["survival_median_days"]
        assert own["survival_median_months"].value == pytest.approx(median.value / 30.4375)
        assert own["return"][4:7] == policy.outcomes["return"]
    assert {(row.task, row.patients, row.seeds, row.size) for row in rows} == {("lung", 200, 1, "full")}
    assert {row.size for row in rows_of(folder, size="quick")} == {"quick"}


def test_rows_say_of_which_commit_they_are_and_whether_all_was_committed(finished):
    folder = finished(STANDARD)
    assert {row.commit for row in rows_of(folder)} == {"0123456789ab"}
    replace(Provenance.read(folder.path), dirty=True).write(folder.path)
    assert {row.commit for row in rows_of(folder)} == {"0123456789ab+"}


def test_regret_is_the_oracles_return_minus_the_policys(finished):
    found = estimates(finished({**STANDARD, "oracle": (ORACLE, 3.0), "ppo": (LEARNER, 2.0)}), "regret")
    assert {name: round(each.value, 6) for name, each in found.items()} == {"maximum_tolerated_dose": 2.0, "ppo": 1.0}


def test_without_an_oracle_nothing_is_regretted(finished):
    assert estimates(finished({**STANDARD, "mpc": (PLANNER, 3.0)}), "regret") == {}


def test_seeds_of_a_learner_are_one_learner_and_each_a_row_of_its_own(finished):
    folder = finished({**BAR, **SEEDS})
    kinds = {row.policy: (row.kind, row.seeds) for row in rows_of(folder) if row.metric == "return"}
    assert kinds == {"at50, tuned": (TUNED_RULE, 1), **dict.fromkeys(SEEDS, (SEED, 1)), "ppo": (LEARNER, 3)}
    episodes = folder.read_table(EPISODES)
    returns = np.stack([episodes.loc[episodes["policy"] == name, "return"] for name in SEEDS])
    assert estimates(folder, "return")["ppo"] == pytest.approx(statistics.mean_of_seeds(returns))
    assert estimates(folder, "validation_return")["ppo"].value == pytest.approx(3.0)
    assert estimates(folder, "minus_bar")["ppo"].value == pytest.approx(1.0)


def test_a_learner_of_one_seed_is_one_row(finished):
    folder = finished({**BAR, "ppo": (LEARNER, 3.0)})
    own = [(row.kind, row.seeds) for row in rows_of(folder) if (row.policy, row.metric) == ("ppo", "return")]
    assert own == [(LEARNER, 1)]


def test_trainings_of_one_learner_in_different_folders_are_not_taken_for_seeds(finished):
    several = {f"{name}{seed}": (LEARNER, 2.0) for name in ("ppo", "sac") for seed in (1, 2)}
    other = {"ppo2": {"group": "memoryless"}}
    assert set(estimates(finished({**BAR, **several}, trainings=other), "minus_bar")) == {
        "ppo1",
        "ppo2",
        "sac",
    }
    four = {f"ppo{seed}": (LEARNER, 2.0) for seed in range(4)}
    told = {name: {"group": group} for name, group in zip(four, "aabb", strict=True)}
    assert set(estimates(finished({**BAR, **four}, trainings=told), "minus_bar")) == {
        "ppo of a",
        "ppo of b",
    }


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_learner_that_was_never_judged_has_no_validation_score(seeds, finished):
    some = dict(list(SEEDS.items())[:seeds])
    folder = finished({**BAR, **some}, trainings={"ppo1": {"validation": None}})
    assert {"ppo", "ppo1"}.isdisjoint(estimates(folder, "validation_return"))
    assert len(estimates(folder, "validation_return")) == seeds - 1


@pytest.mark.parametrize("more", [{"dose, tuned": (TUNED_RULE, 1.0)}, {"simple 1": (SIMPLE, 1.9)}])
def test_the_bar_is_the_best_of_tuned_rules_and_simple_policies(more, finished):
    folder = finished({**more, **BAR, "at50": (RULE, 9.0), "ppo": (LEARNER, 2.5)})
    assert estimates(folder, "minus_bar")["ppo"].value == pytest.approx(0.5)


def test_a_simple_policy_may_be_the_bar(finished):
    folder = finished({**BAR, "simple 1": (SIMPLE, 2.4), "ppo": (LEARNER, 2.5)})
    assert estimates(folder, "minus_bar")["ppo"].value == pytest.approx(0.1)


@pytest.mark.parametrize("noisy", [None, "ppo"])
@pytest.mark.parametrize("learner", [2.8, 2.3])
def test_the_gap_is_that_from_the_rule_to_the_oracle(learner, noisy, finished):
    policies = {**BAR, "oracle": (ORACLE, 3.0), "ppo": (LEARNER, learner)}
    closed = estimates(finished(policies, noisy=noisy), "gap_closed")["ppo"]
    assert closed.value == pytest.approx(learner - 2.0)
    assert (closed.low < closed.value < closed.high) is (noisy is not None)


@pytest.mark.parametrize(("oracle", "noisy"), [(1.0, None), (2.0, None), (2.005, "oracle")])
def test_where_the_oracle_may_be_no_better_than_the_rule_no_gap_is_told(oracle, noisy, finished):
    policies = {**BAR, "oracle": (ORACLE, oracle), "ppo": (LEARNER, 1.0)}
    assert np.isnan(estimates(finished(policies, noisy=noisy), "gap_closed")["ppo"]).all()


def test_learners_are_held_against_the_maximum_tolerated_dose_whatever_else_took_part(finished):
    gain = estimates(finished({**STANDARD, "ppo": (LEARNER, 2.5)}), "minus_maximum_tolerated_dose")["ppo"]
    assert gain.value == pytest.approx(1.5)


def test_what_twice_the_copies_change_is_a_share_of_the_planners_return(finished):
    folder = finished({"oracle": (ORACLE, 2.0), "oracle, doubled": (ORACLE, 2.1)})
    episodes = folder.read_table(EPISODES)
    before, after = (
        episodes.loc[episodes["policy"] == name, "return"].mean() for name in ("oracle", "oracle, doubled")
    )
    found = estimates(folder, "change_when_doubled")
    assert list(found) == ["oracle"] and found["oracle"].value == pytest.approx((after - before) / before)


def test_a_training_is_told_with_the_command_that_it_was_begun_with_where_that_was_another(finished):
    other = {"finished": False, "first_command": "metaenv train --total-timesteps 1"}
    rows = training_rows_of(finished({**BAR, "ppo": (LEARNER, 1.0), "sac": (LEARNER, 1.0)}, trainings={"ppo": other}))
    assert {(row.task, row.steps, row.commit) for row in rows} == {("lung", 1000, "f" * 12)}
    assert {row.policy: (row.finished, row.command, row.first_command) for row in rows} == {
        "ppo": (False, "metaenv train --out runs/ppo", "metaenv train --total-timesteps 1"),
        "sac": (True, "metaenv train --out runs/sac", ""),
    }


def test_the_row_of_a_task_says_whom_it_treats_and_how_it_was_made(finished):
    row = task_row_of(finished(STANDARD, shift="faster_growth", patients=20), size="quick")
    assert (row.task, row.environment, row.unit) == ("lung-faster-growth", "metaenv/Lung-v1", "quality-adjusted years")
    assert (row.cohort, row.patients, row.seed, row.size) == ("test", 20, 3, "quick")
    assert (row.visit_interval, row.command) == (21.0, "metaenv benchmark --disease lung")
    assert (row.disease, row.unusual, row.true_state) == ("lung", "faster growth", False)
    assert task_row_of(finished(STANDARD, observation="full")).true_state


@pytest.mark.parametrize(
    ("unusual", "name"),
    [
        ({}, "lung"),
        ({"visit_interval": 42.0}, "lung-every-42-days"),
        ({"shift": "faster_mutation"}, "lung-faster-mutation"),
        ({"observation": "full"}, "lung-true-state-shown"),
        ({"cohort": "validation"}, "lung-validation"),
        ({"local_therapy": True}, "lung-with-procedures"),
        ({"local_therapy": False}, "lung"),
        ({"visit_interval": 42.0, "shift": "faster_growth"}, "lung-every-42-days-faster-growth"),
    ],
)
def test_a_tasks_name_tells_what_is_unusual_about_it(unusual, name):
    assert task_name(Task(**{"disease": "lung", "cohort": "test", "patients": 1, "seed": 0, **unusual})) == name
