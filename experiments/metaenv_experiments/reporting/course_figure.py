"""What one and the same patient goes through under each policy: burden, resistance, marker and doses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metaenv.clinic.codes import PROCEDURES, RADIOTHERAPY, RESECTION
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary, Setting
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.reporting.style import COLOURS, DASHES, MOST
from metaenv_experiments.running.options import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SOLID = "-"
LANE = 1.2  # height of a drug's lane, in its highest dose
HELD: dict[str, Any] = {"facecolor": "none", "edgecolor": "#7F7F7F", "hatch": "////", "linewidth": 0.0}
CELL_FLOOR = 1.0  # cells: the lowest burden on a logarithmic axis


def course(courses: pd.DataFrame, episodes: pd.DataFrame, summary: BenchmarkSummary, patient: int) -> Figure:
    """What one and the same patient goes through under each policy, one row per policy."""
    import matplotlib.pyplot as plt

    names = list(summary.policies)
    figure, axes = plt.subplots(
        len(names),
        4,
        figsize=(17, 1.1 + 1.75 * len(names)),
        sharex=True,
        sharey="col",
        squeeze=False,
        layout="constrained",
    )
    setting = summary.setting
    given = courses[[f"dose_{drug}" for drug in setting.drugs]].to_numpy()
    highest = min(MOST, max(1.0, float(given.max())))
    for row, name in enumerate(names):
        one = courses[(courses["policy"] == name) & (courses["patient"] == patient)]
        end = episodes[(episodes["policy"] == name) & (episodes["patient"] == patient)].iloc[0]
        months = one["day"].to_numpy() / DAYS_PER_MONTH
        _burden(axes[row, 0], months, one)
        _resistance(axes[row, 1], months, one, setting)
        _marker(axes[row, 2], months, one)
        _doses(axes[row, 3], months, one, setting, highest)
        axes[row, 0].set_title(_outcome(name, end), loc="left", fontsize=9, fontweight="bold")
        for axis in axes[row]:
            _mark_events(axis, end)
    for column in (0, 2):
        _widen(axes[0, column])
    _finish(axes, summary, patient)
    return figure


def course_of(
    courses: pd.DataFrame,
    episodes: pd.DataFrame,
    summary: BenchmarkSummary,
    patient: int | None = None,
    policies: Sequence[str] | None = None,
) -> Figure:
    """The course of one of the stored patients, the most typical unless named, under all policies or some of them."""
    if policies is not None:
        courses, episodes = (table[table["policy"].isin(policies)] for table in (courses, episodes))
        summary = replace(summary, policies={name: summary.policies[name] for name in policies})
    return course(courses, episodes, summary, _chosen(patient, courses, episodes))


def _burden(axis: Axes, months: Any, one: pd.DataFrame) -> None:
    for column, label, colour, dash in (
        ("burden", "all", COLOURS[0], SOLID),
        ("visible_burden", "visible on a scan", COLOURS[1], DASHES[1]),
        ("dormant", "dormant", COLOURS[5], DASHES[2]),
    ):
        cells = one[column].where(one[column] >= CELL_FLOOR).to_numpy(dtype=np.float64)
        axis.plot(months, cells, color=colour, linestyle=dash, linewidth=1.6, label=label)
    axis.set_yscale("log")


def _resistance(axis: Axes, months: Any, one: pd.DataFrame, setting: Setting) -> None:
    for k, trait in enumerate(setting.traits):
        colour, dash = COLOURS[(k + 4) % len(COLOURS)], DASHES[k % len(DASHES)]
        label = trait.replace("_", " ")
        axis.plot(months, one[f"resistant_{trait}"], color=colour, linestyle=dash, linewidth=1.6, label=label)
    axis.set_ylim(-0.03, 1.03)


def _marker(axis: Axes, months: Any, one: pd.DataFrame) -> None:
    marker = one["marker"].where(one["marker"] > 0).to_numpy(dtype=np.float64)
    axis.plot(months, marker, color=COLOURS[3], linewidth=1.4, marker=".", markersize=3, label="marker, measured")
    axis.axhline(marker[0], color=COLOURS[3], linewidth=0.8, linestyle=DASHES[2], label="at baseline")
    axis.set_yscale("log")


def _widen(axis: Axes) -> None:
    """Show a decade of a logarithmic axis at least, what does not change as well."""
    low, high = axis.get_ylim()
    middle = math.sqrt(low * high)
    axis.set_ylim(min(low, middle / math.sqrt(10.0)), max(high, middle * math.sqrt(10.0)))


def _doses(axis: Axes, months: Any, one: pd.DataFrame, setting: Setting, highest: float) -> None:
    """Each visit's mean given dose as a bar over the time since the visit before; every drug has its lane."""
    drugs = setting.drugs
    starts = months[:-1]
    lane_height = LANE * highest
    lanes = [lane_height * (len(drugs) - 1 - k) for k in range(len(drugs))]
    for k, (drug, lane) in enumerate(zip(drugs, lanes, strict=True)):
        given, prescribed = (one[f"{kind}_{drug}"].to_numpy()[1:] for kind in ("dose", "prescribed"))
        given, prescribed = (np.append(dose, dose[-1:]) for dose in (given, prescribed))  # the last bar ends too
        given = np.minimum(given, MOST)
        colour = COLOURS[(5, 6, 3, 4)[k % 4]]
        axis.fill_between(months, lane, lane + given, step="post", color=colour, linewidth=0)
        top_of_held = lane + np.maximum(prescribed, given)
        axis.fill_between(months, lane + given, top_of_held, step="post", **HELD)  # one area: far faster than bars
        axis.axhline(lane, color="#7F7F7F", linewidth=0.5)
    axis.fill_between([], [], label="prescribed, not given", **HELD)
    top = lane_height * len(drugs)
    if setting.local_therapy:
        local = one["local_therapy"].to_numpy()[1:]
        for choice, sign in ((RESECTION, "v"), (RADIOTHERAPY, "*")):
            where = starts[local == choice]
            axis.plot(where, np.full(where.size, top), sign, color=COLOURS[0], markersize=5, label=PROCEDURES[choice])
    axis.set_ylim(-0.05, top * 1.1)
    axis.set_yticks([lane + 0.5 * highest for lane in lanes], drugs)


def _mark_events(axis: Axes, end: Any) -> None:
    if end["progressed"]:
        axis.axvline(end["progression_days"] / DAYS_PER_MONTH, color=COLOURS[6], linewidth=1, linestyle=DASHES[1])
    if end["died"]:
        axis.axvline(end["survival_days"] / DAYS_PER_MONTH, color=COLOURS[0], linewidth=1.2)
    axis.grid(alpha=0.2)
    axis.tick_params(labelsize=8)


def _outcome(name: str, end: Any) -> str:
    months = end["survival_days"] / DAYS_PER_MONTH
    fate = (
        f"died at {months:.0f} months of {end['cause'].replace('_', ' ')}"
        if end["died"]
        else f"alive at {months:.0f} months"
    )
    return f"{name}: {fate}, return {end['return']:.2f}"


def _finish(axes: Any, summary: BenchmarkSummary, patient: int) -> None:
    titles = (
        "Tumour burden, cells",
        "Resistant fraction of cells",
        f"Blood: {summary.setting.marker}",
        "Doses given, fraction of full dose",
    )
    for axis, title in zip(axes[0], titles, strict=True):
        own = axis.get_title(loc="left")
        # all in the upper of two lines: the first column's second line, which says what became of the patient, is long
        axis.set_title(f"{title}\n{own or ' '}", loc="left", fontsize=9, fontweight="bold")
    for axis in axes[-1]:
        axis.set_xlabel("months since the start", fontsize=8)
        axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.32), ncols=3, frameon=False)
        axis.set_xlim(0, None)
    axes[0, 0].figure.suptitle(
        f"{summary.setting.disease}: patient {patient} under each policy "
        f"(dashed line: progression, solid line: death; return in {summary.return_unit})"
    )


def _chosen(wanted: int | None, courses: pd.DataFrame, episodes: pd.DataFrame) -> int:
    """Return the patient to draw: the wanted one, else the stored one whose returns are nearest to the middle."""
    stored = courses["patient"].unique()
    if wanted is not None and wanted not in stored:
        raise UsageError(f"--patient must be one of those stored, {', '.join(map(str, stored))}, got {wanted}")
    if wanted is not None:
        return wanted
    percentile = episodes.groupby("policy")["return"].rank(pct=True)
    distance = (percentile - 0.5).abs().groupby(episodes["patient"]).mean()
    return int(distance.loc[stored].idxmin())
