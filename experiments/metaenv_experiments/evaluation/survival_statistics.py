"""Survival: Kaplan-Meier curves, medians, restricted means, log-rank tests and hazard ratios, with 95 % intervals.

Times in days; an event is True, a censored time False.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from metaenv_experiments.evaluation.statistics import CONFIDENCE, Estimate, FloatArray, normal_quantile, sample_of


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


def median_of_counts(days: FloatArray, events: FloatArray, censored: FloatArray) -> Estimate:
    """The median of a Kaplan–Meier curve of which only the numbers per day are known.

    The same as `median` of `kaplan_meier`: Greenwood's variance on the scale of log(-log).

    Args:
        days: (day,) increasing.
        events: (day,) how many had the event then.
        censored: (day,) how many were last seen then, after the events.
    """
    gone = events + censored
    at_risk = gone.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]])
    there = events > 0
    moments, fallen, at_risk = days[there], events[there], at_risk[there]
    survival = np.cumprod((at_risk - fallen) / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):  # where nobody is left
        spread = np.sqrt(np.cumsum(fallen / (at_risk * (at_risk - fallen)))) / np.abs(np.log(survival))
    reach = np.exp(normal_quantile() * spread)
    lines: list[NDArray[Any]] = [survival, np.power(survival, reach), np.power(survival, 1.0 / reach)]
    last = survival <= 0.0
    for line in lines[1:]:
        line[last] = line[~last][-1] if (~last).any() else math.nan
    return Estimate(*(_first_at_most_half(moments, line) for line in lines))


def smoothed_median(curve: Curve) -> float:
    """Days until half have had the event, of the curve with its steps made slopes; `nan` where that is not reached.

    Where events are found at visits only, a median jumps from one visit to the next, and a search by it is blind. The
    slopes go through the middle of every step.
    """
    middles = np.concatenate([[1.0], (curve.survival[:-1] + curve.survival[1:]) / 2.0, curve.survival[-1:]])
    times = np.concatenate([curve.time, curve.time[-1:]])
    below = np.flatnonzero(middles <= 0.5)
    if below.size == 0:
        return math.nan
    last = int(below[0])
    drop = middles[last - 1] - middles[last]
    along = (middles[last - 1] - 0.5) / drop if drop > 0.0 else 0.0
    return float(times[last - 1] + along * (times[last] - times[last - 1]))


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
    reach = normal_quantile() * float(np.sqrt(terms.sum()))
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


def hazard_ratio(time: ArrayLike, event: ArrayLike, other_time: ArrayLike, other_event: ArrayLike) -> Estimate:
    """Hazard of the first group over that of the other, by Peto's one-step method: exp((O - E) / V).

    O is the number of events in the first group, E what is expected of it and V its variance if both groups have the
    same hazard, summed over the times of events (Yusuf1985). NaN where there is no event to compare.
    """
    times, events = _checked(time, event)
    other_times, other_events = _checked(other_time, other_event)
    moments = np.unique(np.concatenate([times[events], other_times[other_events]]))
    mine, others = (each.size - np.searchsorted(np.sort(each), moments) for each in (times, other_times))
    happened = np.searchsorted(np.sort(times[events]), moments, side="right") - np.searchsorted(
        np.sort(times[events]), moments
    )
    fallen = happened + (
        np.searchsorted(np.sort(other_times[other_events]), moments, side="right")
        - np.searchsorted(np.sort(other_times[other_events]), moments)
    )
    at_risk = mine + others
    share = mine / np.maximum(at_risk, 1)
    variance = float((fallen * share * (1.0 - share) * (at_risk - fallen) / np.maximum(at_risk - 1, 1)).sum())
    if variance <= 0.0:
        return Estimate(math.nan, math.nan, math.nan)
    centre, reach = float((happened - fallen * share).sum()) / variance, normal_quantile() / math.sqrt(variance)
    return Estimate(math.exp(centre), math.exp(centre - reach), math.exp(centre + reach))


def _checked(time: ArrayLike, event: ArrayLike) -> tuple[FloatArray, NDArray[np.bool_]]:
    times, events = sample_of(time), np.asarray(event, dtype=bool)
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
    reached = np.flatnonzero(np.round(line, 12) <= 0.5)  # a product of fractions that makes a half is a half
    return float(time[reached[0]]) if reached.size else float("nan")
