"""Kaplan–Meier curves of survival and progression, and the numbers at risk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH, DAYS_PER_YEAR
from metaenv_experiments.reporting.style import styles_of
from metaenv_experiments.reporting.tables import NOT_REACHED, Table, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OTHERS: dict[str, Any] = {"color": "#C8C8C8", "linewidth": 0.8, "zorder": 0.5}  # curves that are there for comparison
MEDIANS = ("of survival", "to progression")


def survival(episodes: pd.DataFrame, summary: BenchmarkSummary, policies: list[str]) -> Figure:
    """Kaplan–Meier curves of some policies with 95 % bands and ticks for the censored; the others' in grey."""
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    style = styles_of(policies)
    panels = [
        ("Overall survival", "alive", "survival_days", "died"),
        ("Time to progression", "without progression", "progression_days", "progressed"),
    ]
    if not episodes["died"].any():  # a disease whose episodes end before anybody dies
        panels = panels[1:]
    figure, (axes,) = plt.subplots(
        1, len(panels), figsize=(6.5 * len(panels), 6.4), sharey=True, squeeze=False, layout="constrained"
    )
    labels = {name: words(name) for name in policies}  # with the median of each panel
    for axis, (title, state, days, event) in zip(axes, panels, strict=True):
        for name, group in episodes.groupby("policy", sort=False):
            curve = survival_statistics.kaplan_meier(group[days], group[event])
            if name in style:
                _curve(axis, curve, style[str(name)])
                labels[str(name)] += f"{' · ' if axis is not axes[0] else ': '}{_median(curve)}"
            else:
                axis.step(curve.time / DAYS_PER_MONTH, curve.survival, where="post", **OTHERS)
        axis.set(title=title, xlabel="months since the start", ylim=(0, 1.02), xlim=(0, None))
        axis.set_ylabel(f"fraction {state}")
        axis.yaxis.set_tick_params(labelleft=True)
        axis.grid(alpha=0.25)
    titled = "policy: median months " + " · ".join(MEDIANS[-len(axes) :])
    handles = [Line2D([], [], linewidth=1.8, **style[name]) for name in policies]
    others = len(summary.policies) - len(policies)
    if others:
        handles, labels = [*handles, Line2D([], [], **OTHERS)], {**labels, "": f"{others} others"}
    figure.legend(
        handles, labels.values(), loc="outside lower center", ncols=len(axes) + 1, frameon=False, title=titled
    )
    patients, disease = summary.task.patients, summary.setting.disease
    figure.suptitle(f"{disease}: the same {patients} patients under each policy (bands: 95 %, ticks: censored)")
    return figure


def at_risk(episodes: pd.DataFrame) -> Table:
    """How many of each policy's patients are alive and followed, year by year."""
    last = float(episodes["survival_days"].max()) / DAYS_PER_YEAR
    years = range(math.floor(last) + 1)
    rows = [
        (words(str(name)), *(str(int((group["survival_days"] >= DAYS_PER_YEAR * year).sum())) for year in years))
        for name, group in episodes.groupby("policy", sort=False)
    ]
    return Table("Alive and followed after so many years", ("policy", *map(str, years)), rows)


def _median(curve: survival_statistics.Curve) -> str:
    half = survival_statistics.median(curve).value / DAYS_PER_MONTH
    return NOT_REACHED if np.isnan(half) else f"{half:.1f}"


def _curve(axis: Axes, curve: survival_statistics.Curve, style: dict[str, Any]) -> None:
    months = curve.time / DAYS_PER_MONTH
    axis.step(months, curve.survival, where="post", linewidth=1.8, **style)
    axis.fill_between(months, curve.low, curve.high, step="post", color=style["color"], alpha=0.12, linewidth=0)
    moments = np.unique(curve.censored)
    heights = curve.survival[np.searchsorted(curve.time, moments, side="right") - 1]
    axis.plot(moments / DAYS_PER_MONTH, heights, "|", color=style["color"], markersize=5, markeredgewidth=0.7)
