"""A patient on a small tile, for a grid of many: body, marker over dose, response or cause of death."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import RESPONSES
from metaenv.pictures import words
from metaenv.pictures.axes import YEAR, Panel, decades, years_shown
from metaenv.pictures.body import Figure, draw_figure, draw_lesions
from metaenv.pictures.canvas import Canvas, fitting, width_of
from metaenv.pictures.course import Course
from metaenv.pictures.lesions import SEEN, Disc, Truth
from metaenv.pictures.palette import FRAME, GREY, INK, PAPER, RULE
from metaenv.pictures.plots import draw_doses, draw_events, draw_marker, marker_floor
from metaenv.scenario.scenario import Scenario


class TilePainter:
    """Draws the tile of a patient of a scenario; arguments as of `ChartPainter`."""

    def __init__(self, scenario: Scenario, width: int, height: int) -> None:
        self.scenario = scenario
        self.width, self.height = width, height
        self.size = max(8.0, 0.07 * height)
        self._head = 1.7 * self.size
        self._split = 0.42 * width
        self.figure = Figure(
            middle=0.5 * self._split,
            crown=self._head + 4,
            height=min(height - self._head - 6, 1.7 * self._split),
            organs=scenario.organs,
        )
        self._ground = Canvas(width, height)
        draw_figure(self._ground, self.figure)
        below = self.figure.crown + self.figure.height
        self._ground.rectangle(0, below, self._split, height, PAPER)

    def __call__(self, course: Course, discs: list[Disc], truth: Truth | None) -> NDArray[np.uint8]:
        """The picture, (height, width, 3)."""
        canvas = Canvas(self.width, self.height, self._ground)
        draw_lesions(canvas, self.figure, discs)
        back, front = (INK, PAPER) if course.cause else (RULE, INK)
        canvas.rectangle(0, 0, self.width, self._head, back)
        time = f"day {course.day[-1]:.0f}"
        room = self.width - width_of(time, self.size) - 3 * self.size
        canvas.text(5, 0.5 * self._head, fitting(f"patient {course.patient}", self.size, room), self.size, front)
        canvas.text(self.width - 5, 0.5 * self._head, time, self.size, front, "r")
        self._draw_course(canvas, course)
        self._draw_words(canvas, course, Counter(disc.kind for disc in discs)[SEEN])
        canvas.line([(self.width - 0.25, 0), (self.width - 0.25, self.height)], FRAME, 0.5)
        canvas.line([(0, self.height - 0.25), (self.width, self.height - 0.25)], FRAME, 0.5)
        return canvas.finish()

    def blank(self, pictured: int) -> NDArray[np.uint8]:
        """The tile of a patient who is not pictured."""
        canvas = Canvas(self.width, self.height)
        lines = ("of these patients", f"only the first {pictured}", "are pictured")
        for k, line in enumerate(lines):
            y = 0.5 * self.height + (k - 1) * 1.5 * self.size
            canvas.text(0.5 * self.width, y, line, self.size, GREY, "m")
        return canvas.finish()

    def _draw_course(self, canvas: Canvas, course: Course) -> None:
        """Marker above, the dose of each drug below, over one axis of time."""
        years = years_shown(float(course.day[-1]), self.scenario.horizon)
        value = np.maximum(course.note["marker"], marker_floor(self.scenario))
        low, high, _ = decades(float(value.min()), float(value.max()))
        left, right, top = self._split + 2, self.width - 6.0, self._head + 1.6 * self.size
        end = self.height - 5.2 * self.size
        drugs = len(self.scenario.drugs)
        row = min(0.9 * self.size, 0.5 * (end - top) / drugs)
        bottom = end - drugs * row - 2
        marker = Panel(left=left, right=right, top=top, bottom=bottom, span=years * YEAR, low=low, high=high, log=True)
        canvas.text(left, top - 0.8 * self.size, self.scenario.disease.sensors.marker, self.size, GREY)
        canvas.text(right, top - 0.8 * self.size, f"{years:g} year{'s' if years != 1.0 else ''}", self.size, GREY, "r")
        canvas.line([(left, top), (left, bottom), (right, bottom)], FRAME)
        draw_marker(canvas, marker, course, max(1.0, 0.09 * self.size))
        draw_events(canvas, marker, course)
        for k in range(drugs):
            foot = bottom + 2 + (k + 1) * row
            high = max(1.0, float(course.dose[:, k].max()))
            bars = Panel(left=left, right=right, top=foot - 0.8 * row, bottom=foot, span=years * YEAR, high=high)
            draw_doses(canvas, bars, course, k)

    def _draw_words(self, canvas: Canvas, course: Course, seen: int) -> None:
        """Response, lesions, what was gained, outcome."""
        left, room = self._split + 2, self.width - self._split - 8
        note, outcome = course.note[-1], words.outcome(course, self.scenario)
        if width_of(outcome, self.size) > room:
            outcome = outcome.removeprefix("died of ").removeprefix("alive at the ")
        found = f"{course.seen[-1].sum():.0f} mm in {seen}" if seen else "nothing seen"
        lines = (
            f"{RESPONSES[int(note['response'])]}, {found}" if note["scan_day"] else found,
            f"gained {course.worth:.2f} years" if course.worth == course.worth else "gain not known",
            outcome,
        )
        for k, line in enumerate(lines):
            y = self.height - 4.2 * self.size + 1.4 * k * self.size
            colour = INK if k < 2 or course.over else GREY
            canvas.text(left, y, fitting(line, self.size, room), self.size, colour)
