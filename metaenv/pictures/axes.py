"""Axes: round numbers, and where a value stands on the canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import DAYS_PER_YEAR
from metaenv.dynamics.state import FloatArray
from metaenv.pictures.canvas import Canvas, Point
from metaenv.pictures.palette import FRAME, GREY, RULE

YEAR = DAYS_PER_YEAR
_SPANS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0)  # years that the axis of time may show


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A frame with its two axes.

    Attributes:
        left, top, right, bottom: pixels.
        span: days from the left edge to the right.
        low, high: values at the lower and the upper edge; logarithms where `log`.
        log: whether the upright axis is logarithmic.
    """

    left: float
    top: float
    right: float
    bottom: float
    span: float
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    def x(self, day: FloatArray | float) -> NDArray[np.float64]:
        """Pixels of days."""
        return self.left + np.asarray(day, dtype=np.float64) / self.span * (self.right - self.left)

    def y(self, value: FloatArray | float) -> NDArray[np.float64]:
        """Pixels of values, kept inside the frame."""
        value = np.asarray(value, dtype=np.float64)
        height = np.log10(np.maximum(value, 10.0**self.low)) if self.log else value
        share = np.clip((height - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(self.bottom - share * (self.bottom - self.top))

    def points(self, day: FloatArray, value: FloatArray) -> NDArray[np.float64]:
        """Pixels of a curve, (point, 2); where there are more visits than pixels, of some of them and of the last."""
        most = max(2, int(2 * (self.right - self.left)))
        if day.size > most:
            kept = np.unique(np.linspace(0, day.size - 1, most).round().astype(np.int64))
            day, value = day[kept], value[kept]
        return np.stack([self.x(day), self.y(value)], axis=1)

    def level(self, value: float) -> list[Point]:
        """A level line at a value."""
        y = float(self.y(value))
        return [(self.left, y), (self.right, y)]


def years_shown(day: float, horizon: float) -> float:
    """Years that the axis of time shows: the follow-up, or a round number that the days so far fit into."""
    whole = horizon / YEAR
    return next((years for years in _SPANS if day <= years * YEAR and years < whole), whole)


def year_ticks(years: float) -> list[float]:
    """Round years below the end of the axis."""
    step = next(
        step for step in (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if years / step <= 6.5 or step == 50.0
    )
    return [k * step for k in range(int(years / step + 1e-9) + 1)]


def level_marks(value: float, least: float, most: float) -> tuple[float, list[float]]:
    """Upper end of a level axis from 0 that a value fits into, and round marks below it, about as many as `most`."""
    top = max(1.1 * value, least)
    size = 10.0 ** math.floor(math.log10(top))
    step = next(size * share for share in (0.2, 0.5, 1.0, 2.0, 5.0) if top / (size * share) <= most)
    return top, [k * step for k in range(math.floor(top / step + 1e-9) + 1)]


def decades(low: float, high: float) -> tuple[float, float, list[float]]:
    """Ends (logarithms) of an axis that shows values from low to high, and its marks."""
    start, end = math.log10(low) - 0.04, math.log10(high) + 0.04
    if end - start < 1.0:
        middle = 0.5 * (start + end)
        start, end = middle - 0.5, middle + 0.5
    start, end = math.floor(start * 5.0) / 5.0, math.ceil(end * 5.0) / 5.0
    shares = (1.0, 2.0, 5.0) if end - start < 2.2 else (1.0,)
    every = 1 if end - start < 5.0 else 2
    marks = [
        share * 10.0**power
        for power in range(math.floor(start), math.ceil(end) + 1, every)
        for share in shares
        if start - 1e-9 <= power + math.log10(share) <= end + 1e-9
    ]
    return start, end, marks


def short(value: float) -> str:
    """A mark in few letters."""
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e") if abs(value) >= 1e5 else f"{value:g}"


def draw_panel(canvas: Canvas, panel: Panel, marks: list[float], ticks: list[float], size: float) -> None:
    """Thin lines, frame and numbers of a panel."""
    for tick in ticks:
        x = float(panel.x(tick * YEAR))
        canvas.line([(x, panel.top), (x, panel.bottom)], RULE)
    for mark in marks:
        canvas.line(panel.level(mark), RULE)
        canvas.text(panel.left - 4, float(panel.y(mark)), short(mark), size, GREY, "r")
    canvas.line([(panel.left, panel.top), (panel.left, panel.bottom), (panel.right, panel.bottom)], FRAME)


def draw_years(canvas: Canvas, panel: Panel, ticks: list[float], size: float) -> None:
    """Numbers of the years below a panel."""
    y = panel.bottom + 0.8 * size + 2
    canvas.text(panel.left - size, y, "years", size, GREY, "r")
    for tick in ticks:
        canvas.text(float(panel.x(tick * YEAR)), y, f"{tick:g}", size, GREY, "m")
