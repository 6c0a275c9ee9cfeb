"""Every policy's mean return, and its paired difference to the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.style import styles_of
from metaenv_experiments.reporting.tables import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def outcomes(summary: BenchmarkSummary) -> Figure:
    """Every policy's mean return, the best on top, and its paired difference to the reference, with intervals."""
    import matplotlib.pyplot as plt

    names = sorted(summary.policies, key=lambda name: -summary.policies[name].outcomes["return"].value)
    style, unit = styles_of(names), summary.return_unit
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 1.6 + 0.42 * len(names)), sharey=True, layout="constrained", width_ratios=(3, 2)
    )
    for row, name in enumerate(names):
        policy = summary.policies[name]
        _interval(left, row, policy.outcomes["return"], style[name]["color"])
        if policy.difference is not None:
            _interval(right, row, policy.difference.gain, style[name]["color"], form="+.2f")
    left.set(yticks=range(len(names)), yticklabels=[words(name) for name in names], xlabel=f"{unit},\nmean per patient")
    left.set_ylim(len(names) - 0.4, -0.6)
    left.set_xlim(min(0.0, left.get_xlim()[0]), None)
    right.set_xlabel(f"{unit},\npaired difference to {words(summary.reference)}")
    right.axvline(0.0, color="#7F7F7F", linewidth=1)
    for axis in (left, right):
        axis.grid(axis="x", alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.12)
    figure.suptitle(f"{summary.setting.disease}: {summary.task.patients} patients per policy, 95 % intervals")
    return figure


def _interval(axis: Axes, row: int, estimate: Estimate, colour: str, form: str = ".2f") -> None:
    value, low, high = estimate
    axis.plot([low, high], [row, row], color=colour, linewidth=2, solid_capstyle="butt")
    axis.plot(value, row, "o", color=colour, markersize=6)
    axis.annotate(
        format(round(value, 2) + 0.0, form),  # never -0.00
        (value, row),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )
