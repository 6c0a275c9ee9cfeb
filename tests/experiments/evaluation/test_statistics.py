"""Estimates against values worked out by hand or published."""

import numpy as np
import pytest

from metaenv_experiments.evaluation import statistics


def test_paired_difference_has_students_interval():
    difference = statistics.paired_difference([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    reach = 4.302652729696142 / np.sqrt(3)  # t quantile of 2 degrees of freedom, standard deviation 1
    np.testing.assert_allclose(difference, (2.0, 2.0 - reach, 2.0 + reach))


def test_paired_difference_of_unequal_lengths_is_refused():
    with pytest.raises(ValueError, match="equal length, got 2 and 3"):
        statistics.paired_difference([1.0, 2.0], [1.0, 2.0, 3.0])


def test_bootstrap_interval_of_many_values_is_the_normal_one():
    sample = np.random.default_rng(1).normal(5.0, 2.0, size=2000)
    estimate = statistics.mean(sample)
    assert estimate.value == pytest.approx(sample.mean())
    reach = 1.959964 * sample.std() / np.sqrt(sample.size)
    assert (estimate.high - estimate.low) / 2 == pytest.approx(reach, rel=0.08)


def test_bootstrap_of_equal_values_has_no_width():
    assert statistics.mean([1.0, 1.0, 1.0]) == (1.0, 1.0, 1.0)


def test_proportion_has_wilsons_interval():
    z = 1.959963984540054
    nobody = statistics.proportion([False] * 10)
    assert (nobody.value, nobody.low) == (0.0, 0.0)
    assert nobody.high == pytest.approx(z**2 / (10 + z**2))


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [[1.0, 2.0]]])
def test_a_sample_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="sample must be"):
        statistics.mean(bad)


def test_the_interquartile_mean_is_that_of_the_middle_half():
    found = statistics.interquartile_mean([-1e6, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1e9])
    assert found.value == pytest.approx(3.5)
    assert found.low < found.value < found.high


def test_improvement_counts_equals_half():
    found = statistics.improvement([1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 9.0, 3.0])
    assert found.value == 0.625
    assert 0.0 <= found.low < found.value < found.high <= 1.0


@pytest.mark.parametrize(("better", "count"), [(10, 10), (0, 10), (7, 10), (512, 1024)])
def test_improvement_without_equals_is_a_share_with_its_interval(better, count):
    values = np.repeat([1.0, -1.0], [better, count - better])
    found = statistics.improvement(values, np.zeros(count))
    np.testing.assert_allclose(found, statistics.proportion(values > 0.0), rtol=1e-9)


def test_one_patient_has_no_interval_however_many_trainings():
    for found in (statistics.mean_of_seeds([[1.0], [3.0]]), statistics.ratio_of_means([[1.0], [3.0]], [[1.0], [1.0]])):
        assert found.value == 2.0 and np.isnan([found.low, found.high]).all()


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
