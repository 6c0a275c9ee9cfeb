"""Counts and sums of a population say what the table of its patients says, whoever counts, whenever."""

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.evaluation import metrics, outcome_counts, statistics, survival_statistics
from metaenv_experiments.evaluation.outcome_counts import Outcome, added, outcome, tally
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task


@pytest.fixture(scope="module")
def episodes():
    task = Task(disease="prostate", cohort="test", patients=1, seed=0)
    return rule("at50", task).play(task, np.arange(1_000_000, 1_000_024)).episodes


def counted(episodes, size):
    total = pd.Series(dtype=np.float64)
    for first in range(0, len(episodes), size):
        total = added(total, tally(episodes.iloc[first : first + size]))
    return outcome(total)


@pytest.mark.parametrize("size", [24, 7, 1])
def test_counts_say_what_the_table_says(episodes, size):
    found = counted(episodes, size)
    assert isinstance(found, Outcome) and found.patients == 24
    for name, days, event in metrics.EVENTS:
        curve = survival_statistics.kaplan_meier(episodes[days], episodes[event])
        np.testing.assert_allclose(found.medians[name], np.ceil(survival_statistics.median(curve)))
    for name in ("return", "dose_intensity_abiraterone"):
        values = episodes[name].to_numpy(dtype=float)
        assert found.means[name].value == pytest.approx(values.mean())
        reach = 1.959964 * values.std(ddof=1) / np.sqrt(24)
        assert found.means[name].high - found.means[name].value == pytest.approx(reach, abs=1e-7)
    for name in outcome_counts.SHARES:
        assert found.shares[name] == statistics.proportion(episodes[name])


@pytest.mark.parametrize("size", [9, 10, 400])
@pytest.mark.parametrize("censored", [0.0, 0.3, 1.0])
def test_the_median_of_counts_is_that_of_the_curve(size, censored):
    rng = np.random.default_rng(3)
    for _ in range(100):
        days = rng.integers(1, 15, size=size).astype(float)
        died = rng.random(size) >= censored
        moments = np.unique(days)
        numbers = [np.array([(happened & (days == day)).sum() for day in moments], float) for happened in (died, ~died)]
        expected = survival_statistics.median(survival_statistics.kaplan_meier(days, died))
        np.testing.assert_allclose(survival_statistics.median_of_counts(moments, *numbers), expected)


def test_a_half_that_is_a_product_of_fractions_is_a_half():
    days = np.array([13, 3, 1, 6, 1, 11, 3, 9, 10, 14], dtype=float)
    died = np.array([False, *[True] * 9])
    assert survival_statistics.median(survival_statistics.kaplan_meier(days, died)).value == 6.0


def test_what_is_kept_does_not_grow_with_the_patients():
    rng, horizon = np.random.default_rng(0), 300.0
    total, rows = pd.Series(dtype=np.float64), []
    for _ in range(12):
        days = np.minimum(rng.exponential(200.0, size=20_000), horizon)
        columns = {"survival_days": days, "progression_days": days / 2, "return": days, "dose_intensity_a": days}
        flags = {"died": days < horizon, "progressed": days < horizon, "toxic": days < 9.0, "cured": days < 0.0}
        total = added(total, tally(pd.DataFrame(columns | flags)))
        rows.append(len(total))
    assert outcome(total).patients == 240_000
    assert rows[-1] == rows[2] < 4 * horizon
