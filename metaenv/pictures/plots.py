"""The curves of a course, each in its panel: marker, diameters, doses, neutrophils, toxicity."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from metaenv.clinic.codes import PROGRESSIVE, RADIOTHERAPY, RESECTION
from metaenv.dynamics.state import FloatArray
from metaenv.pictures.axes import Panel
from metaenv.pictures.canvas import Canvas, fitting, width_of
from metaenv.pictures.course import Course
from metaenv.pictures.palette import (
    DOSE,
    FRAME,
    GREY,
    HELD,
    INK,
    MARKER,
    NEUTROPHILS,
    PAPER,
    RULE,
    SUM,
    TOXICITY,
    pale,
)
from metaenv.scenario.scenario import Scenario

_FEW = 60  # visits up to which each is a point


def marker_floor(scenario: Scenario) -> float:
    """The least that a marker's axis shows: the assay's limit, or one copy in the tube."""
    sensors = scenario.disease.sensors
    if sensors.marker_limit > 0.0:
        return sensors.marker_limit
    return 1.0 / sensors.blood_volume if sensors.marker == "ctDNA" else 1e-3


def draw_marker(canvas: Canvas, panel: Panel, course: Course, width: float) -> None:
    """The tumour marker, and dashed its baseline."""
    value = course.note["marker"]
    baseline = float(course.note["baseline_marker"][-1])
    if baseline > 0.0:
        start, end = panel.level(baseline)
        canvas.dashes(start, end, MARKER, 0.5)
    _curve(canvas, panel, course.day, value, MARKER, width)


def draw_diameters(canvas: Canvas, panel: Panel, course: Course, width: float) -> None:
    """Sums of diameters at the scans: of all that was seen in full, of the RECIST targets dashed where it differs."""
    scanned = course.note["scanned"]
    day, seen, targets = course.day[scanned], course.seen[scanned].sum(axis=1), course.note["target_sum"][scanned]
    if np.any(targets > 0.0) and not np.allclose(targets, seen, atol=0.1):
        points = panel.points(day, targets)
        for start, end in pairwise(points):
            middle = 0.5 * (start + end)
            canvas.line([tuple(start), tuple(middle)], GREY, width)
    _curve(canvas, panel, day, seen, SUM, width)
    grown = course.note["response"][scanned] == PROGRESSIVE
    for x, y in panel.points(day[grown], seen[grown]) if day.size <= _FEW else ():
        canvas.disc(x, y, 2.2 * width, PAPER, SUM, width)


def draw_doses(canvas: Canvas, panel: Panel, course: Course, drug: int) -> None:
    """Bars of one drug; orange above them where a prescribed dose was held."""
    dose, held = course.dose[1:, drug], course.held[1:, drug]
    canvas.line(panel.level(1.0), RULE)
    if not dose.size:
        return
    edges = panel.x(course.day)
    columns = np.arange(math.floor(edges[0] * 2), math.ceil(edges[-1] * 2)) / 2 + 0.25
    visit = np.clip(np.searchsorted(course.day[1:], _day(panel, columns)), 0, dose.size - 1)
    change = np.flatnonzero(np.diff(dose[visit], prepend=np.nan, append=np.nan))
    for start, stop in pairwise(change):
        given = float(dose[visit[start]])
        if given > 0.0:
            left, right = columns[start] - 0.25, columns[stop - 1] + 0.25
            canvas.rectangle(left, float(panel.y(given)), right, panel.bottom, DOSE)
    stopped = held[visit]
    starts = np.flatnonzero(stopped & ~np.concatenate([[False], stopped[:-1]]))
    stops = np.flatnonzero(stopped & ~np.concatenate([stopped[1:], [False]]))
    for start, stop in zip(columns[starts], columns[stops], strict=True):
        canvas.rectangle(start - 0.25, panel.top, max(stop + 0.25, start + 1.0), panel.top + 2.5, HELD)


def draw_procedures(canvas: Canvas, panel: Panel, course: Course, size: float) -> None:
    """Letters where a lesion was resected (S) or irradiated (R), at the visit that decided it."""
    done = course.note["procedure"][1:]
    for k in np.flatnonzero(done).tolist():
        x = float(panel.x(course.day[k]))
        letter = {RESECTION: "S", RADIOTHERAPY: "R"}[int(done[k])]
        canvas.text(x, 0.5 * (panel.top + panel.bottom), letter, size, INK, "m")


def draw_neutrophils(canvas: Canvas, panel: Panel, course: Course, width: float, level: float) -> None:
    """Neutrophils, and dashed the level below which no infusion is given."""
    start, end = panel.level(level)
    canvas.dashes(start, end, GREY, 0.5)
    _curve(canvas, panel, course.day, course.neutrophils, NEUTROPHILS, width)


def draw_toxicity(canvas: Canvas, panel: Panel, course: Course) -> None:
    """The worst grade of all toxicities, as steps."""
    if not course.grade.shape[1] or course.day.size < 2:
        return
    worst = course.grade.max(axis=1)
    day, height = np.repeat(course.day, 2)[:-1], np.repeat(worst, 2)[1:]  # what a visit finds held since the one before
    if day.size > 4 * (panel.right - panel.left):
        kept = np.unique(np.linspace(0, day.size - 1, int(4 * (panel.right - panel.left))).round().astype(np.int64))
        day, height = day[kept], height[kept]
    steps = np.stack([panel.x(day), panel.y(height)], axis=1)
    ends = np.array([[steps[0, 0], panel.bottom], [steps[-1, 0], panel.bottom]])
    canvas.polygon(np.concatenate([ends[:1], steps, ends[1:]]), pale(TOXICITY, 0.45))
    canvas.line(steps, TOXICITY, 1.5)


def draw_events(canvas: Canvas, panel: Panel, course: Course) -> None:
    """An upright line where progression is dated, and one at death."""
    note = course.note[-1]
    if note["progressed"]:
        x = float(panel.x(float(note["progression_day"])))
        canvas.dashes((x, panel.top), (x, panel.bottom), INK, 1.0, 2.0)
    if course.cause:
        x = float(panel.x(float(course.day[-1])))
        canvas.line([(x, panel.top), (x, panel.bottom)], INK, 1.5)


def name_row(canvas: Canvas, panel: Panel, name: str, size: float, room: float) -> None:
    """Name of a row of bars on its left, in two lines where it is long, and the ground that they stand on."""
    parts = [name.replace("_", " ")] if width_of(name, size) <= room else name.split("_", 1)
    small = size if len(parts) == 1 else 0.85 * size
    for k, part in enumerate(parts):
        y = 0.5 * (panel.top + panel.bottom) + (k - 0.5 * (len(parts) - 1)) * small
        canvas.text(panel.left - 4, y, fitting(part, small, room), small, INK, "r")
    canvas.line([(panel.left, panel.bottom), (panel.right, panel.bottom)], FRAME)


def _curve(
    canvas: Canvas, panel: Panel, day: FloatArray, value: FloatArray, colour: tuple[int, int, int], width: float
) -> None:
    points = panel.points(day, value)
    if len(points) > 1:
        canvas.line(points, colour, width)
    if len(points) <= _FEW:
        for x, y in points:
            canvas.disc(x, y, 1.35 * width, colour, colour)


def _day(panel: Panel, x: FloatArray) -> FloatArray:
    """Days of pixels."""
    return (x - panel.left) / (panel.right - panel.left) * panel.span
