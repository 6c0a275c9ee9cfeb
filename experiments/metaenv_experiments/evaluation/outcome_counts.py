"""Outcomes of very many patients (`benchmark --counts-only`) as counts by day and sums, which do not grow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation import statistics, survival_statistics
from metaenv_experiments.evaluation.metrics import DOSE, EVENTS
from metaenv_experiments.evaluation.statistics import Estimate

SHARES = ("toxic", "cured")
NOT = "not "  # begin of the name of the counts of those whom an event did not reach


class Outcome(NamedTuple):
    """What became of everybody."""

    patients: int
    means: dict[str, Estimate]  # return and dose intensities
    shares: dict[str, Estimate]  # of toxic deaths and cures
    medians: dict[str, Estimate]  # days until death ("survival") and progression


def tally(episodes: pd.DataFrame) -> pd.DataFrame:
    """Counts by whole day, rounded up, and sums of patients: (what, day, value); sums stand at day 0."""
    parts: dict[str, Any] = {}
    for _, days, event in EVENTS:
        whole = np.ceil(episodes[days])
        parts[event] = whole[episodes[event]].value_counts()
        parts[f"{NOT}{event}"] = whole[~episodes[event]].value_counts()
    for share in SHARES:
        parts[share] = pd.Series({0.0: episodes[share].sum()})
    for column in ("return", *(name for name in episodes if str(name).startswith(DOSE))):
        values = episodes[column].to_numpy(dtype=np.float64)
        parts[f"{column} sum"] = pd.Series({0.0: values.sum()})
        parts[f"{column} squares"] = pd.Series({0.0: (values**2).sum()})
    counts = pd.concat(parts, names=["what", "day"]).rename("value").astype(np.float64)
    return counts.sort_index().reset_index()


def added(total: pd.Series[float], counts: pd.DataFrame) -> pd.Series[float]:
    """The counts and sums of more patients, by what and day."""
    more = counts.set_index(["what", "day"])["value"]
    return more if total.empty else total.add(more, fill_value=0.0)


def outcome(total: pd.Series[float]) -> Outcome:
    """What the counts and sums say."""
    by_day = {what: group.droplevel("what") for what, group in total.groupby(level="what")}
    patients = int(sum(by_day[what].sum() for what in ("died", f"{NOT}died") if what in by_day))
    names = [what.removesuffix(" sum") for what in by_day if what.endswith(" sum")]
    return Outcome(
        patients=patients,
        means={
            name: statistics.mean_of_sums(patients, by_day[f"{name} sum"].iloc[0], by_day[f"{name} squares"].iloc[0])
            for name in names
        },
        shares={name: statistics.proportion_of_counts(int(by_day[name].sum()), patients) for name in SHARES},
        medians={name: _median(by_day, event) for name, _, event in EVENTS},
    )


def _median(by_day: dict[Any, Any], event: str) -> Estimate:
    empty = pd.Series(dtype=np.float64)
    happened, ended = by_day.get(event, empty), by_day.get(f"{NOT}{event}", empty)
    days = happened.index.union(ended.index)
    fallen, left = (each.reindex(days, fill_value=0.0).to_numpy() for each in (happened, ended))
    return survival_statistics.median_of_counts(days.to_numpy(dtype=np.float64), fallen, left)
