"""Estimates with their 95 % interval. Times in days; an event is True, a censored time False."""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
CONFIDENCE = 0.95
RESAMPLES = 2000  # of the bootstrap: Monte Carlo error of an interval's end is about 2 % of its width
BOOTSTRAP_SEED = 20_260  # fixed, so that the same table gives the same interval


class Estimate(NamedTuple):
    """A value with its 95 % interval; `nan` where it cannot be had (a median that is not reached)."""

    value: float
    low: float
    high: float


class Curve(NamedTuple):
    """A Kaplan–Meier curve as a step function: `survival[i]` holds from `time[i]` until `time[i + 1]`."""

    time: FloatArray  # days, starts at 0
    survival: FloatArray  # fraction without event
    low: FloatArray  # lower end of the pointwise 95 % band
    high: FloatArray  # upper end
    censored: FloatArray  # days at which somebody was censored


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> Curve:
    """The product-limit estimate with a pointwise log-log band.

    The band is undefined where nobody has had the event yet (then it is 1) and where nobody is left without it
    (then the last defined band is carried on).
    """
    times, events = _checked(time, event)
    function = stats.ecdf(stats.CensoredData(uncensored=times[events], right=times[~events])).sf
    survival = np.concatenate([[1.0], function.probabilities])
    low, high = _band(function, survival)
    moments = np.concatenate([[0.0], function.quantiles])
    return Curve(moments, survival, low, high, np.sort(times[~events]))


def median(curve: Curve) -> Estimate:
    """Days until half have had the event; the interval inverts the band (Brookmeyer and Crowley 1982)."""
    return Estimate(*(_first_at_most_half(curve.time, line) for line in (curve.survival, curve.low, curve.high)))


def restricted_mean(time: ArrayLike, event: ArrayLike, horizon: float) -> Estimate:
    """Mean days without event within the horizon: the area under the Kaplan–Meier curve, Greenwood's variance.

    A curve that ends before the horizon because everybody left was censored counts as 0 from there on (Efron 1967).
    """
    times, events = _checked(time, event)
    end = min(float(horizon), float(times.max()))
    moments = np.unique(times[events & (times < end)])
    at_risk = np.array([(times >= moment).sum() for moment in moments], dtype=np.float64)
    deaths = np.array([((times == moment) & events).sum() for moment in moments], dtype=np.float64)
    survival = np.concatenate([[1.0], np.cumprod(1.0 - deaths / at_risk)])
    areas = survival * np.diff(np.concatenate([[0.0], moments, [end]]))
    area = float(areas.sum())
    beyond = np.cumsum(areas[::-1])[::-1][1:]  # area under the curve after each event time
    left = at_risk - deaths
    terms = np.divide(deaths * beyond**2, at_risk * left, out=np.zeros_like(left), where=left > 0)
    reach = _normal_quantile() * float(np.sqrt(terms.sum()))
    return Estimate(area, max(0.0, area - reach), min(end, area + reach))


def logrank(time: ArrayLike, event: ArrayLike, other_time: ArrayLike, other_event: ArrayLike) -> float:
    """The two-sided p-value that both groups have the same hazard; 1 where no event could have told them apart."""
    times, events = _checked(time, event)
    other_times, other_events = _checked(other_time, other_event)
    group = stats.CensoredData(uncensored=times[events], right=times[~events])
    other = stats.CensoredData(uncensored=other_times[other_events], right=other_times[~other_events])
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # 0 / 0 where no event can
        p = float(stats.logrank(group, other).pvalue)
    return 1.0 if math.isnan(p) else p


def mean(values: ArrayLike) -> Estimate:
    """The mean with a percentile bootstrap interval."""
    sample = _sample(values)
    if sample.size == 1:
        return Estimate(float(sample[0]), float("nan"), float("nan"))
    result = stats.bootstrap(
        (sample,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        batch=200,
        rng=np.random.default_rng(BOOTSTRAP_SEED),
    )
    interval = result.confidence_interval
    return Estimate(float(sample.mean()), float(interval.low), float(interval.high))


def proportion(happened: ArrayLike) -> Estimate:
    """A share with Wilson's interval, which is honest at 0 and 1."""
    flags = np.asarray(happened, dtype=bool)
    result = stats.binomtest(int(flags.sum()), int(flags.size))
    interval = result.proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Estimate(float(flags.mean()), float(interval.low), float(interval.high))


def paired_difference(values: ArrayLike, reference: ArrayLike) -> Estimate:
    """Mean of `values - reference`, patient by patient, with Student's interval."""
    sample, other = _sample(values), _sample(reference)
    if sample.shape != other.shape:
        raise ValueError(f"paired values must have equal length, got {sample.size} and {other.size}")
    difference = sample - other
    centre = float(difference.mean())
    if difference.size == 1:
        return Estimate(centre, float("nan"), float("nan"))
    error = float(difference.std(ddof=1)) / float(np.sqrt(difference.size))
    reach = float(stats.t.ppf((1.0 + CONFIDENCE) / 2.0, difference.size - 1)) * error
    return Estimate(centre, centre - reach, centre + reach)


def _sample(values: ArrayLike) -> FloatArray:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"a sample must be a non-empty list of numbers, got shape {sample.shape}")
    if not np.isfinite(sample).all():
        raise ValueError(f"a sample must be finite, got {int((~np.isfinite(sample)).sum())} values that are not")
    return sample


def _checked(time: ArrayLike, event: ArrayLike) -> tuple[FloatArray, NDArray[np.bool_]]:
    times, events = _sample(time), np.asarray(event, dtype=bool)
    if times.shape != events.shape:
        raise ValueError(f"time and event must have equal length, got {times.size} and {events.size}")
    if (times < 0).any():
        raise ValueError(f"times must be >= 0 days, got {times.min()}")
    return times, events


def _band(function: Any, survival: FloatArray) -> tuple[FloatArray, FloatArray]:
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # says where it is undefined
        interval = function.confidence_interval(CONFIDENCE, method="log-log")
    low, high = np.ones_like(survival), np.ones_like(survival)
    for i in range(1, survival.size):
        defined = 0.0 < survival[i] < 1.0
        low[i] = interval.low.probabilities[i - 1] if defined else low[i - 1]
        high[i] = interval.high.probabilities[i - 1] if defined else high[i - 1]
    return low, high


def _first_at_most_half(time: FloatArray, line: FloatArray) -> float:
    reached = np.flatnonzero(line <= 0.5)
    return float(time[reached[0]]) if reached.size else float("nan")


def _normal_quantile() -> float:
    return float(stats.norm.ppf((1.0 + CONFIDENCE) / 2.0))
