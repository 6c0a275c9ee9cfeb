"""The clinic chart of one patient: body on the left, courses on the right, words below the body."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from metaenv.pictures import words
from metaenv.pictures.anatomy import DISH_WIDTH
from metaenv.pictures.body import Figure, draw_disc, draw_figure, draw_labels, draw_lesions, label_places
from metaenv.pictures.canvas import Canvas, fitting, width_of, wrapped
from metaenv.pictures.course import Course
from metaenv.pictures.lesions import ASLEEP, HIDDEN, SEEN, Disc, Truth
from metaenv.pictures.palette import GREY, INK, PAPER, RULE
from metaenv.pictures.panels import Panels
from metaenv.scenario.scenario import Scenario

_MEASURED = 5  # lines of words that every chart has
LEAST = (480, 360)  # pixels; what is smaller is drawn as a tile


class ChartPainter:
    """Draws the chart of a patient of a scenario.

    Args:
        scenario: what is simulated.
        dosing: 1e9/L, neutrophils below which no infusion is given.
        width, height: pixels.
        truth: whether what no clinic knows is shown.
    """

    def __init__(self, scenario: Scenario, dosing: float, width: int, height: int, truth: bool) -> None:
        self.scenario, self.truth = scenario, truth
        self.width, self.height = width, height
        scale = min(width / 640, height / 480)
        self.big, self.size, self.small = 14 * scale, 11 * scale, 10 * scale
        self._margin, self._head = 10 * scale, 42 * scale
        self._split = 0.35 * width  # between body and courses
        self._room = self._split - 1.5 * self._margin  # of the words
        longest = "cells with " + ", ".join(f"{trait} <0.1%" for trait in scenario.traits)
        self._lines = _MEASURED + (2 + len(wrapped(longest, self.size, self._room))) * truth
        self._foot = height - self._margin - self._lines * 1.35 * self.size - 0.9 * self.size
        self.figure = Figure(
            middle=0.5 * self._split,
            crown=self._head + 8 * scale,
            height=self._foot - 1.5 * self.size - self._head - 8 * scale,
            organs=scenario.organs,
        )
        self._places = label_places(self.figure, self._margin, self._split - 0.5 * self._margin, self.size)
        room = 60 * scale
        self.panels = Panels(
            scenario=scenario,
            dosing=dosing,
            left=self._split + room + 4 * scale,
            top=self._head + 2 * scale,
            right=width - 14 * scale,
            bottom=height - 24 * scale,
            scale=scale,
            size=self.small,
            room=room,
        )
        self._ground = self._draw_ground()

    def __call__(self, course: Course, discs: list[Disc], truth: Truth | None) -> NDArray[np.uint8]:
        """The picture, (height, width, 3)."""
        canvas = Canvas(self.width, self.height, self._ground)
        self._draw_header(canvas, course)
        self._draw_findings(canvas, course, discs)
        self._draw_words(canvas, course, truth)
        self.panels.draw(canvas, course)
        return canvas.finish()

    def _draw_ground(self) -> Canvas:
        """What never changes: body, names of its organs, key."""
        canvas = Canvas(self.width, self.height)
        draw_figure(canvas, self.figure)
        draw_labels(canvas, self.figure, self._places, self.size)
        canvas.rectangle(0, self._foot - 1.5 * self.size, self._split, self.height, PAPER)  # the figure ends here
        x, y = self._margin, self._foot - 0.55 * self.size
        bodily = self.figure.bodily
        keys = [(SEEN, self.figure.radius(20.0), "20 mm, seen")] if bodily else []
        keys += [(HIDDEN, 0.3 * self.size, "hidden"), (ASLEEP, 0.3 * self.size, "asleep")] if self.truth else []
        for kind, radius, name in keys:
            draw_disc(canvas, x + radius, y, radius, kind)
            x += 2 * radius + 0.4 * self.size
            canvas.text(x, y, name, self.small, GREY)
            x += width_of(name, self.small) + 0.9 * self.size
        if not bodily:
            canvas.text(x, y, f"dish: {DISH_WIDTH:.0f} mm", self.small, GREY)
        return canvas

    def _draw_header(self, canvas: Canvas, course: Course) -> None:
        """Who, when, and whether alive: dark once the patient has died."""
        back, front, soft = (INK, PAPER, RULE) if course.cause else (RULE, INK, GREY)
        canvas.rectangle(0, 0, self.width, self._head, back)
        left, right = self._margin, self.width - 1.4 * self._margin
        first, second = 0.32 * self._head, 0.72 * self._head
        time = words.when(course)
        room = right - left - width_of(time, self.big) - 2 * self._margin
        canvas.text(left, first, fitting(self.scenario.disease.title, self.big, room), self.big, front)
        canvas.text(right, first, time, self.big, front, "r")
        canvas.text(left, second, f"patient {course.patient}", self.size, soft)
        canvas.text(right, second, words.outcome(course, self.scenario), self.size, front if course.over else soft, "r")

    def _draw_findings(self, canvas: Canvas, course: Course, discs: list[Disc]) -> None:
        """Lesions, and below the organs' names what the last scan saw in them."""
        draw_lesions(canvas, self.figure, discs)
        counts = Counter(disc.organ for disc in discs if disc.kind == SEEN)
        for organ, (x, y, anchor) in enumerate(self._places):
            colour = INK if counts[organ] else GREY
            for k, line in enumerate(words.seen_in(course, organ, counts[organ])):
                canvas.text(x, y + (1.2 + 1.1 * k) * self.size, line, self.small, colour, anchor)

    def _draw_words(self, canvas: Canvas, course: Course, truth: Truth | None) -> None:
        """The last visit in words."""
        lines = [
            words.response(course),
            words.progression(course),
            words.worst_toxicity(course, self.scenario),
            f"neutrophils: {course.neutrophils[-1]:.1f}e9/L",
            words.worth(course, self.scenario),
        ]
        sentences = words.truths(truth, self.scenario) if truth is not None else ()
        facts = [line for sentence in sentences for line in wrapped(sentence, self.size, self._room)]
        for k, line in enumerate([*lines, *facts][: self._lines]):
            y = self._foot + (0.9 + 1.35 * k) * self.size
            colour = INK if k < _MEASURED else GREY
            canvas.text(self._margin, y, fitting(line, self.size, self._room), self.size, colour)
