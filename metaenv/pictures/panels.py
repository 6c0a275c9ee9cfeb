"""The right half of the chart: five panels over one axis of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv.pictures.axes import YEAR, Panel, decades, draw_panel, draw_years, level_marks, year_ticks, years_shown
from metaenv.pictures.canvas import Canvas
from metaenv.pictures.course import Course
from metaenv.pictures.palette import GREY, INK
from metaenv.pictures.plots import (
    draw_diameters,
    draw_doses,
    draw_events,
    draw_marker,
    draw_neutrophils,
    draw_procedures,
    draw_toxicity,
    marker_floor,
    name_row,
)
from metaenv.scenario.scenario import Scenario

_SHARES = (0.38, 0.28, 0.17, 0.17)  # of the height, of marker, diameters, neutrophils, toxicity


@dataclass(frozen=True, kw_only=True)
class Panels:
    """Where the panels stand.

    Attributes:
        scenario: what is simulated.
        dosing: 1e9/L, neutrophils below which no infusion is given.
        left, top, right, bottom: pixels, of the panels with their titles but without the numbers beside them.
        scale: pixels per pixel of the chart at 640 x 480.
        size: pixels, of the letters.
        room: pixels left of the panels.
    """

    scenario: Scenario
    dosing: float
    left: float
    top: float
    right: float
    bottom: float
    scale: float
    size: float
    room: float

    def draw(self, canvas: Canvas, course: Course) -> None:
        """All panels of a course."""
        years = years_shown(float(course.day[-1]), self.scenario.horizon)
        ticks, span, width = year_ticks(years), years * YEAR, 1.4 * self.scale
        tops, heights = self._places()

        def panel(k: int, low: float = 0.0, high: float = 1.0, log: bool = False) -> Panel:
            bottom = tops[k] + heights[k]
            return Panel(
                left=self.left, right=self.right, top=tops[k], bottom=bottom, span=span, low=low, high=high, log=log
            )

        sensors = self.scenario.disease.sensors
        floor = marker_floor(self.scenario)
        value = np.maximum(course.note["marker"], floor)
        low, high, marks = decades(float(value.min()), float(value.max()))
        marker = panel(0, low, high, log=True)
        if course.note["marker"].min() < floor:  # what the axis cannot show lies on its lower edge
            marks = [mark for mark in marks if mark >= floor]
        self._frame(canvas, marker, marks, ticks, f"{sensors.marker}, {sensors.marker_unit} (dashed: baseline)")
        if course.note["marker"].min() < floor:
            canvas.text(marker.left - 4, marker.bottom, "0", self.size, GREY, "r")
        draw_marker(canvas, marker, course, width)

        high, marks = level_marks(float(course.seen.sum(axis=1).max()), 10.0, 5.0)
        diameters = panel(1, high=high)
        self._frame(canvas, diameters, marks, ticks, self._name_of_sums(course))
        draw_diameters(canvas, diameters, course, width)

        self._title(canvas, tops[2], "dose since the last visit (line: full dose, orange: held)")
        self._draw_rows(canvas, course, panel(2))

        high, marks = level_marks(float(course.neutrophils.max()), 4.0, 3.5)
        neutrophils = panel(3, high=high)
        self._frame(
            canvas, neutrophils, marks, ticks, f"neutrophils, 1e9/L (dashed: {self.dosing:g}, least for infusions)"
        )
        draw_neutrophils(canvas, neutrophils, course, width, self.dosing)

        toxicity = panel(4, high=4.2)
        self._frame(canvas, toxicity, [0.0, 2.0, 4.0], ticks, "worst toxicity, CTCAE grade")
        draw_toxicity(canvas, toxicity, course)
        draw_years(canvas, toxicity, ticks, self.size)
        for each in (marker, diameters, neutrophils, toxicity):
            draw_events(canvas, each, course)

    def _places(self) -> tuple[list[float], list[float]]:
        """Tops and heights of the panels, each with a line for its title above."""
        line, whole = 1.75 * self.size, self.bottom - self.top
        rows = len(self.scenario.drugs) + self.scenario.local_therapy
        doses = min(rows * 16 * self.scale, 0.36 * whole)
        rest = whole - 5 * line - doses
        heights = [share * rest for share in _SHARES]
        heights.insert(2, doses)
        tops, y = [], self.top
        for height in heights:
            tops.append(y + line)
            y += line + height
        return tops, heights

    def _draw_rows(self, canvas: Canvas, course: Course, whole: Panel) -> None:
        """One row of bars per drug, and one of letters for local therapy."""
        drugs = [drug.name for drug in self.scenario.drugs]
        names = [*drugs, "local therapy"] if self.scenario.local_therapy else drugs
        height = (whole.bottom - whole.top) / len(names)
        for k, name in enumerate(names):
            bottom = whole.top + (k + 1) * height
            high = max(1.0, float(course.dose[:, k].max())) if k < len(drugs) else 1.0
            row = Panel(
                left=whole.left,
                right=whole.right,
                top=bottom - 0.78 * height,
                bottom=bottom,
                span=whole.span,
                high=high,
            )
            name_row(canvas, row, name, self.size, self.room)
            if k < len(drugs):
                draw_doses(canvas, row, course, k)
            else:
                draw_procedures(canvas, row, course, self.size)

    def _frame(self, canvas: Canvas, panel: Panel, marks: list[float], ticks: list[float], title: str) -> None:
        draw_panel(canvas, panel, marks, ticks, self.size)
        self._title(canvas, panel.top, title)

    def _title(self, canvas: Canvas, top: float, words: str) -> None:
        head, _, aside = words.partition(" (")
        canvas.text(self.left, top - 0.75 * self.size, head, self.size, INK)
        if aside:
            canvas.text(self.right, top - 0.75 * self.size, aside.rstrip(")"), self.size, GREY, "r")

    def _name_of_sums(self, course: Course) -> str:
        note = course.note[-1]
        both = float(note["baseline_sum"]) > 0.0
        return "sum of diameters seen, mm" + (" (dashed: targets, open: PD)" if both else "")
