"""Means, shares, ratios and paired differences with their 95 % intervals. Survival: `survival_statistics.py`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
CONFIDENCE = 0.95
RESAMPLES = 2000  # of the bootstrap: Monte Carlo error of an interval's end is about 2 % of its width
BOOTSTRAP_SEED = 20_260  # fixed, so that the same table gives the same interval


class Estimate(NamedTuple):
    """A value with its 95 % interval; `nan` where it cannot be had (a median that is not reached)."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> Estimate:
        """The same in another unit."""
        return Estimate(*(number * factor for number in self))


def mean_of_sums(count: int, total: float, squares: float) -> Estimate:
    """The mean with an interval by the central limit theorem, where only the sums of values and squares are known."""
    value = total / count
    if count < 2:
        return Estimate(value, math.nan, math.nan)
    variance = max(squares / count - value**2, 0.0) * count / (count - 1)
    reach = normal_quantile() * math.sqrt(variance / count)
    return Estimate(value, value - reach, value + reach)


def mean(values: ArrayLike) -> Estimate:
    """The mean with a percentile bootstrap interval."""
    return _bootstrapped(values, np.mean)


def mean_of_seeds(values: ArrayLike) -> Estimate:
    """The mean over trainings and patients, (seed, patient); the bootstrap draws both anew.

    The same patients meet every seed's policy, so a resample takes whole patients and whole seeds. One patient has no
    interval.
    """
    sample = np.atleast_2d(np.asarray(values, dtype=np.float64))
    return _over_seeds(sample.shape, lambda seeds, patients: sample[np.ix_(seeds, patients)].mean())


def ratio_of_means(values: ArrayLike, reference: ArrayLike) -> Estimate:
    """Mean of `values` over the mean of `reference`, (seed, patient) each, of the same patients and seeds.

    Raises:
        ValueError: they do not fit each other.
    """
    sample, other = (np.atleast_2d(np.asarray(each, dtype=np.float64)) for each in (values, reference))
    if sample.shape != other.shape:
        raise ValueError(f"reference must have shape {sample.shape}, got {other.shape}")

    def ratio(seeds: Rows, patients: Rows) -> float:
        drawn = np.ix_(seeds, patients)
        return float(sample[drawn].mean() / other[drawn].mean())

    return _over_seeds(sample.shape, ratio)


def _over_seeds(shape: tuple[int, ...], statistic: Callable[[Rows, Rows], float]) -> Estimate:
    """A statistic of chosen seeds and patients: of all of them, with a percentile interval over resamples of both."""
    seeds, patients = shape
    if patients == 1:
        return Estimate(float(statistic(np.arange(seeds), np.arange(patients))), math.nan, math.nan)
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    resampled = [
        statistic(generator.integers(seeds, size=seeds), generator.integers(patients, size=patients))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(resampled, [(1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0])
    return Estimate(float(statistic(np.arange(seeds), np.arange(patients))), float(low), float(high))


def interquartile_mean(values: ArrayLike) -> Estimate:
    """Mean of the middle half, which neither the luckiest nor the unluckiest move (Agarwal2021); bootstrap interval."""
    return _bootstrapped(values, lambda sample, axis=-1: stats.trim_mean(sample, 0.25, axis=axis))


def _bootstrapped(values: ArrayLike, statistic: Any) -> Estimate:
    sample = sample_of(values)
    if sample.size == 1:
        return Estimate(float(sample[0]), float("nan"), float("nan"))
    result = stats.bootstrap(
        (sample,),
        statistic,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        batch=200,
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    interval = result.confidence_interval
    return Estimate(float(statistic(sample)), float(interval.low), float(interval.high))


def proportion(happened: ArrayLike) -> Estimate:
    """A share with Wilson's interval, which is honest at 0 and 1."""
    flags = np.asarray(happened, dtype=bool)
    return proportion_of_counts(int(flags.sum()), int(flags.size))


def proportion_of_counts(happened: int, count: int) -> Estimate:
    """The same of so many among so many."""
    interval = stats.binomtest(happened, count).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Estimate(happened / count, float(interval.low), float(interval.high))


def improvement(values: ArrayLike, reference: ArrayLike) -> Estimate:
    """Share of patients with a higher value than in the reference, equals counted half.

    The interval is Wilson's, which is honest at 0 and 1; with equals it is wider than it need be.
    """
    sample, other = sample_of(values), sample_of(reference)
    if sample.shape != other.shape:
        raise ValueError(f"paired values must have equal length, got {sample.size} and {other.size}")
    better = np.where(sample > other, 1.0, np.where(sample == other, 0.5, 0.0))
    share, count, quantile = float(better.mean()), better.size, normal_quantile()
    centre = (share + quantile**2 / (2 * count)) / (1 + quantile**2 / count)
    spread = math.sqrt(share * (1 - share) / count + quantile**2 / (4 * count**2))
    reach = quantile * spread / (1 + quantile**2 / count)
    return Estimate(share, max(0.0, centre - reach), min(1.0, centre + reach))


def paired_difference(values: ArrayLike, reference: ArrayLike) -> Estimate:
    """Mean of `values - reference`, patient by patient, with Student's interval."""
    sample, other = sample_of(values), sample_of(reference)
    if sample.shape != other.shape:
        raise ValueError(f"paired values must have equal length, got {sample.size} and {other.size}")
    difference = sample - other
    centre = float(difference.mean())
    if difference.size == 1:
        return Estimate(centre, float("nan"), float("nan"))
    error = float(difference.std(ddof=1)) / float(np.sqrt(difference.size))
    reach = float(stats.t.ppf((1.0 + CONFIDENCE) / 2.0, difference.size - 1)) * error
    return Estimate(centre, centre - reach, centre + reach)


def sample_of(values: ArrayLike) -> FloatArray:
    """The numbers as an array.

    Raises:
        ValueError: none, not in one row, or not finite.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"a sample must be a non-empty list of numbers, got shape {sample.shape}")
    if not np.isfinite(sample).all():
        raise ValueError(f"a sample must be finite, got {int((~np.isfinite(sample)).sum())} values that are not")
    return sample


def normal_quantile() -> float:
    """Half the width of the interval in standard errors, of a normal estimate."""
    return float(stats.norm.ppf((1.0 + CONFIDENCE) / 2.0))
