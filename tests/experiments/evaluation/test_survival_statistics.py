"""Survival against values worked out by hand or published."""

import math

import numpy as np
import pytest

from metaenv_experiments.evaluation import survival_statistics

TIMES, EVENTS = [1.0, 2.0, 3.0, 4.0, 5.0], [True, False, True, True, False]

# Remission under 6-mercaptopurine, weeks (Freireich et al. 1963), with the estimates every textbook prints.
REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_kaplan_meier_multiplies_the_shares_that_survive_each_event():
    curve = survival_statistics.kaplan_meier(TIMES, EVENTS)
    assert curve.time.tolist() == [0, 1, 2, 3, 4, 5]
    expected = [1, 4 / 5, 4 / 5, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3 * 1 / 2, 4 / 5 * 2 / 3 * 1 / 2]
    np.testing.assert_allclose(curve.survival, expected)
    assert curve.censored.tolist() == [2, 5]


def test_band_is_log_log_with_greenwoods_variance():
    curve = survival_statistics.kaplan_meier(TIMES, EVENTS)
    survival = 4 / 5 * 2 / 3
    error = np.sqrt(1 / (5 * 4) + 1 / (3 * 2)) / np.log(survival)
    ends = survival ** np.exp(np.array([-1.0, 1.0]) * 1.959963984540054 * error)
    np.testing.assert_allclose(sorted([curve.low[3], curve.high[3]]), sorted(ends))


def test_band_is_certain_before_the_first_event_and_carried_on_after_the_last():
    curve = survival_statistics.kaplan_meier([1.0, 2.0, 3.0], [False, True, True])
    assert (curve.low[1], curve.high[1]) == (1.0, 1.0)
    assert curve.survival[3] == 0.0
    assert (curve.low[3], curve.high[3]) == (curve.low[2], curve.high[2])
    assert np.isfinite(curve.low).all() and np.isfinite(curve.high).all()


def test_remission_data_give_the_textbook_median_and_restricted_mean():
    assert survival_statistics.median(survival_statistics.kaplan_meier(REMISSION, RELAPSED))[:2] == (23.0, 13.0)
    mean = survival_statistics.restricted_mean(REMISSION, RELAPSED, 35.0)
    assert mean.value == pytest.approx(23.287, abs=1e-3)
    assert (mean.high - mean.low) / 2 / 1.959964 == pytest.approx(2.827, abs=1e-3)


def test_logrank_of_the_remission_data_is_as_published():
    p = survival_statistics.logrank(REMISSION, RELAPSED, PLACEBO, [True] * len(PLACEBO))
    assert p == pytest.approx(4.17e-5, rel=1e-2)  # chi-squared 16.79


def test_a_median_that_is_not_reached_is_nan():
    median = survival_statistics.median(survival_statistics.kaplan_meier([1.0, 2.0, 3.0], [True, False, False]))
    assert np.isnan(median.value) and np.isnan(median.high)


def test_logrank_finds_nothing_where_nothing_can_be_found():
    assert survival_statistics.logrank([1.0, 2.0], [False, False], [1.0, 3.0], [False, False]) == 1.0
    assert survival_statistics.logrank([5.0, 5.0], [True, True], [5.0, 5.0], [True, True]) == 1.0


def test_restricted_mean_without_censoring_is_the_mean_within_the_horizon():
    times = [10.0, 20.0, 60.0]
    assert survival_statistics.restricted_mean(times, [True] * 3, 100.0).value == pytest.approx(30.0)
    assert survival_statistics.restricted_mean(times, [True] * 3, 40.0).value == pytest.approx((10 + 20 + 40) / 3)


def test_restricted_mean_of_a_curve_that_ends_censored_counts_nothing_beyond():
    assert survival_statistics.restricted_mean([10.0, 20.0], [True, False], 100.0).value == pytest.approx(
        10.0 + 0.5 * 10.0
    )


def test_restricted_mean_of_nobodys_event_is_the_horizon():
    assert survival_statistics.restricted_mean([100.0, 100.0], [False, False], 100.0) == (100.0, 100.0, 100.0)


def test_negative_times_are_refused():
    with pytest.raises(ValueError, match="times must be >= 0"):
        survival_statistics.kaplan_meier([-1.0], [True])


def test_a_smoothed_median_lies_between_the_visits_where_events_are_found():
    """Three of ten at day 10, three at 20, four at 30: middles 0.85, 0.55, 0.2, so half at 20 + 10 x 0.05 / 0.35."""
    curve = survival_statistics.kaplan_meier([10.0] * 3 + [20.0] * 3 + [30.0] * 4, [True] * 10)
    assert survival_statistics.median(curve).value == 20.0
    assert survival_statistics.smoothed_median(curve) == pytest.approx(20.0 + 10.0 * 0.05 / 0.35)


def test_a_smoothed_median_of_many_times_is_their_median():
    days = np.random.default_rng(0).exponential(100.0, 2_001)
    curve = survival_statistics.kaplan_meier(days, np.ones(2_001, dtype=bool))
    assert survival_statistics.smoothed_median(curve) == pytest.approx(np.median(days), rel=1e-3)


def test_a_smoothed_median_that_is_not_reached_is_no_number():
    curve = survival_statistics.kaplan_meier([10.0, 20.0, 30.0], [True, False, False])
    assert math.isnan(survival_statistics.smoothed_median(curve))


def test_a_smoothed_median_where_all_fall_at_once_is_that_day():
    curve = survival_statistics.kaplan_meier([40.0] * 4, [True] * 4)
    assert survival_statistics.smoothed_median(curve) == pytest.approx(40.0)


def test_petos_hazard_ratio_of_the_remission_data():
    """O = 9, E = 19.25, V = 6.257 for 6-mercaptopurine, as every textbook works out for the logrank test."""
    found = survival_statistics.hazard_ratio(REMISSION, RELAPSED, PLACEBO, [1] * 21)
    assert found.value == pytest.approx(math.exp((9 - 19.25) / 6.257), rel=2e-3)
    assert math.log(found.high / found.value) == pytest.approx(1.96 / math.sqrt(6.257), rel=2e-3)


def test_the_hazard_ratio_turns_around_with_the_groups_and_is_one_for_equal_ones():
    one = survival_statistics.hazard_ratio(REMISSION, RELAPSED, PLACEBO, [1] * 21)
    other = survival_statistics.hazard_ratio(PLACEBO, [1] * 21, REMISSION, RELAPSED)
    assert one.value * other.value == pytest.approx(1.0)
    assert survival_statistics.hazard_ratio(PLACEBO, [1] * 21, PLACEBO, [1] * 21).value == pytest.approx(1.0)


def test_without_events_there_is_no_hazard_ratio():
    assert math.isnan(survival_statistics.hazard_ratio([1.0, 2.0], [0, 0], [3.0], [0]).value)
