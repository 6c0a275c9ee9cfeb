"""The page of results: what stands in it is what the episodes say, and verdicts follow the intervals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metaenv_experiments.reporting.results import Stored, origin_of, page, section, updated
from metaenv_experiments.studies.optimum.page import StoredOptimum

from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, RULE, TUNED_RULE

PATIENTS = 200
LUCK = np.random.default_rng(0).normal(0.0, 0.1, PATIENTS)


def stored(means, *, shift=None):
    """A benchmark of policies `{name: (kind, mean return)}`; names that end in a digit are seeds of one learner."""
    tables = [
        pd.DataFrame(
            {
                "policy": name,
                "patient": np.arange(PATIENTS),
                "return": mean + LUCK,
                "survival_days": 365.25 * (mean + LUCK),
                "died": True,
                "progression_days": 100.0,
                "progressed": True,
                "cured": False,
                "toxic": False,
                "dose_intensity_drug": 0.5,
            }
        )
        for name, (_, mean) in means.items()
    ]
    summary = {
        "task": {"disease": "lung", "cohort": "test", "shift": shift, "patients": PATIENTS, "seed": 3}
        | {"environment": "metaenv/Lung-v0"},
        "return_unit": "quality-adjusted years",
        "scenario": {"drugs": ["drug"], "horizon_days": 3650.0, "visit_interval_days": 28.0},
        "kinds": {name: kind for name, (kind, _) in means.items()},
        "parameters": {
            name: {"algo": name.rstrip("0123456789"), "group": "runs", "validation": mean}
            | {"command": f"train --out runs/{name}", "commit": "f" * 40}
            for name, (_, mean) in means.items()
        },
    }
    provenance = {"commit": "0123456789abcdef", "dirty": False, "arguments": ["benchmark", "--disease", "lung"]}
    return Stored(name="trial", summary=summary, episodes=pd.concat(tables), provenance=provenance)


def lines(*arguments, noisy=None, **options):
    """The section, and its verdicts; one policy may be noisy, so that what it gains differs from patient to patient."""
    told = stored(*arguments, **options)
    if noisy is not None:
        noise = np.random.default_rng(5).normal(0.0, 0.1, PATIENTS)
        told.episodes.loc[told.episodes["policy"] == noisy, "return"] += noise - noise.mean()
    text = section(told)
    said = [line for line in text.splitlines() if line.startswith("- ")]
    return text, [line for line in said if "metaenv train" not in line]


TOUCHING = "**missed**: the intervals touch"


@pytest.mark.parametrize(
    ("learner", "verdict"),
    [(3.0, "**met**"), (2.01, TOUCHING), (2.0, TOUCHING), (1.99, TOUCHING), (1.0, "the rule is better")],
)
def test_a_learner_is_above_the_rule_only_where_the_intervals_do_not_touch(learner, verdict):
    text, said = lines({"at50, tuned": (TUNED_RULE, 2.0), "ppo": (LEARNER, learner)})
    assert len(said) == 1 and verdict in said[0]
    assert "- ppo: `metaenv train --out runs/ppo`, commit `ffffffffffff`" in text
    assert "`0123456789ab`" in text and "    metaenv benchmark --disease lung" in text


def test_an_update_replaces_the_sections_of_its_runs_and_keeps_the_others():
    mean = {"a": 1.0, "my b": 2.0, "d": 3.0}
    old = {
        Path(f"runs/{name}"): section(stored({"at50": (RULE, mean[name])})._replace(name=name))
        for name in ("a", "my b")
    }
    fresh = {
        Path(f"again/{name}"): section(stored({"at50": (RULE, mean[name])})._replace(name=name)) for name in ("d", "a")
    }
    found = updated(page(old.values(), origin=origin_of(old, Path("RESULTS.md"))), fresh)
    assert list(found) == [Path("again/a"), Path("runs/my b"), Path("again/d")]
    assert list(found.values()) == [fresh[Path("again/a")], old[Path("runs/my b")], fresh[Path("again/d")]]
    assert updated(page(found.values(), origin=origin_of(found, Path("my results.md"))), {}) == found


@pytest.mark.parametrize("text", ["", "# Results\n\n## One (a)", "metaenv results --runs a --report b"])
def test_only_a_page_of_results_can_be_updated(text):
    with pytest.raises(ValueError, match="not one section for each run"):
        updated(text, {})


def test_every_verdict_stands_at_the_top_with_the_way_to_its_page():
    parts = [
        section(stored({"at50, tuned": (TUNED_RULE, 2.0), "ppo": (LEARNER, mean)})._replace(name=name))
        for name, mean in (("good", 3.0), ("poor", 2.0))
    ]
    text = page(parts, origin="")
    rows = [line.split(" | ") for line in text.partition("\n## ")[0].splitlines() if line.startswith("| [")]
    link = "| [Lung, test cohort ({0})](#lung-test-cohort-{0})"
    aim = "Best learner above the best tuned rule"
    assert [row[0] for row in rows] == [link.format("good"), link.format("poor")]
    assert [row[1:3] for row in rows] == [[aim, "**met**"], [aim, "**missed**"]]
    assert rows[0][3].startswith("ppo 3.00 (") and rows[1][3].startswith("the intervals touch. ppo 2.00 (")


def test_a_page_without_a_verdict_has_no_table_of_them():
    assert "| verdict |" not in page([section(stored({"at50": (RULE, 1.0)}))], origin="")


def test_a_heading_tells_a_visit_interval_that_was_asked_for():
    rare = stored({"at50": (RULE, 1.0)}, shift="faster_mutation")
    rare.summary["task"]["visit_interval"] = 28.0
    heading = section(rare).splitlines()[0]
    assert heading == "## Lung, test cohort, a visit every 28 days, shifted: faster mutation (trial)"


def test_policies_stand_in_the_order_of_their_return_with_their_regret():
    text, _ = lines({"at50": (RULE, 1.0), "oracle": (ORACLE, 3.0), "ppo": (LEARNER, 2.0)})
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "policy" not in line][1:]
    assert [row[0].removeprefix("| ") for row in rows] == ["oracle", "ppo", "at50"]
    assert rows[1][-1].startswith("1.00 (") and rows[2][-1].startswith("2.00 (")


def test_the_bar_is_the_best_of_the_tuned_rules():
    _, said = lines({"at50, tuned": (TUNED_RULE, 1.0), "dose, tuned": (TUNED_RULE, 2.0), "ppo": (LEARNER, 1.5)})
    assert "the rule is better" in said[0] and "dose, tuned 2.00 (" in said[0]


@pytest.mark.parametrize("noisy", [None, "ppo"])
@pytest.mark.parametrize(("learner", "verdict"), [(2.8, "**met**"), (2.3, "**missed**")])
def test_the_gap_is_that_from_the_rule_to_the_oracle(learner, verdict, noisy):
    policies = {"at50, tuned": (TUNED_RULE, 2.0), "oracle": (ORACLE, 3.0), "ppo": (LEARNER, learner)}
    _, said = lines(policies, noisy=noisy)
    assert verdict in said[1] and f"{100 * (learner - 2.0):.1f} (" in said[1]


@pytest.mark.parametrize("learner", [2.697, 2.703])
def test_a_gap_whose_interval_holds_the_aim_is_neither_closed_nor_not(learner):
    policies = {"at50, tuned": (TUNED_RULE, 2.0), "oracle": (ORACLE, 3.0), "ppo": (LEARNER, learner)}
    assert "closed: **undecided**" in lines(policies, noisy="ppo")[1][1]


def test_an_oracle_that_may_be_no_better_than_the_rule_shows_no_gap():
    policies = {"at50, tuned": (TUNED_RULE, 2.0), "oracle": (ORACLE, 2.005), "ppo": (LEARNER, 2.0)}
    assert "**undecided**, no gap is seen" in lines(policies, noisy="oracle")[1][1]


@pytest.mark.parametrize("oracle", [1.0, 2.0])
def test_where_the_oracle_is_not_above_the_rule_there_is_no_gap_to_close(oracle):
    _, said = lines({"at50, tuned": (TUNED_RULE, 2.0), "oracle": (ORACLE, oracle), "ppo": (LEARNER, 1.0)})
    assert "**undecided**, no gap is seen" in said[1]


def test_learners_that_see_the_true_state_are_compared_with_the_oracle_alone():
    told = stored({"at50, tuned": (TUNED_RULE, 2.0), "ppo": (LEARNER, 2.9), "oracle": (ORACLE, 3.0)})
    told.summary["task"]["observation"] = "full"
    text = section(told)
    said = [line for line in text.splitlines() if line.startswith("- ")]
    assert "## Lung, test cohort, true state shown (trial)" in text
    assert said[0].startswith("- No verdict on learners and rules") and "oracle closed: **met**. 90.0 (" in said[1]
    assert not any("above the best tuned rule" in line for line in said)


def test_trainings_of_one_algorithm_are_not_taken_for_seeds_and_the_best_is_chosen_on_validation_patients():
    told = stored({"at50, tuned": (TUNED_RULE, 1.0), "ppo": (LEARNER, 2.0), "ppo1": (LEARNER, 3.0)})
    told.summary["parameters"]["ppo"] |= {"group": "memoryless", "validation": 9.0}
    said = [line for line in section(told).splitlines() if line.startswith("- Best learner")]
    assert "ppo of memoryless 2.0" in said[0]


def test_seeds_of_a_learner_are_one_contender():
    _, said = lines(
        {"at50, tuned": (TUNED_RULE, 1.0), "ppo1": (LEARNER, 2.0), "ppo2": (LEARNER, 3.0), "ppo3": (LEARNER, 4.0)}
    )
    assert "ppo, 3 seeds 3.00 (2." in said[0] and "**met**" in said[0]


@pytest.mark.parametrize(("learner", "verdict"), [(2.5, "**met**"), (1.5, "**missed**")])
def test_on_shifted_patients_learners_are_held_against_the_maximum_tolerated_dose(learner, verdict):
    text, said = lines({"maximum_tolerated_dose": (RULE, 2.0), "ppo": (LEARNER, learner)}, shift="faster_mutation")
    assert verdict in said[0] and "shifted: faster mutation" in text


@pytest.mark.parametrize("learner", [1.995, 2.005])
def test_a_learner_that_may_be_above_or_below_the_maximum_tolerated_dose_is_neither(learner):
    policies = {"maximum_tolerated_dose": (RULE, 2.0), "ppo": (LEARNER, learner)}
    _, said = lines(policies, noisy="ppo", shift="faster_mutation")
    assert "not below the maximum tolerated dose: **undecided**" in said[0]


@pytest.mark.parametrize(
    ("doubled", "verdict"), [(3.01, "**met**"), (3.3, "**missed**"), (2.7, "**missed**"), (3.06, "**undecided**")]
)
def test_a_planner_has_converged_where_twice_the_copies_change_little(doubled, verdict):
    policies = {"oracle": (ORACLE, 3.0), "oracle, doubled": (ORACLE, doubled)}
    said = [line for line in lines(policies, noisy="oracle, doubled")[1] if "twice the copies:" in line]
    assert len(said) == 1 and verdict in said[0]


def test_the_interval_of_seeds_is_that_of_their_means_where_patients_are_alike():
    seeds = np.repeat([[1.0], [2.0], [3.0], [4.0], [5.0]], 50, axis=1)
    found = statistics.mean_of_seeds(seeds)
    assert found.value == 3.0 and 1.4 <= found.low <= 2.2 and 3.8 <= found.high <= 4.6


def test_the_interval_of_seeds_is_that_of_both_where_seeds_and_patients_differ():
    """Against the normal approximation: the variances of the two means add."""
    generator = np.random.default_rng(3)
    returns = generator.normal(0.0, 0.3, (40, 1)) + generator.normal(0.0, 2.0, (1, 400))
    found = statistics.mean_of_seeds(returns)
    wanted = 1.96 * np.sqrt(returns.mean(axis=1).var() / 40 + returns.mean(axis=0).var() / 400)
    assert (found.high - found.low) / 2 == pytest.approx(wanted, rel=0.08)


def test_the_interval_of_a_ratio_of_means_is_that_of_the_delta_method():
    generator = np.random.default_rng(4)
    below = generator.normal(3.0, 1.0, (1, 400))
    above = 0.5 * below + generator.normal(0.0, 1.0, (1, 400))
    found = statistics.ratio_of_means(above, below)
    wanted = 1.96 * (above - found.value * below).std() / below.mean() / np.sqrt(400)
    assert found.value == pytest.approx(above.mean() / below.mean())
    assert (found.high - found.low) / 2 == pytest.approx(wanted, rel=0.08)


def test_a_ratio_of_means_is_sharp_where_one_is_a_multiple_of_the_other():
    values = np.random.default_rng(1).uniform(1.0, 2.0, (1, 40))
    assert statistics.ratio_of_means(0.7 * values, values) == pytest.approx((0.7, 0.7, 0.7))


@pytest.mark.parametrize(("share", "verdict"), [(0.995, "**met**"), (0.98, "**undecided**"), (0.9, "**missed**")])
def test_the_learner_that_is_best_on_validation_patients_is_measured_by_the_optimum(share, verdict):
    shares = {"containment, tuned": 0.9, "ppo": 0.999, "ppo, full observation": share}
    summary = {
        "patients": 3,
        "at_stake": 2,
        "optimum_days": 100.0,
        "policies": {
            name: {
                "share": {"value": mean, "low": mean - 0.01, "high": mean + 0.01},
                **{"median": mean - 0.1, "lowest": mean - 0.2, "highest": 1.0},
            }
            for name, mean in shares.items()
        },
        "kinds": {name: TUNED_RULE if "tuned" in name else LEARNER for name in shares},
        "parameters": {
            name: {"validation": float(len(name)), "command": f"train --out {name}", "commit": None}
            for name in shares
            if "ppo" in name
        },
    }
    provenance = {"commit": "0123456789abcdef", "dirty": False, "arguments": ["study", "optimum", "compare"]}
    text = section(StoredOptimum("strobl", summary, provenance))
    assert f"of the optimum: {verdict}. ppo, full observation {100 * share:.1f} (" in text
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")][2:]
    assert rows[0] == "| ppo"
    assert ") | 89.9 | 79.9 | 100.0 |" in text
    only = summary["policies"]["ppo, full observation"]["share"]
    only["low"] = only["high"] = None  # as stored where one patient is at stake
    text = section(StoredOptimum("strobl", summary, provenance))
    assert f"of the optimum: **undecided**. ppo, full observation {100 * share:.1f} %." in text


def test_a_training_that_was_stopped_or_prolonged_is_told_as_such():
    one = stored({"ppo": (LEARNER, 1.0)})
    one.summary["parameters"]["ppo"] |= {"finished": False, "begun": "train --total-timesteps 1"}
    assert "`metaenv train --out runs/ppo`, begun as `train --total-timesteps 1`, **not finished**" in section(one)
