"""The picture of a sensitivity study: how far each uncertain number moves each outcome."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.style import COLOURS, save
from metaenv_experiments.studies.credibility.sensitivity import OUTCOMES, ranked

HEIGHT = 0.3  # inches per number


def farthest(effects: pd.DataFrame) -> float:
    """The longest that any panel must show, months."""
    return float(max((effects["mu_star"] + effects["mu_star_reach"]).max(), effects["sigma"].max()))


def draw_effects(effects: pd.DataFrame, task: Task, path: Path) -> None:
    """Bars of mu* with a 95 % interval and a diamond at sigma, one panel per outcome, one order for all panels.

    A diamond beyond the end of its bar means that the effect depends on the other numbers.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    order = ranked(effects, "maximum_tolerated_dose")["parameter"].tolist()[::-1]  # strongest on top
    figure, axes = plt.subplots(
        1, len(OUTCOMES), figsize=(15, 1.8 + HEIGHT * len(order)), sharey=True, sharex=True, layout="constrained"
    )
    for axis, (outcome, title) in zip(axes, OUTCOMES.items(), strict=True):
        rows = effects[effects["outcome"] == outcome].set_index("parameter").loc[order]
        reach = {"ecolor": "#555555", "elinewidth": 1.2, "capsize": 2}
        axis.barh(order, rows["mu_star"], xerr=rows["mu_star_reach"], color=COLOURS[2], error_kw=reach, label="μ*")
        axis.plot(rows["sigma"], order, "D", color=COLOURS[6], markersize=5, label="σ")
        axis.set(title=title, xlabel="months per range of the number")
        axis.grid(axis="x", alpha=0.25)
        axis.set_axisbelow(True)
    axes[0].set_xlim(0, 1.03 * farthest(effects))  # once, of all panels: a limit set earlier would cut the later ones
    axes[-1].legend(loc="lower right", frameon=True)
    figure.suptitle(
        f"{task.scenario.disease.title}: elementary effects on {task.patients} patients "
        "(μ*: mean size with 95 % interval, σ: spread, by interaction and curvature)"
    )
    save(figure, path)
