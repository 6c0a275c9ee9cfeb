"""Verdicts follow the intervals."""

import math

import pytest

from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, RULE, SIMPLE, TUNED_RULE
from metaenv_experiments.reporting.results_rows import SEED, rows_of, task_row_of
from metaenv_experiments.reporting.results_table import Row, TaskRow
from metaenv_experiments.reporting.verdicts import MET, MISSED, UNDECIDED, Results, verdicts

ABOVE, NEAR = "best learner above the bar", "best learner within 2 % of the exact optimum"
CLOSED = "70 % of the gap from the bar to the oracle closed"
STANDARD = "maximum_tolerated_dose"
BAR = {"at50, tuned": (TUNED_RULE, 2.0)}
HERE = TaskRow(
    task="lung",
    disease="lung",
    unusual="",
    true_state=False,
    environment="metaenv/Lung-v1",
    unit="years",
    cohort="test",
    patients=200,
    seed=3,
    visit_interval=21.0,
    horizon=3650.0,
    size="full",
    commit="f" * 12,
    command="metaenv benchmark",
)


def row(policy, kind, metric, value, reach=0.01, task="lung"):
    return Row(task, policy, kind, metric, value, value - reach, value + reach, 200, 1, "full", "f" * 12)


def decided(folder):
    """What the results of a benchmark decide: aim -> verdict and what was found."""
    return {each.aim: (each.verdict, each.found) for each in verdicts(Results(task_row_of(folder), rows_of(folder)))}


@pytest.mark.parametrize(
    ("learner", "verdict", "why"),
    [
        (3.0, MET, ""),
        (2.01, MISSED, " The intervals touch."),
        (2.0, MISSED, " The intervals touch."),
        (1.99, MISSED, " The intervals touch."),
        (1.0, MISSED, " at50, tuned is better."),
    ],
)
def test_a_learner_is_above_the_rule_only_where_the_intervals_do_not_touch(learner, verdict, why, finished):
    found = decided(finished({**BAR, "ppo": (LEARNER, learner)}))
    assert list(found) == [ABOVE] and found[ABOVE][0] == verdict
    assert found[ABOVE][1].startswith("ppo ") and found[ABOVE][1].endswith(f").{why}")


@pytest.mark.parametrize(("name", "kind"), [("dose, tuned", TUNED_RULE), ("simple 1", SIMPLE)])
def test_the_bar_is_the_best_of_tuned_rules_and_simple_policies(name, kind, finished):
    found = decided(finished({"at50, tuned": (TUNED_RULE, 1.0), name: (kind, 2.0), "ppo": (LEARNER, 1.5)}))
    assert found[ABOVE][0] == MISSED
    assert f"{name} 2.0" in found[ABOVE][1] and f" {name} is better." in found[ABOVE][1]


def test_seeds_of_a_learner_are_one_contender(finished):
    seeds = {f"ppo{k}": (LEARNER, 1.0 + k) for k in (1, 2, 3)}
    verdict, found = decided(finished({"at50, tuned": (TUNED_RULE, 1.0), **seeds}))[ABOVE]
    assert verdict == MET and found.startswith("ppo 3.0")


def test_of_several_trainings_the_best_on_validation_patients_is_the_best_learner(finished):
    folder = finished(
        {"at50, tuned": (TUNED_RULE, 1.0), "ppo": (LEARNER, 2.0), "ppo1": (LEARNER, 3.0)},
        trainings={"ppo": {"group": "memoryless", "validation": 9.0}},
    )
    assert decided(folder)[ABOVE][1].startswith("ppo 2.0")


def test_a_single_seed_is_never_the_best_learner():
    results = Results(
        HERE,
        [
            row("ppo", LEARNER, "return", 2.0),
            row("ppo", LEARNER, "validation_return", 2.0),
            row("ppo seed 1", SEED, "return", 3.0),
            row("ppo seed 1", SEED, "validation_return", 3.0),
        ],
    )
    assert results.best(LEARNER) == "ppo"


def test_a_learner_that_was_never_judged_is_not_preferred():
    results = Results(
        HERE,
        [
            row("sac", LEARNER, "return", 3.0),
            row("ppo", LEARNER, "return", 2.0),
            row("ppo", LEARNER, "validation_return", -9.0),
        ],
    )
    assert results.best(LEARNER) == "ppo"


@pytest.mark.parametrize("noisy", [None, "ppo"])
@pytest.mark.parametrize(("learner", "verdict"), [(2.8, MET), (2.3, MISSED)])
def test_the_gap_is_that_from_the_rule_to_the_oracle(learner, verdict, noisy, finished):
    policies = {**BAR, "oracle": (ORACLE, 3.0), "ppo": (LEARNER, learner)}
    found = decided(finished(policies, noisy=noisy))[CLOSED]
    assert found[0] == verdict and found[1].startswith(f"ppo {100 * (learner - 2.0):.1f} (")


@pytest.mark.parametrize("learner", [2.697, 2.703])
def test_a_gap_whose_interval_holds_the_aim_is_neither_closed_nor_not(learner, finished):
    policies = {**BAR, "oracle": (ORACLE, 3.0), "ppo": (LEARNER, learner)}
    assert decided(finished(policies, noisy="ppo"))[CLOSED][0] == UNDECIDED


@pytest.mark.parametrize(("oracle", "noisy"), [(1.0, None), (2.0, None), (2.005, "oracle")])
def test_an_oracle_that_may_be_no_better_than_the_rule_shows_no_gap(oracle, noisy, finished):
    policies = {**BAR, "oracle": (ORACLE, oracle), "ppo": (LEARNER, 1.0)}
    assert decided(finished(policies, noisy=noisy))[CLOSED] == (UNDECIDED, "no gap is seen between them.")


def test_learners_that_see_the_true_state_are_compared_with_the_oracle_alone(finished):
    policies = {**BAR, "ppo": (LEARNER, 2.9), "oracle": (ORACLE, 3.0)}
    found = decided(finished(policies, observation="full"))
    assert list(found) == [CLOSED] and found[CLOSED][0] == MET and "ppo 90.0 (" in found[CLOSED][1]


@pytest.mark.parametrize(("gain", "verdict"), [(0.5, MET), (-0.5, MISSED), (0.005, UNDECIDED), (-0.005, UNDECIDED)])
def test_every_learner_is_held_against_the_maximum_tolerated_dose(gain, verdict):
    rows = [row(name, LEARNER, "return", 2.0) for name in ("ppo", "sac")]
    rows += [row("ppo", LEARNER, f"minus_{STANDARD}", gain), row("sac", LEARNER, f"minus_{STANDARD}", 1.0)]
    found = {each.aim: each.verdict for each in verdicts(Results(HERE, rows))}
    assert found == {
        "ppo not below the maximum tolerated dose": verdict,
        "sac not below the maximum tolerated dose": MET,
    }


def test_a_learner_that_may_be_above_or_below_the_maximum_tolerated_dose_is_neither(finished):
    policies = {STANDARD: (RULE, 2.0), "ppo": (LEARNER, 2.005)}
    found = decided(finished(policies, noisy="ppo", shift="faster_mutation"))
    assert found["ppo not below the maximum tolerated dose"][0] == UNDECIDED


@pytest.mark.parametrize(("doubled", "verdict"), [(3.01, MET), (3.3, MISSED), (2.7, MISSED), (3.06, UNDECIDED)])
def test_a_planner_has_converged_where_twice_the_copies_change_little(doubled, verdict, finished):
    policies = {"oracle": (ORACLE, 3.0), "oracle, doubled": (ORACLE, doubled)}
    found = decided(finished(policies, noisy="oracle, doubled"))
    assert {aim: each[0] for aim, each in found.items()} == {
        "oracle changes by less than 2 % with twice the copies": verdict
    }


@pytest.mark.parametrize(
    ("share", "reach", "verdict"),
    [(0.995, 0.01, MET), (0.98, 0.01, UNDECIDED), (0.9, 0.01, MISSED), (0.9, math.nan, UNDECIDED)],
)
def test_the_learner_that_is_best_on_validation_patients_is_measured_by_the_optimum(share, reach, verdict):
    rows = [row("containment, tuned", TUNED_RULE, "share_of_optimum", 0.9)]
    for name, own, validation in (("ppo", 0.999, 3.0), ("ppo, full observation", share, 5.0)):
        rows.append(row(name, LEARNER, "share_of_optimum", own, reach))
        rows.append(row(name, LEARNER, "validation_return", validation))
    (found,) = verdicts(Results(HERE, rows))
    assert (found.aim, found.verdict) == (NEAR, verdict)
    assert found.found.startswith(f"ppo, full observation {100 * share:.1f} ")


def test_where_there_are_no_rows_nothing_is_decided():
    results = Results(HERE, [])
    assert verdicts(results) == [] and results.policies() == [] and results.best(LEARNER) is None
