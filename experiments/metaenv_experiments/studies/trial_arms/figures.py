"""Pictures of trial arms: simulated curves with the published points, and PSA courses beside those of patients."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation import courses as course_readings
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.survival_statistics import Curve, median
from metaenv_experiments.reporting.style import COLOURS, DASHES, PICTURES, save
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.trial_arms import zhang2022
from metaenv_experiments.studies.trial_arms.published import Arm, Target
from metaenv_experiments.studies.trial_arms.simulated import curve, is_of_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIMULATED, PUBLISHED = COLOURS[5], COLOURS[6]
KINDS = {  # title, what the curve counts
    "survival": ("Overall survival", "alive"),
    "progression": ("Time to progression (deaths censored)", "without progression"),
    "progression_free": ("Progression-free survival", "alive without progression"),
    "landmark": ("After five years free of recurrence", "without recurrence"),
}
MARKS = ("o", "s", "D", "^")  # a source each
SHOWN = 4  # patients whose courses are drawn, of the trial and simulated
MARKER_FLOOR = 0.1  # ng/mL: the lowest marker on a logarithmic axis
ADAPTIVE_DRUG = "abiraterone"


def slug(name: str) -> str:
    """A file name."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())


# --- an arm ----------------------------------------------------------------------------------------------------------


def draw_arm(folder: RunFolder, arm: Arm, episodes: pd.DataFrame, found: Mapping[str, float], whom: str) -> Path:
    """Simulated Kaplan–Meier curves with 95 % bands, and every published point and median; `whom` names patients."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    kinds = kinds_of(arm)
    figure, (axes,) = plt.subplots(1, len(kinds), figsize=(5.6 * len(kinds), 5.4), squeeze=False, layout="constrained")
    for axis, kind in zip(axes, kinds, strict=True):
        _curve(axis, curve(episodes, kind), kind)
        _published(axis, arm, kind)
        _limits(axis, arm, kind, episodes)
    others = [target for target in arm.targets if not is_of_time(target.quantity)]
    lines = [_line(target, found) for target in others]
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=9)
    held = ", held back from fitting" if arm.held_back else ""
    figure.suptitle(f"{arm.name}{held}\n{whom}", fontsize=11)
    (folder.path / PICTURES).mkdir(exist_ok=True)
    return save(figure, folder.path / PICTURES / f"{slug(arm.name)}.png")


def kinds_of(arm: Arm) -> list[str]:
    """Kinds of curves for which something was published."""
    wanted = {point.kind for point in arm.points} | {kind for target in arm.targets if (kind := _kind_of(target))}
    return [kind for kind in KINDS if kind in wanted]


def _kind_of(target: Target) -> str | None:
    kind = target.quantity.removesuffix("_median_months")
    return kind if kind in KINDS else None


def _curve(axis: Axes, line: Curve, kind: str) -> None:
    months = line.time / DAYS_PER_MONTH
    half = median(line)
    low, high = (f"{days / DAYS_PER_MONTH:.1f}" if days == days else "…" for days in (half.low, half.high))
    text = (
        ""
        if half.value != half.value
        else f"\nsimulated median {half.value / DAYS_PER_MONTH:.1f} ({low}–{high}) months"
    )
    axis.step(months, line.survival, where="post", color=SIMULATED, linewidth=1.8, label="simulated, 95 % band")
    axis.fill_between(months, line.low, line.high, step="post", color=SIMULATED, alpha=0.15, linewidth=0)
    title, state = KINDS[kind]
    axis.set_title(f"{title}{text}", fontsize=10)
    axis.set(xlabel="months since the start", ylabel=f"fraction {state}")
    axis.grid(alpha=0.25)


def _published(axis: Axes, arm: Arm, kind: str) -> None:
    for target in arm.targets:
        if _kind_of(target) == kind:
            axis.plot(
                [target.low, target.high],
                [0.5, 0.5],
                color=PUBLISHED,
                linewidth=7,
                alpha=0.35,
                solid_capstyle="butt",
                label="accepted band",
            )
    for target in arm.targets:
        if kind == "landmark" and target.quantity.startswith("recurrence_"):
            year = 12.0 * float(target.quantity.split("_")[1])
            ends = [1.0 - target.high, 1.0 - target.low]
            axis.plot(
                [year] * 2, ends, color=PUBLISHED, linewidth=7, alpha=0.35, solid_capstyle="butt", label="accepted band"
            )
    points = [point for point in arm.points if point.kind == kind]
    for mark, source in zip(MARKS, dict.fromkeys(point.source for point in points), strict=False):
        own = [point for point in points if point.source == source]
        medians = [f", median {point.months:g} months" for point in own if point.share == 0.5]
        months, shares = [point.months for point in own], [point.share for point in own]
        if kind == "landmark":
            medians = [" (year 20; before that by its steady rate)"]
        axis.plot(months, shares, mark, color=PUBLISHED, markersize=6, label=source + "".join(medians), zorder=5)
    axis.legend(*_unique(axis), fontsize=8, loc="lower left" if kind == "landmark" else "upper right")


def _limits(axis: Axes, arm: Arm, kind: str, episodes: pd.DataFrame) -> None:
    """Show the follow-up as far as anything happens, and for recurrences only the upper part."""
    if kind == "landmark":
        axis.set(xlim=(60, 244), ylim=(0.6, 1.01), xticks=range(60, 241, 60))
        return
    line = curve(episodes, kind)
    late = line.time[line.survival > 0.02][-1] / DAYS_PER_MONTH
    axis.set(xlim=(0, max([late, *(1.1 * point.months for point in arm.points if point.kind == kind)])), ylim=(0, 1.02))


def _line(target: Target, found: Mapping[str, float]) -> str:
    simulated = found.get(target.quantity, float("nan"))
    name = target.quantity.replace("_", " ")
    published = f"{target.value:.3g} ({target.low:.3g}–{target.high:.3g}, {target.source})"
    return f"{name}: simulated {simulated:.3g}, published {published}"


def _unique(axis: Axes) -> tuple[list[Any], list[str]]:
    """One legend entry per kind of mark."""
    seen: dict[str, Any] = {}
    for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
        seen.setdefault(label, handle)
    return list(seen.values()), list(seen)


# --- PSA courses beside those of Zhang2022's patients ----------------------------------------------------------------


def draw_courses(folder: RunFolder, simulated: pd.DataFrame, zhang: Path) -> Path:
    """Courses of PSA under AT50, of patients and simulated, and how cycles, falls and rises are distributed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    groups = {
        "Zhang2022": zhang2022.read(zhang, "adaptive"),
        "simulated": course_readings.followed(simulated, ADAPTIVE_DRUG),
    }
    figure = plt.figure(figsize=(13, 9.5), layout="constrained")
    grid = figure.add_gridspec(3, 12)
    for row, (name, visits) in enumerate(groups.items()):
        for column, patient in enumerate(typical(visits)):
            axis = figure.add_subplot(grid[row, 3 * column : 3 * column + 3])
            _course(axis, visits[visits["patient"] == patient], f"{name}, patient {patient}")
    for column, (title, unit, values) in enumerate(_distributions(groups)):
        _distribution(figure.add_subplot(grid[2, 4 * column : 4 * column + 4]), title, unit, values)
    figure.suptitle("PSA under adaptive abiraterone until progression (shaded: abiraterone given)")
    (folder.path / PICTURES).mkdir(exist_ok=True)
    return save(figure, folder.path / PICTURES / "psa-courses.png")


def typical(visits: pd.DataFrame) -> list[Any]:
    """Patients at even steps of the length of follow-up, short to long, without the extremes."""
    lengths = visits.groupby("patient")["day"].max().sort_values(kind="stable")
    positions = np.linspace(0.0, 1.0, SHOWN + 2)[1:-1] * (len(lengths) - 1)
    return [lengths.index[int(position)] for position in positions]


def _course(axis: Axes, visits: pd.DataFrame, title: str) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    months = visits["day"].to_numpy() / DAYS_PER_MONTH
    marker = np.maximum(MARKER_FLOOR, visits["marker"].to_numpy())
    for start, end, given in zip(months[:-1], months[1:], visits["given"].to_numpy()[1:], strict=True):
        if given:
            axis.axvspan(start, end, color=COLOURS[1], alpha=0.25, linewidth=0)
    axis.plot(months, marker, color=COLOURS[0], marker=".", markersize=4, linewidth=1.1)
    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.set_title(title, fontsize=9)
    axis.set_xlabel("months", fontsize=8)
    axis.set_ylabel("PSA, ng/mL", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.2)


def _distributions(groups: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, dict[str, Any]]]:
    stretches = {name: course_readings.intervals(visits) for name, visits in groups.items()}
    return [
        (
            "Length of a cycle",
            "days from one start to the next",
            {name: course_readings.cycles(visits)["days"] for name, visits in groups.items()},
        ),
        (
            "Fall over the first visit on abiraterone",
            "per day, natural logarithm",
            {name: -table.query("begins")["slope"].dropna() for name, table in stretches.items()},
        ),
        (
            "Rise from visit to visit off abiraterone",
            "per day, natural logarithm",
            {name: table.query("not given")["slope"].dropna() for name, table in stretches.items()},
        ),
    ]


def _distribution(axis: Axes, title: str, unit: str, values: Mapping[str, Any]) -> None:
    for k, (name, sample) in enumerate(values.items()):
        if len(sample) == 0:
            continue
        ordered = np.sort(sample.to_numpy())
        label = f"{name}: median {np.median(ordered):.3g} ({len(ordered)})"
        shares = np.arange(1, ordered.size + 1) / ordered.size
        axis.step(ordered, shares, where="post", color=(PUBLISHED, SIMULATED)[k], linestyle=DASHES[k], label=label)
    ends = np.array([np.quantile(sample, (0.02, 0.95)) for sample in values.values() if len(sample) > 1])
    if ends.size:
        axis.set_xlim(ends[:, 0].min(), ends[:, 1].max())
    axis.set_title(title, fontsize=10)
    axis.set_xlabel(unit, fontsize=8)
    axis.set_ylabel("cumulative share", fontsize=8)
    axis.legend(fontsize=8, loc="lower right")
    axis.grid(alpha=0.25)
