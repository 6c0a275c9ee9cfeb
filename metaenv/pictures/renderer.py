"""What an environment holds for its pictures: remembers courses, draws, shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from metaenv.cohort import Cohort
from metaenv.dynamics.state import BoolArray, IntArray
from metaenv.pictures.course import Courses
from metaenv.pictures.lesions import seen, truth, unseen
from metaenv.pictures.window import Window

if TYPE_CHECKING:
    from metaenv.pictures.chart import ChartPainter
    from metaenv.pictures.tile import TilePainter

Picture = NDArray[np.uint8]
ONE = (640, 480)  # pixels, of the picture of one patient
WALL = (1280, 960)  # pixels, of the pictures of many together
PICTURED = 64  # patients of a vector environment that are pictured, the first ones
_SMALLEST = (160, 120)  # pixels, of a picture


class Renderer:
    """Pictures of the patients of one environment. Whoever admits or treats them says so here.

    Args:
        cohort: whose patients.
        size: pixels (width, height) of the whole; None is 640 x 480 for one patient, 1280 x 960 for many.
        truth: whether to show what no clinic knows.
        pace: pictures per second in the window, at most.

    Raises:
        ValueError: the size is not two whole numbers, or leaves less than 160 x 120 pixels for a patient.
    """

    def __init__(self, cohort: Cohort, size: Sequence[int] | None, truth: bool, pace: float) -> None:
        self.cohort, self.truth = cohort, truth
        self.rows = min(cohort.size, PICTURED)
        self.columns = math.ceil(math.sqrt(self.rows))
        self.lines = math.ceil(self.rows / self.columns)
        width, height = checked_size(size, ONE if cohort.size == 1 else WALL, self.columns, self.lines)
        self.cell = (
            (width // self.columns // 2 * 2, height // self.lines // 2 * 2) if cohort.size > 1 else (width, height)
        )
        self.courses = Courses(cohort, self.rows)
        self.window = Window(f"metaenv: {cohort.scenario.disease.title}", pace)
        self._painter: ChartPainter | TilePainter | None = None
        self._others: Picture | None = None  # the tile of those who are not pictured

    def admitted(self, rows: IntArray) -> None:
        """New patients have come into some rows."""
        self.courses.begin(rows)

    def visited(self, active: BoolArray) -> None:
        """Some patients have been treated until their next visit; (patient,) which."""
        self.courses.add(active)

    def restored(self) -> None:
        """The cohort has been set to another time."""
        self.courses.rejoin()

    def picture(self, row: int) -> Picture:
        """The picture of one patient, (height, width, 3); those after the first `PICTURED` share a tile that says so.

        Raises:
            gymnasium.error.DependencyNotInstalled: Pillow is missing; the message says how to install it.
        """
        painter = self._painter or self._paint()
        self._painter = painter
        if row >= self.rows:
            self._others = self._blank() if self._others is None else self._others
            return self._others
        discs = seen(self.cohort, row)
        if not self.truth:
            return painter(self.courses.of(row), discs, None)
        return painter(self.courses.of(row), discs + unseen(self.cohort, row), truth(self.cohort, row))

    def pictures(self) -> tuple[Picture, ...]:
        """A picture of every patient, of one size."""
        return tuple(self.picture(row) for row in range(self.cohort.size))

    def grid(self) -> Picture:
        """The pictures of the first `PICTURED` patients side by side, (height, width, 3)."""
        width, height = self.cell
        whole = np.full((self.lines * height, self.columns * width, 3), 255, dtype=np.uint8)
        for row in range(self.rows):
            top, left = row // self.columns * height, row % self.columns * width
            whole[top : top + height, left : left + width] = self.picture(row)
        return whole

    def show(self) -> None:
        """Show the grid in the window, and open it first where there is none."""
        self.window.show(self.grid())

    def close(self) -> None:
        """Close the window."""
        self.window.close()

    def _blank(self) -> Picture:
        from metaenv.pictures.tile import TilePainter

        return TilePainter(self.cohort.scenario, *self.cell).blank(PICTURED)

    def _paint(self) -> ChartPainter | TilePainter:
        try:
            from metaenv.pictures.chart import LEAST, ChartPainter
            from metaenv.pictures.tile import TilePainter
        except ImportError as missing:
            if missing.name is not None and missing.name.split(".")[0] != "PIL":
                raise
            raise gymnasium.error.DependencyNotInstalled(
                "pictures need Pillow, which is not installed: pip install 'metastasis-env[video]'"
            ) from missing
        cohort, (width, height) = self.cohort, self.cell
        if width < LEAST[0] or height < LEAST[1]:
            return TilePainter(cohort.scenario, width, height)
        dosing = float(cohort.biology.settings[0].dosing_neutrophils)
        return ChartPainter(cohort.scenario, dosing, width, height, self.truth)

    def __getstate__(self) -> dict[str, Any]:
        """A copy of an environment draws its own ground."""
        return self.__dict__ | {"_painter": None}


def checked_size(size: Any, usual: tuple[int, int], columns: int, lines: int) -> tuple[int, int]:
    """Width and height in pixels, checked."""
    if size is None:
        return max(usual[0], columns * _SMALLEST[0]), max(usual[1], lines * _SMALLEST[1])
    numbers = tuple(size) if isinstance(size, Sequence) and not isinstance(size, str) else ()
    least = (columns * _SMALLEST[0], lines * _SMALLEST[1])
    whole = len(numbers) == 2 and all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers)
    if not whole or any(not low <= n <= 8192 for n, low in zip(numbers, least, strict=True)):
        raise ValueError(
            f"render_size must be (width, height) in pixels, each at most 8192 and at least {least}, got {size!r}"
        )
    return int(numbers[0]), int(numbers[1])
