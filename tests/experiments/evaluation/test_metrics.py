"""From rows to estimates."""

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.metrics import choose_reference, compare, difference
from metaenv_experiments.running.options import UsageError


def rows(policy, returns, days, died=True):
    count = len(returns)
    return pd.DataFrame(
        {
            "policy": policy,
            "patient": np.arange(count),
            "return": np.array(returns, dtype=float),
            "survival_days": np.array(days, dtype=float),
            "died": died,
            "cause": "cancer" if died else "alive",
            "progression_days": np.array(days, dtype=float) / 2,
            "progressed": True,
            "cured": False,
            "dose_intensity_drug": 0.5,
            "toxic": False,
        }
    )


STANDARD = rows("maximum_tolerated_dose", [1.0, 2.0, 3.0], [100, 200, 300])
NEW = rows("new", [2.0, 4.0, 6.0], [200, 400, 600])


def test_outcomes_and_differences_are_those_of_the_rows():
    comparison = compare(pd.concat([STANDARD, NEW]), horizon=1000.0, reference="maximum_tolerated_dose")
    assert comparison.patients == 3
    assert comparison.policies["new"]["return"].value == pytest.approx(4.0)
    assert comparison.policies["new"]["survival_median_days"].value == 400.0
    assert comparison.policies["new"]["survival_mean_days"].value == pytest.approx(400.0)
    assert comparison.policies["new"]["progression_mean_days"].value == pytest.approx(200.0)
    assert list(comparison.differences) == ["new"]
    assert comparison.differences["new"].gain.value == pytest.approx(2.0)
    assert comparison.differences["new"].survival.value == pytest.approx(200.0)


def test_a_policy_under_which_all_live_longer_improves_all_and_has_the_smaller_hazard():
    """Progression comes in another order, so that its p value is its own."""
    new = NEW.assign(progression_days=[90.0, 140.0, 40.0])
    found = difference(new, STANDARD)
    assert found.improved.value == 1.0 and found.hazard_ratio.value < 1.0
    back = difference(STANDARD, new)
    assert back.improved.value == 0.0 and back.hazard_ratio.value == pytest.approx(1.0 / found.hazard_ratio.value)
    for days, event, p in (
        ("survival_days", "died", found.survival_p),
        ("progression_days", "progressed", found.progression_p),
    ):
        assert p == survival_statistics.logrank(new[days], new[event], STANDARD[days], STANDARD[event])
    assert found.survival_p != found.progression_p


def test_pairs_are_matched_by_patient_not_by_row():
    gain = difference(NEW.sample(frac=1.0, random_state=1), STANDARD).gain
    assert gain == difference(NEW, STANDARD).gain


def test_policies_that_treated_others_are_not_compared():
    with pytest.raises(ValueError, match="same patients"):
        difference(NEW.iloc[:2], STANDARD)


def test_reference_is_the_standard_of_care_where_it_takes_part():
    assert choose_reference(None, ["at50", "maximum_tolerated_dose"]) == "maximum_tolerated_dose"
    assert choose_reference(None, ["at50", "random"]) == "at50"
    with pytest.raises(UsageError, match="--reference must be one of at50"):
        choose_reference("standard", ["at50"])
