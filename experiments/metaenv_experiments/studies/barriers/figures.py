"""One picture per disease: cure, freedom from progression and survival without each barrier, under each strategy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.style import COLOURS, save
from metaenv_experiments.reporting.tables import words
from metaenv_experiments.studies.barriers.ablations import ABLATIONS
from metaenv_experiments.studies.barriers.statements import Results
from metaenv_experiments.studies.barriers.strategies import STRATEGIES, applies
from metaenv_experiments.studies.barriers.tables import outcomes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = ("o", "s", "D", "^")  # repeat the distinction without any colour
PALETTE = (COLOURS[5], COLOURS[1], COLOURS[3], COLOURS[4])
LANE = 0.19  # height of a strategy within a row


def draw(results: Results, path: Path, *, horizon: float) -> Path:
    """Draw and save the picture of one disease.

    Args:
        results: what was simulated.
        path: where to.
        horizon: months of follow-up.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(15.0, 8.4), sharey=True, layout="constrained")
    strategies = [strategy for strategy in STRATEGIES.values() if applies(strategy, results.disease)]
    for k, strategy in enumerate(strategies):
        for row, ablation in enumerate(ABLATIONS):
            found = outcomes(results.of(strategy.name, ablation))
            height = row + LANE * (k - (len(strategies) - 1) / 2)
            label = strategy.label if row == 0 else None
            _point(axes[0], found["cured"].scaled(100.0), height, k, 100.0, label)
            _point(axes[1], found["event_free"].scaled(100.0), height, k, 100.0, None)
            _point(axes[2], found["survival"], height, k, horizon, None)
    _dress(axes, horizon)
    figure.legend(loc="outside lower center", ncols=len(strategies), frameon=False)
    patients = len(results.start)
    figure.suptitle(
        f"{words(results.disease)}: what each barrier does to cure and survival ({patients} patients, bars: 95 %)"
    )
    return save(figure, path)


def _point(axis: Axes, estimate: Estimate, height: float, k: int, end: float, label: str | None) -> None:
    """A value with its interval; what was not reached is an open mark at the end of the follow-up."""
    reached = not math.isnan(estimate.value)
    low = end if math.isnan(estimate.low) else estimate.low
    high = end if math.isnan(estimate.high) else estimate.high
    value = estimate.value if reached else end
    axis.plot([low, high], [height, height], color=PALETTE[k], linewidth=2.0, solid_capstyle="butt")
    face = PALETTE[k] if reached else "white"
    axis.plot(
        [value],
        [height],
        MARKS[k],
        color=PALETTE[k],
        markerfacecolor=face,
        markersize=6,
        clip_on=False,
        zorder=3,
        label=label,
    )


def _dress(axes: tuple[Axes, Axes, Axes], horizon: float) -> None:
    names = [f"without {words(name)}" for name in ABLATIONS]
    names[0] = "all barriers stand"
    names[-1] = "without any barrier"
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[0].set(xlabel="cured, % of patients (no tumour cell left)", xlim=(-2, 102))
    axes[1].set(xlabel="alive without progression at the end of follow-up, %", xlim=(-2, 102))
    axes[2].set(xlabel="median survival, months (open: not reached)", xlim=(0, 1.03 * horizon))
    for axis in axes:
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x", alpha=0.25)
        for row in range(0, len(names), 2):
            axis.axhspan(row - 0.5, row + 0.5, color="#000000", alpha=0.04, linewidth=0)
        axis.set_ylim(len(names) - 0.5, -0.5)
