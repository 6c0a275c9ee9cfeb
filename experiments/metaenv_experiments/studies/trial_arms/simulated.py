"""Trial arms simulated: the same patients as anywhere else, treated as the trial treated, and what came of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation import courses, survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH, DAYS_PER_YEAR
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import Rollout, play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.trial_arms.published import LANDMARK, Arm

DOMINANT = 0.3  # share of cells from which a trait explains the progression; guess
SEEN = 0.01  # share of cells from which a search in blood finds a trait; guess
Changes = tuple[tuple[str, Any], ...]


def treat(
    arm: Arm, *, cohort: str, patients: int, seed: int, first: int = 0, changes: Changes = (), watched: bool = True
) -> Rollout:
    """Treat patients of a cohort as in the arm; `changes` of the disease come on top of the arm's own."""
    task = Task(
        disease=arm.disease,
        cohort=cohort,
        patients=patients,
        seed=seed,
        first=first,
        drugs=arm.drugs,
        changes=(*arm.changes, *changes),
    )
    policy = rule(arm.rule, task, **arm.parameters)
    rollout = play(task, policy.make, task.ids, watch=frozenset(task.ids.tolist()) if watched else ())
    if not watched:
        return rollout
    measured = [courses.dose_shares(rollout.courses), courses.resistance_at_progression(rollout.courses)]
    drug = first_drug(arm)
    if drug is not None and task.scenario.disease.sensors.marker == "PSA":  # tumour DNA rises as cells die
        measured.append(courses.marker_slopes(rollout.courses, drug))
    episodes = rollout.episodes.set_index("patient", drop=False).join(measured).reset_index(drop=True)
    return Rollout(episodes, rollout.courses)


def simulate(arm: Arm, *, cohort: str, patients: int, seed: int, first: int = 0, changes: Changes = ()) -> pd.DataFrame:
    """One row per patient, as in episodes.parquet, with what `evaluation.courses` reads off the courses."""
    watched = any(not is_of_time(target.quantity) for target in arm.targets)
    rollout = treat(arm, cohort=cohort, patients=patients, seed=seed, first=first, changes=changes, watched=watched)
    return rollout.episodes


def outcomes(arm: Arm, episodes: pd.DataFrame, *, smooth: bool = False) -> dict[str, float]:
    """Every quantity that the episodes allow; NaN for a median that is not reached.

    Args:
        arm: what was simulated, which says what else is asked for.
        episodes: a row per patient, as from `simulate`.
        smooth: medians of times as `metaenv_experiments.evaluation.survival_statistics.smoothed_median` has them.

    Returns:
        `survival_median_months`; `progression_median_months` (deaths censored) and `progression_free_median_months`
        (deaths count); where the arm asks for it `<kind>_at_<n>_months`, the share without the event then, and
        `recurrence_<n>_years` of those free of recurrence at the landmark; and, where courses were followed,
        `dose_share_<drug>`, `<trait>_at_progression` and `<trait>_seen_at_progression` (shares of the progressed in
        whom it dominates or can be found) and medians of `marker_fall_per_day`, `marker_rise_per_day`, `cycle_days`.
    """
    middle = survival_statistics.smoothed_median if smooth else _median
    found = {f"{kind}_median_months": middle(curve(episodes, kind)) / DAYS_PER_MONTH for kind in TIMES}
    for target in arm.targets:
        if target.quantity.startswith("recurrence_"):
            found[target.quantity] = recurrence(episodes, float(target.quantity.split("_")[1]))
        elif "_at_" in target.quantity and target.quantity.endswith("_months"):
            kind, _, months = target.quantity.removesuffix("_months").partition("_at_")
            found[target.quantity] = share_at(curve(episodes, kind), float(months) * DAYS_PER_MONTH)
    for column in episodes:
        values = episodes[column].dropna()
        if values.empty or not column.endswith(_MEASURED):
            continue
        if column.endswith("_share"):
            found[f"dose_share_{column.removeprefix('dose_').removesuffix('_share')}"] = float(values.mean())
        elif column.endswith("_at_progression"):
            found[column] = float((values >= DOMINANT).mean())
            found[f"{column.removesuffix('_at_progression')}_seen_at_progression"] = float((values >= SEEN).mean())
        else:
            found[column] = float(values.median())
    return found


_MEASURED = ("_share", "_at_progression", "marker_fall_per_day", "marker_rise_per_day", "cycle_days")
TIMES = {  # days, and whether the event happened
    "survival": lambda rows: (rows["survival_days"], rows["died"]),
    "progression": lambda rows: (rows["progression_days"], rows["progressed"]),
    "progression_free": lambda rows: (rows["progression_days"], rows["progressed"] | rows["died"]),
}


def curve(episodes: pd.DataFrame, kind: str) -> survival_statistics.Curve:
    """Kaplan–Meier curve of "survival", "progression", "progression_free" or "landmark" (recurrence after it), days."""
    if kind == "landmark":
        free = episodes[episodes["progression_days"] > LANDMARK * DAYS_PER_YEAR]
        days, events = TIMES["progression"](free)
    else:
        days, events = TIMES[kind](episodes)
    return survival_statistics.kaplan_meier(days, events)


def _median(line: survival_statistics.Curve) -> float:
    return survival_statistics.median(line).value


def recurrence(episodes: pd.DataFrame, years: float) -> float:
    """Share with recurrence by so many years from the start, of those free of it at the landmark."""
    return 1.0 - share_at(curve(episodes, "landmark"), years * DAYS_PER_YEAR)


def share_at(line: survival_statistics.Curve, days: float) -> float:
    """Share without the event so many days after the start."""
    return float(line.survival[np.searchsorted(line.time, days, side="right") - 1])


def first_drug(arm: Arm) -> str | None:
    """The first drug of the arm's first line, whose being on or off the marker answers."""
    lines = arm.parameters.get("lines")
    return str(lines[0][0]) if lines else None


def is_of_time(quantity: str) -> bool:
    """Whether a quantity is read off a curve, so that no course need be watched for it."""
    return quantity.endswith("_months") or quantity.startswith("recurrence_")
