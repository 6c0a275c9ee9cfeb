"""The pictures of a run, drawn from its folder alone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from metaenv.clinic.codes import PROCEDURES, RADIOTHERAPY, RESECTION
from metaenv_experiments.pages.foremost import foremost
from metaenv_experiments.pages.sheets import Sheet, words
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, DAYS_PER_YEAR
from metaenv_experiments.trials.trial import COURSES, EPISODES, SUMMARY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by colour-blind readers too; dashes repeat the distinction without any colour.
COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#7F7F7F", "#F0E442")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 2, 1, 2, 1, 2)))
SOLID = "-"
OTHERS: dict[str, Any] = {"color": "#C8C8C8", "linewidth": 0.8, "zorder": 0.5}  # curves that are there for comparison
PICTURES = "pictures"
RESOLUTION = 130  # dots per inch
LANE = 1.2  # height of a drug's lane, in its highest dose
MOST = 2.0  # full doses a day that are drawn; an infusion on the day before a death is many
HELD: dict[str, Any] = {"facecolor": "none", "edgecolor": "#7F7F7F", "hatch": "////", "linewidth": 0.0}
MEDIANS = ("of survival", "to progression")
CELL_FLOOR = 1.0  # cells: the lowest burden on a logarithmic axis


def draw(folder: RunFolder, *, out: Path | None = None, patient: int | None = None) -> list[Path]:
    """Draw every picture that the folder has the data for; return their paths."""
    import matplotlib

    matplotlib.use("Agg")
    target = folder.path / PICTURES if out is None else out
    target.mkdir(parents=True, exist_ok=True)
    episodes, summary = folder.read_table(EPISODES), folder.read_json(SUMMARY)
    crowded = len(summary["policies"]) > len(COLOURS) and "kinds" in summary  # older runs know no kinds of policies
    curves = foremost(summary) if crowded else list(summary["policies"])
    drawn = {"survival.png": survival(episodes, summary, curves), "outcomes.png": outcomes(summary)}
    if folder.has(COURSES):
        courses = folder.read_table(COURSES)
        drawn["course.png"] = course_of(courses, episodes, summary, patient)
    elif patient is not None:
        raise RequestError(
            f"--patient needs a run that stored courses, got {folder.path}, which was run with --watch 0"
        )
    return [save(figure, target / name) for name, figure in drawn.items()]


def save(figure: Figure, path: Path) -> Path:
    """Write a figure and let go of it."""
    import matplotlib.pyplot as plt

    write_atomically(path, lambda partial: figure.savefig(partial, format="png", dpi=RESOLUTION))
    plt.close(figure)
    return path


def styles_of(policies: list[str]) -> dict[str, dict[str, Any]]:
    """A colour and a dash for each, no two alike up to the product of their numbers."""
    colours, dashes = len(COLOURS), len(DASHES)
    return {
        name: {"color": COLOURS[k % colours], "linestyle": DASHES[(k + k // math.lcm(colours, dashes)) % dashes]}
        for k, name in enumerate(policies)
    }


# --- survival curves -------------------------------------------------------------------------------------------------


def survival(episodes: pd.DataFrame, summary: dict[str, Any], policies: list[str]) -> Figure:
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
    for axis, (title, state, days, event) in zip(axes, panels, strict=True):
        for name, group in episodes.groupby("policy", sort=False):
            curve = statistics.kaplan_meier(group[days], group[event])
            if name in style:
                _curve(axis, curve, str(name), style[str(name)])
            else:
                axis.step(curve.time / DAYS_PER_MONTH, curve.survival, where="post", **OTHERS)
        axis.set(title=title, xlabel="months since the start", ylim=(0, 1.02), xlim=(0, None))
        axis.set_ylabel(f"fraction {state}")
        axis.yaxis.set_tick_params(labelleft=True)
        axis.grid(alpha=0.25)
    titled = "policy: median months " + " · ".join(MEDIANS[-len(axes) :])
    handles, labels = _medians(axes)
    others = len(summary["policies"]) - len(policies)
    if others:
        handles, labels = [*handles, Line2D([], [], **OTHERS)], [*labels, f"{others} others"]
    figure.legend(handles, labels, loc="outside lower center", ncols=len(axes) + 1, frameon=False, title=titled)
    patients, disease = summary["patients"], summary["scenario"]["disease"]
    figure.suptitle(f"{disease}: the same {patients} patients under each policy (bands: 95 %, ticks: censored)")
    return figure


def at_risk(episodes: pd.DataFrame) -> Sheet:
    """How many of each policy's patients are alive and followed, year by year."""
    last = float(episodes["survival_days"].max()) / DAYS_PER_YEAR
    years = range(math.floor(last) + 1)
    rows = [
        (words(str(name)), *(str(int((group["survival_days"] >= DAYS_PER_YEAR * year).sum())) for year in years))
        for name, group in episodes.groupby("policy", sort=False)
    ]
    return Sheet("Alive and followed after so many years", ("policy", *map(str, years)), rows)


def _medians(axes: Any) -> tuple[list[Any], list[str]]:
    """Join the panels' labels: policy, median of each panel."""
    handles, labels = axes[0].get_legend_handles_labels()
    for axis in axes[1:]:
        medians = [label.partition(": ")[2] for label in axis.get_legend_handles_labels()[1]]
        labels = [f"{label} · {median}" for label, median in zip(labels, medians, strict=True)]
    return handles, labels


def _curve(axis: Axes, curve: statistics.Curve, name: str, style: dict[str, Any]) -> None:
    months = curve.time / DAYS_PER_MONTH
    half = statistics.median(curve).value / DAYS_PER_MONTH
    label = f"{name}: {'not reached' if np.isnan(half) else f'{half:.1f}'}"
    axis.step(months, curve.survival, where="post", linewidth=1.8, label=label, **style)
    axis.fill_between(months, curve.low, curve.high, step="post", color=style["color"], alpha=0.12, linewidth=0)
    moments = np.unique(curve.censored)
    heights = curve.survival[np.searchsorted(curve.time, moments, side="right") - 1]
    axis.plot(moments / DAYS_PER_MONTH, heights, "|", color=style["color"], markersize=5, markeredgewidth=0.7)


# --- outcomes --------------------------------------------------------------------------------------------------------


def outcomes(summary: dict[str, Any]) -> Figure:
    """Every policy's mean return, and its paired difference to the reference, with intervals."""
    import matplotlib.pyplot as plt

    names = list(summary["policies"])
    style, unit = styles_of(names), summary["return_unit"]
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 1.6 + 0.42 * len(names)), sharey=True, layout="constrained", width_ratios=(3, 2)
    )
    for row, name in enumerate(names):
        _interval(left, row, summary["policies"][name]["return"], style[name]["color"])
        difference = summary["differences_to_reference"].get(name)
        if difference is not None:
            _interval(right, row, difference["return"], style[name]["color"], form="{:+.2f}")
    left.set(yticks=range(len(names)), yticklabels=names, xlabel=f"{unit},\nmean per patient")
    left.set_ylim(len(names) - 0.4, -0.6)
    left.set_xlim(min(0.0, left.get_xlim()[0]), None)
    right.set_xlabel(f"{unit},\npaired difference to {summary['reference']}")
    right.axvline(0.0, color="#7F7F7F", linewidth=1)
    for axis in (left, right):
        axis.grid(axis="x", alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.12)
    figure.suptitle(f"{summary['scenario']['disease']}: {summary['patients']} patients per policy, 95 % intervals")
    return figure


def _interval(axis: Axes, row: int, estimate: dict[str, float | None], colour: str, form: str = "{:.2f}") -> None:
    value, low, high = (np.nan if number is None else number for number in estimate.values())
    axis.plot([low, high], [row, row], color=colour, linewidth=2, solid_capstyle="butt")
    axis.plot(value, row, "o", color=colour, markersize=6)
    axis.annotate(form.format(value), (value, row), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8)


# --- one patient's course --------------------------------------------------------------------------------------------


def course(courses: pd.DataFrame, episodes: pd.DataFrame, summary: dict[str, Any], patient: int) -> Figure:
    """What one and the same patient goes through under each policy, one row per policy."""
    import matplotlib.pyplot as plt

    names = list(summary["policies"])
    figure, axes = plt.subplots(
        len(names),
        4,
        figsize=(17, 1.1 + 1.75 * len(names)),
        sharex=True,
        sharey="col",
        squeeze=False,
        layout="constrained",
    )
    scenario = summary["scenario"]
    given = courses[[f"dose_{drug}" for drug in scenario["drugs"]]].to_numpy()
    highest = min(MOST, max(1.0, float(given.max())))
    for row, name in enumerate(names):
        one = courses[(courses["policy"] == name) & (courses["patient"] == patient)]
        end = episodes[(episodes["policy"] == name) & (episodes["patient"] == patient)].iloc[0]
        months = one["day"].to_numpy() / DAYS_PER_MONTH
        _burden(axes[row, 0], months, one)
        _resistance(axes[row, 1], months, one, scenario)
        _marker(axes[row, 2], months, one)
        _doses(axes[row, 3], months, one, scenario, highest)
        axes[row, 0].set_title(_fate(name, end), loc="left", fontsize=9, fontweight="bold")
        for axis in axes[row]:
            _mark_events(axis, end)
    for column in (0, 2):
        _widen(axes[0, column])
    _finish(axes, summary, patient)
    return figure


def course_of(
    courses: pd.DataFrame, episodes: pd.DataFrame, summary: dict[str, Any], patient: int | None = None
) -> Figure:
    """The course of one of the stored patients, the most typical unless another is wanted."""
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


def _resistance(axis: Axes, months: Any, one: pd.DataFrame, scenario: dict[str, Any]) -> None:
    for k, trait in enumerate(scenario["traits"]):
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


def _doses(axis: Axes, months: Any, one: pd.DataFrame, scenario: dict[str, Any], highest: float) -> None:
    """Each visit's mean given dose as a bar over the time since the visit before; every drug has its lane."""
    drugs = scenario["drugs"]
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
    if scenario["local_therapy"]:
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


def _fate(name: str, end: Any) -> str:
    months = end["survival_days"] / DAYS_PER_MONTH
    fate = (
        f"died at {months:.0f} months of {end['cause'].replace('_', ' ')}"
        if end["died"]
        else f"alive at {months:.0f} months"
    )
    return f"{name}: {fate}, return {end['return']:.2f}"


def _finish(axes: Any, summary: dict[str, Any], patient: int) -> None:
    marker = summary["scenario"].get("marker", "marker")  # older runs do not say what it is
    titles = (
        "Tumour burden, cells",
        "Resistant fraction of cells",
        f"Blood: {marker}",
        "Doses given, fraction of full dose",
    )
    for axis, title in zip(axes[0], titles, strict=True):
        own = axis.get_title(loc="left")
        axis.set_title(f"{title}\n{own}" if own else title, loc="left", fontsize=9, fontweight="bold")
    for axis in axes[-1]:
        axis.set_xlabel("months since the start", fontsize=8)
        axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.32), ncols=3, frameon=False)
        axis.set_xlim(0, None)
    axes[0, 0].figure.suptitle(
        f"{summary['scenario']['disease']}: patient {patient} under each policy "
        f"(dashed line: progression, solid line: death; return in {summary['return_unit']})"
    )


def _chosen(wanted: int | None, courses: pd.DataFrame, episodes: pd.DataFrame) -> int:
    """Return the patient to draw: the wanted one, else the stored one whose returns are nearest to the middle."""
    stored = courses["patient"].unique()
    if wanted is not None and wanted not in stored:
        raise RequestError(f"--patient must be one of those stored, {', '.join(map(str, stored))}, got {wanted}")
    if wanted is not None:
        return wanted
    percentile = episodes.groupby("policy")["return"].rank(pct=True)
    distance = (percentile - 0.5).abs().groupby(episodes["patient"]).mean()
    return int(distance.loc[stored].idxmin())


# --- learning --------------------------------------------------------------------------------------------------------


def draw_learning(folder: RunFolder) -> Path | None:
    """The mean return on validation patients while learning; None where nothing was evaluated."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import EngFormatter

    training = folder.read_json("training.json")
    if not training["scores"]:
        return None
    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    steps, scores = ([point[key] for point in training["scores"]] for key in ("steps", "mean_return"))
    together = " + ".join([training["disease"], *training.get("also", ())])
    unit = "return per year of follow-up" if "also" in training else "return"
    axis.plot(steps, scores, color=COLOURS[5], marker="o", markersize=4)
    axis.xaxis.set_major_formatter(EngFormatter(sep=" "))
    axis.set(xlabel="visits played", ylabel=f"mean {unit} of {training['validation_patients']} patients")
    axis.set_title(f"{training['algo']} on {together}: validation patients")
    axis.grid(alpha=0.25)
    (folder.path / PICTURES).mkdir(exist_ok=True)
    return save(figure, folder.path / PICTURES / "learning.png")
