"""Who the patients of a cohort are: the rows of table 1, from what was drawn, measured and, untreated, happened."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv.dynamics.state import CIRCULATING
from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import ALIVE, play
from metaenv_experiments.evaluation.task import Task

WATCHED_DAYS = 84.0  # untreated days over which the growth of visible lesions is measured, two scans of a trial
COLUMNS = (
    "characteristic",
    "unit",
    "n",
    "percent",
    "median",
    "lower_quartile",
    "upper_quartile",
    "low",
    "high",
    "text",
)

FloatArray = NDArray[np.float64]


class Description(NamedTuple):
    """Table 1 of a cohort."""

    title: str
    rows: pd.DataFrame  # COLUMNS


class UntreatedLesions(NamedTuple):
    """The lesions of a cohort at the start and after `WATCHED_DAYS` without treatment; arrays of the truth."""

    visible: NDArray[np.bool_]  # (patient, lesion) large enough for a scan at the start
    organ: NDArray[np.int64]  # (patient, lesion) at the start
    start: FloatArray  # (patient, lesion) cells, awake and asleep
    end: FloatArray  # (patient, lesion) cells of the same lesion; 0 where it has gone
    days: (
        FloatArray  # (patient,) days between the two, 0 where the patient died: cells are not counted on that very day
    )


def describe(task: Task) -> Description:
    """Describe the patients of a task.

    Args:
        task: whose patients; mechanisms, drugs and shift are respected.
    """
    env = task.vector_env(task.patients)
    _, infos = env.reset(seed=[task.seed] * task.patients, options={"patient": task.ids})
    cohort = env.unwrapped.cohort
    people = cohort.snapshot()  # before anything happens
    course = watch(env)
    rows = [
        _count("patients", np.ones(task.patients, dtype=np.bool_)),
        *_lesions(task, infos, people, course),
        *_host(task, infos, people),
        *_growth(people, course),
        *_resistance(task, infos),
        *_sleep(infos, people),
        _survival(task),
    ]
    shifted = "" if task.shift is None else f", shift {task.shift}"
    title = f"{task.scenario.disease.title}: {task.patients} patients of the {task.cohort} cohort{shifted}"
    return Description(title, pd.DataFrame(rows, columns=list(COLUMNS)))


def watch(env: Any) -> UntreatedLesions:
    """Leave the patients of a reset vector environment untreated for `WATCHED_DAYS`, or until their episode ends."""
    state, scenario = env.unwrapped.cohort.state, env.unwrapped.scenario
    start, organ, lineage = _cells(state), state.organ.copy(), state.lineage.copy()
    visible = (organ >= 0) & (state.proliferating.sum(axis=2) >= scenario.disease.sensors.detection_cells)
    for _ in range(math.ceil(WATCHED_DAYS / scenario.visit_interval)):
        env.step(np.zeros(env.action_space.shape, dtype=env.action_space.dtype))
    same = (state.organ == organ) & (state.lineage == lineage)
    days = np.where(state.host["cause"] == ALIVE, state.host["day"], 0.0)
    return UntreatedLesions(visible, organ, start, _cells(state) * same, days)


def growth_rates(course: UntreatedLesions) -> FloatArray:
    """Growth rates of visible lesions that are still there, (lesion,) /day; negative where one shrank."""
    days = np.broadcast_to(course.days[:, None], course.start.shape)
    kept = course.visible & (course.end > 0.0) & (days > 0.0)
    return np.asarray(np.log(course.end[kept] / course.start[kept]) / days[kept])


def doubling_times(rates: FloatArray) -> FloatArray:
    """Doubling times of what grows, days."""
    return np.asarray(math.log(2.0) / rates[rates > 0.0])


def as_markdown(description: Description) -> str:
    """The table as Markdown."""
    lines = [f"{description.title}", "", "| characteristic | median (range), or n (%) |", "|---|---|"]
    lines += [f"| {label(row)} | {row.text} |" for row in description.rows.itertuples()]
    return "\n".join(lines) + "\n"


def label(row: Any) -> str:
    """What a row is about, with its unit."""
    return f"{row.characteristic}, {row.unit}" if row.unit else str(row.characteristic)


def _cells(state: Any) -> FloatArray:
    return np.asarray(state.proliferating.sum(axis=2) + state.dormant.sum(axis=2))


def _lesions(task: Task, infos: Any, people: Any, course: UntreatedLesions) -> list[tuple[Any, ...]]:
    present = course.start > 0.0
    organs = [
        _count(f"patients with visible lesions in {organ.name}", (course.visible & (course.organ == k)).any(axis=1))
        for k, organ in enumerate(task.scenario.disease.organs)
    ]
    return [
        _spread("visible lesions", "", course.visible.sum(axis=1)),
        _count("patients with visible lesions", course.visible.any(axis=1)),
        *organs,
        _spread("sum of target diameters, first scan", "mm", people.chart.note["baseline_sum"]),
        _spread("burden", "cells", infos["burden"]),
        _spread("micrometastases", "", (present & ~course.visible).sum(axis=1)),
    ]


def _host(task: Task, infos: Any, people: Any) -> list[tuple[Any, ...]]:
    sensors = task.scenario.disease.sensors
    return [
        _spread(f"{sensors.marker}, first sample", sensors.marker_unit, people.chart.note["marker"]),
        _spread("neutrophils", "1e9/L", people.state.neutrophils[:, CIRCULATING]),
    ]


def _growth(people: Any, course: UntreatedLesions) -> list[tuple[Any, ...]]:
    rates = growth_rates(course)
    days = f"{WATCHED_DAYS:.0f} d untreated"
    return [
        *_uncrowded(people),
        _spread(f"growth rate of visible lesions, {days}", "/day", rates),
        _spread(f"doubling time of visible lesions that grew, {days}", "days", doubling_times(rates)),
    ]


def _uncrowded(people: Any) -> list[tuple[Any, ...]]:
    """What sensitive cells do at their law's own pace."""
    patients = people.patients
    if people.scenario.disease.rates.gompertz:
        return [_spread("growth of sensitive cells per ln of supply over cells", "/day", patients.birth[:, 0])]
    net = patients.birth[:, 0] - patients.death[:, 0]
    return [
        _spread("births less deaths of sensitive cells, uncrowded", "/day", net),
        _spread("doubling time, uncrowded", "days", doubling_times(net)),
    ]


def _resistance(task: Task, infos: Any) -> list[tuple[Any, ...]]:
    fractions = np.asarray(infos["resistant_fraction"])
    return [
        _spread(f"cells with {trait}", "share of the burden", fractions[:, k])
        for k, trait in enumerate(task.scenario.traits)
    ]


def _sleep(infos: Any, people: Any) -> list[tuple[Any, ...]]:
    burden = np.asarray(infos["burden"])
    dormant = np.divide(infos["dormant"], burden, out=np.full(burden.size, np.nan), where=burden > 0.0)
    return [
        _spread("single disseminated cells", "cells", people.state.disseminated_cells.sum(axis=(1, 2))),
        _spread("dormant cells", "share of the burden", dormant),
    ]


def _survival(task: Task) -> tuple[Any, ...]:
    """Untreated survival: Kaplan–Meier's median, and the range of days with a + where the longest is censored."""
    episodes = play(task, rule("no_treatment", task).make, task.ids).episodes
    months = episodes["survival_days"].to_numpy() / DAYS_PER_MONTH
    died = episodes["died"].to_numpy()
    half = survival_statistics.median(survival_statistics.kaplan_meier(months, died)).value
    low, high, alive = months.min(), months.max(), "" if died[months.argmax()] else "+"
    text = f"{'not reached' if math.isnan(half) else _number(half)} ({_number(low)}–{_number(high)}{alive})"
    quartiles = (math.nan, math.nan)  # those of censored times are no times of death
    return ("untreated survival", "months", int(died.sum()), 100.0 * died.mean(), half, *quartiles, low, high, text)


def _count(name: str, flags: Any) -> tuple[Any, ...]:
    n, percent = int(np.sum(flags)), 100.0 * float(np.mean(flags))
    blank = (math.nan,) * 5
    return (name, "", n, percent, *blank, f"{n} ({percent:.0f} %)")


def _spread(name: str, unit: str, values: Any) -> tuple[Any, ...]:
    sample = np.asarray(values, dtype=np.float64)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return (name, unit, 0, math.nan, *(math.nan,) * 5, "–")
    low, lower, half, upper, high = np.quantile(sample, (0.0, 0.25, 0.5, 0.75, 1.0))
    text = f"{_number(half)} ({_number(low)}–{_number(high)})"
    return (name, unit, sample.size, math.nan, half, lower, upper, low, high, text)


def _number(value: float) -> str:
    if value == 0.0 or 0.01 <= abs(value) < 1e4:
        return f"{value:.0f}" if value == round(value) or abs(value) >= 100.0 else f"{value:.3g}"
    return f"{value:.1e}"
