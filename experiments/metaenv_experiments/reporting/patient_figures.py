"""The watched patients of one policy, all of them at once: who lived how long, on what, and which clones won."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.courses import OFF
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.rollout import ALIVE
from metaenv_experiments.reporting.style import COLOURS, DASHES, MOST

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LARGEST_CHANGE = 200.0  # % above baseline at which spider and waterfall plots are cut
SEVERAL = "several"
NOTHING = "none"


def patients(courses: pd.DataFrame, episodes: pd.DataFrame, summary: BenchmarkSummary, policy: str) -> Figure:
    """Swimmer, dose, spider and waterfall plots of a policy's watched patients, and the clones of each.

    Args:
        courses: `courses.parquet`, not empty.
        episodes: `episodes.parquet`.
        summary: of the benchmark.
        policy: whose patients.
    """
    import matplotlib.pyplot as plt

    own = courses[courses["policy"] == policy]
    ends = episodes[(episodes["policy"] == policy) & episodes["patient"].isin(own["patient"])].set_index("patient")
    order = ends.sort_values("survival_days").index.tolist()
    followed, what = _followed(own)
    figure, axes = plt.subplots(3, 2, figsize=(13, 4.0 + 0.42 * len(order)), layout="constrained")
    _swimmer(axes[0, 0], own, ends, order, summary.setting.drugs)
    _doses(axes[0, 1], own, order)
    _spider(axes[1, 0], followed, what)
    _waterfall(axes[1, 1], followed, what)
    _clones(axes[2, 0], own, order, summary.setting.traits)
    _sleepers(axes[2, 1], own)
    figure.suptitle(f"{policy}: the first {len(order)} patients, one row each, by survival")
    return figure


def _swimmer(axis: Axes, own: pd.DataFrame, ends: pd.DataFrame, order: list[int], drugs: Sequence[str]) -> None:
    """A bar per patient, coloured by what was given; a cross is death, a triangle progression."""
    colours = {NOTHING: "#DDDDDD", SEVERAL: COLOURS[0]} | {
        drug: COLOURS[(5, 6, 3, 4)[k % 4]] for k, drug in enumerate(drugs)
    }
    for row, patient in enumerate(order):
        one = own[own["patient"] == patient]
        days = one["day"].to_numpy() / DAYS_PER_MONTH
        given = one[[f"dose_{drug}" for drug in drugs]].to_numpy()[1:] >= OFF
        names = [_given(row_of, drugs) for row_of in given]
        for name, spans in _stretches(names, days).items():
            axis.broken_barh(spans, (row - 0.4, 0.8), facecolor=colours[name], linewidth=0)
        end = ends.loc[patient]
        if end["progressed"]:
            axis.plot(end["progression_days"] / DAYS_PER_MONTH, row, "v", color="white", mec="black", markersize=5)
        if end["died"]:
            axis.plot(end["survival_days"] / DAYS_PER_MONTH, row, "x", color="black", markersize=6)
    for name, colour in colours.items():
        axis.plot([], [], "s", color=colour, label=name)
    axis.legend(fontsize=7, loc="lower right")
    axis.set(title="treatment (triangle: progression, cross: death)", xlabel="months", xlim=(0, None), yticks=[])


def _given(doses: Any, drugs: Sequence[str]) -> str:
    return drugs[int(np.argmax(doses))] if doses.sum() == 1 else SEVERAL if doses.any() else NOTHING


def _stretches(names: list[str], days: Any) -> dict[str, list[tuple[float, float]]]:
    """Neighbouring visits with the same treatment as one bar: name -> (start, length)."""
    spans: dict[str, list[tuple[float, float]]] = {}
    first = 0
    for k in range(1, len(names) + 1):
        if k == len(names) or names[k] != names[first]:
            spans.setdefault(names[first], []).append((days[first], days[k] - days[first]))
            first = k
    return spans


def _doses(axis: Axes, own: pd.DataFrame, order: list[int]) -> None:
    """All drugs together, in fractions of full dose, visit by visit."""
    doses = [column for column in own if column.startswith("dose_")]
    visits = own[own["visit"] > 0]
    table = visits.assign(total=visits[doses].clip(upper=MOST).sum(axis=1)).pivot(
        index="patient", columns="visit", values="total"
    )
    given = table.reindex(order).to_numpy()
    most = max(1.0, float(np.nanmax(given)))
    image = axis.imshow(
        given, aspect="auto", origin="lower", cmap="cividis", interpolation="nearest", vmin=0, vmax=most
    )
    axis.figure.colorbar(image, ax=axis, label="fraction of full dose, all drugs")
    axis.set(title="doses (white: dead)", xlabel="visit", yticks=[])


def _followed(own: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Change from baseline in %, (day, patient): of the marker, or of the visible burden where there is no marker."""
    first = own[own["visit"] == 0].set_index("patient")
    name = "marker" if (first["marker"] > 0).any() else "visible_burden"
    base = own["patient"].map(first[name].where(first[name] > 0))
    table = own.assign(change=100.0 * (own[name] / base - 1.0)).pivot_table(
        index="day", columns="patient", values="change", aggfunc="last"
    )
    return table.dropna(axis=1, how="all"), name.replace("_", " ")


def _spider(axis: Axes, followed: pd.DataFrame, what: str) -> None:
    for patient in followed:
        line = followed[patient].dropna()
        axis.plot(line.index / DAYS_PER_MONTH, np.minimum(line, LARGEST_CHANGE), linewidth=0.8, alpha=0.7)
    axis.axhline(0.0, color="black", linewidth=0.6)
    axis.set(
        title=f"{what}, change from the start, of {followed.shape[1]} patients with any",
        xlabel="months",
        ylabel="%",
        ylim=(-105, LARGEST_CHANGE + 5),
    )


def _waterfall(axis: Axes, followed: pd.DataFrame, what: str) -> None:
    best = followed.iloc[1:].min().sort_values(ascending=False)
    colours = np.where(best <= -50.0, COLOURS[3], np.where(best <= 0.0, COLOURS[2], COLOURS[6]))
    axis.bar(range(len(best)), np.minimum(best, LARGEST_CHANGE), color=colours.tolist())
    axis.axhline(-50.0, color="black", linewidth=0.6, linestyle=DASHES[2])
    axis.set(title=f"{what}, best change from the start", ylabel="%", xticks=[], xlabel="patients")


def _clones(axis: Axes, own: pd.DataFrame, order: list[int], traits: Sequence[str]) -> None:
    """Whose clone leads, patient by patient: the trait that most cells carry, and how many carry it."""
    if not traits:
        axis.set_axis_off()
        return
    shares = np.stack(
        [
            own.pivot(index="patient", columns="visit", values=f"resistant_{trait}").reindex(order).to_numpy()
            for trait in traits
        ],
        axis=-1,
    )
    from matplotlib.colors import to_rgb

    dead = np.isnan(shares[..., 0])  # no visit, drawn white below
    shares = np.where(dead[..., None], 0.0, shares)
    leading, share = shares.argmax(axis=-1), shares.max(axis=-1)
    palette = np.array([to_rgb(COLOURS[(k + 4) % len(COLOURS)]) for k in range(len(traits))])
    sensitive = np.array(to_rgb("#DDDDDD"))
    picture = sensitive + share[..., None] * (palette[leading] - sensitive)
    picture[dead] = 1.0
    axis.imshow(picture, aspect="auto", origin="lower", interpolation="nearest")
    for k, trait in enumerate(traits):
        axis.plot([], [], "s", color=palette[k], label=trait)
    axis.plot([], [], "s", color=sensitive, label="sensitive")
    axis.legend(fontsize=7, loc="lower right")
    axis.set(title="leading clone, deeper where more cells belong to it", xlabel="visit", yticks=[])


def _sleepers(axis: Axes, own: pd.DataFrame) -> None:
    """Cells in all and asleep, visit by visit: median and the middle half of those alive."""
    alive = own[own["cause"] == ALIVE]
    for column, label, colour in (("burden", "all cells", COLOURS[0]), ("dormant", "asleep", COLOURS[5])):
        grouped = alive.groupby("visit")[column]
        low, middle, high = (grouped.quantile(share).clip(lower=1.0) for share in (0.25, 0.5, 0.75))
        axis.plot(middle.index, middle, color=colour, label=label)
        axis.fill_between(middle.index, low, high, color=colour, alpha=0.15, linewidth=0)
    axis.set_yscale("log")
    axis.legend(fontsize=7)
    axis.set(title="cells of those alive, median and middle half", xlabel="visit", ylabel="cells")
