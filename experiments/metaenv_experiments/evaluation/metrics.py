"""Metrics of a benchmark: from one row per policy and patient to estimates with intervals."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from metaenv.clinic.codes import DAYS_PER_YEAR as DAYS_PER_YEAR
from metaenv_experiments.evaluation import statistics, survival_statistics
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.running.options import UsageError

DEFAULT_REFERENCE = "maximum_tolerated_dose"
DOSE = "dose_intensity_"
# what is waited for, the column of the day when it was or was last looked for, and that of whether it was
EVENTS = (("survival", "survival_days", "died"), ("progression", "progression_days", "progressed"))
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
DAYS, MONTHS = "_days", "_months"  # ends of the names of metrics


class Difference(NamedTuple):
    """A policy against the reference, on the same patients."""

    gain: Estimate  # of the return, policy - reference, paired
    survival: Estimate  # days within the follow-up, policy - reference, paired
    survival_p: float  # logrank, two-sided
    progression_p: float  # logrank, two-sided
    improved: Estimate  # share of patients with a higher return, equals counted half
    hazard_ratio: Estimate  # of death, Peto


class Comparison(NamedTuple):
    """Everything the tables say."""

    reference: str
    patients: int
    policies: dict[str, dict[str, Estimate]]
    differences: dict[str, Difference]


def choose_reference(wanted: str | None, names: list[str]) -> str:
    """Return the policy that the others are compared with."""
    if wanted is not None and wanted not in names:
        raise UsageError(f"--reference must be one of {', '.join(names)}, got {wanted!r}")
    if wanted is not None:
        return wanted
    return DEFAULT_REFERENCE if DEFAULT_REFERENCE in names else names[0]


def compare(episodes: pd.DataFrame, *, horizon: float, reference: str) -> Comparison:
    """Estimate every outcome of every policy and the paired differences to the reference.

    Args:
        episodes: one row per policy and patient.
        horizon: days of follow-up.
        reference: the policy that the others are compared with.
    """
    groups = {str(name): group for name, group in episodes.groupby("policy", sort=False)}
    return Comparison(
        reference=reference,
        patients=int(episodes["patient"].nunique()),
        policies={name: outcomes(group, horizon) for name, group in groups.items()},
        differences={name: difference(group, groups[reference]) for name, group in groups.items() if name != reference},
    )


def outcomes(episodes: pd.DataFrame, horizon: float) -> dict[str, Estimate]:
    """Estimate the outcomes of one policy's patients."""
    found = {
        "return": statistics.mean(episodes["return"]),
        "return_iqm": statistics.interquartile_mean(episodes["return"]),
    }
    for name, days, event in EVENTS:
        curve = survival_statistics.kaplan_meier(episodes[days], episodes[event])
        found[f"{name}_median_days"] = survival_statistics.median(curve)
        found[f"{name}_mean_days"] = survival_statistics.restricted_mean(episodes[days], episodes[event], horizon)
    found |= {column: statistics.mean(episodes[column]) for column in episodes if str(column).startswith(DOSE)}
    found |= {name: statistics.proportion(episodes[name]) for name in ("toxic", "progressed", "died", "cured")}
    return found


def difference(episodes: pd.DataFrame, reference: pd.DataFrame) -> Difference:
    """Compare two policies patient by patient."""
    one, other = (group.set_index("patient").sort_index() for group in (episodes, reference))
    if not one.index.equals(other.index):
        raise ValueError(f"policies must have treated the same patients, got {len(one)} and {len(other)} that differ")
    return Difference(
        gain=statistics.paired_difference(one["return"], other["return"]),
        survival=statistics.paired_difference(one["survival_days"], other["survival_days"]),
        survival_p=_logrank(one, other, "survival_days", "died"),
        progression_p=_logrank(one, other, "progression_days", "progressed"),
        improved=statistics.improvement(one["return"], other["return"]),
        hazard_ratio=survival_statistics.hazard_ratio(
            one["survival_days"], one["died"], other["survival_days"], other["died"]
        ),
    )


def _logrank(one: pd.DataFrame, other: pd.DataFrame, days: str, event: str) -> float:
    return survival_statistics.logrank(one[days], one[event], other[days], other[event])


def in_months(metric: str, estimate: Estimate) -> tuple[str, Estimate]:
    """A metric's name and estimate as tables have them: days as months, the rest as it is."""
    if not metric.endswith(DAYS):
        return metric, estimate
    return metric.removesuffix(DAYS) + MONTHS, estimate.scaled(1 / DAYS_PER_MONTH)
