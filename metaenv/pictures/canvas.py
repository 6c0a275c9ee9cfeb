"""A canvas to draw on, by Pillow: shapes at twice the size, made smooth by halving, and letters at their own size.

The letters are of the font that Pillow carries in itself, so that a picture is the same on every machine. It knows
the basic Latin letters and signs only; accents are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from metaenv.pictures.palette import PAPER, Colour

Point = tuple[float, float]
_FINE = 2  # shapes are drawn so many times larger


class Canvas:
    """So many pixels of paper; places and widths are in pixels, from the upper left corner.

    Args:
        width, height: pixels.
        under: a canvas of the same size to start from.
    """

    def __init__(self, width: int, height: int, under: Canvas | None = None) -> None:
        self.width, self.height = width, height
        if under is None:
            self._image = Image.new("RGB", (width * _FINE, height * _FINE), PAPER)
            self._words: list[tuple[float, float, str, int, Colour, str]] = []
        else:
            self._image = under._image.copy()
            self._words = list(under._words)
        self._draw = ImageDraw.Draw(self._image)

    def line(self, points: Sequence[Point] | NDArray[np.float64], colour: Colour, width: float = 1.0) -> None:
        """A line through points."""
        thick = max(1, round(width * _FINE))
        joint = "curve" if thick > 2 and len(points) > 2 else None
        self._draw.line(_large(points), fill=colour, width=thick, joint=joint)

    def dashes(self, start: Point, end: Point, colour: Colour, width: float = 1.0, dash: float = 3.0) -> None:
        """A dashed straight line, upright or level."""
        upright = start[0] == end[0]
        half = max(1, round(width * _FINE)) / 2 / _FINE
        at, last = (start[1], end[1]) if upright else (start[0], end[0])
        while at < last:
            stop = min(last, at + dash)
            if upright:
                self.rectangle(start[0] - half, at, start[0] + half, stop, colour)
            else:
                self.rectangle(at, start[1] - half, stop, start[1] + half, colour)
            at += 2 * dash

    def polygon(self, points: Sequence[Point] | NDArray[np.float64], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(_large(points), fill=colour)

    def rectangle(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle; right and bottom are outside it."""
        corners = [round(left * _FINE), round(top * _FINE), round(right * _FINE) - 1, round(bottom * _FINE) - 1]
        if corners[2] >= corners[0] and corners[3] >= corners[1]:
            self._draw.rectangle(corners, fill=colour)

    def ellipse(
        self, x: float, y: float, across: float, down: float, fill: Colour | None, edge: Colour, width: float = 1.0
    ) -> None:
        """An ellipse with half axes across and down."""
        box = [(x - across) * _FINE, (y - down) * _FINE, (x + across) * _FINE, (y + down) * _FINE]
        self._draw.ellipse(box, fill=fill, outline=edge, width=max(1, round(width * _FINE)))

    def disc(self, x: float, y: float, radius: float, fill: Colour | None, edge: Colour, width: float = 1.0) -> None:
        """A disc, or without a fill a ring."""
        self.ellipse(x, y, radius, radius, fill, edge, width)

    def text(self, x: float, y: float, words: str, size: float, colour: Colour, anchor: str = "l") -> None:
        """One line of letters, set left (l), middle (m) or right (r) of x, its capitals centred on y."""
        self._words.append((x, y, words, max(8, round(size)), colour, anchor))

    def finish(self) -> NDArray[np.uint8]:
        """The picture, (height, width, 3)."""
        image = self._image.reduce(_FINE)
        for x, y, words, size, colour, anchor in self._words:
            mask, left, top, advance = _letters(words, size)
            if mask is not None:
                start = x - {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * advance
                image.paste(colour, (round(start) + left, round(y + 0.36 * size) + top), mask)
        return np.array(image)


def width_of(words: str, size: float) -> float:
    """How many pixels a line of letters takes."""
    return _letters(words, max(8, round(size)))[3]


def fitting(words: str, size: float, room: float) -> str:
    """The words, cut short with two dots where there is no room for all of them."""
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + "..", size) > room:
        words = words[:-1]
    return words.rstrip() + ".." if words else ""


def wrapped(words: str, size: float, room: float) -> list[str]:
    """The words in as many lines as they need, broken behind commas."""
    lines: list[str] = []
    for part in words.split(", "):
        if lines and width_of(f"{lines[-1]}, {part}", size) <= room:
            lines[-1] += f", {part}"
        else:
            lines.append(part)
    return [line + "," for line in lines[:-1]] + lines[-1:]


def _large(points: Any) -> list[float]:
    if isinstance(points, np.ndarray):
        flat: list[float] = (points * _FINE).ravel().tolist()
        return flat
    return [_FINE * float(part) for point in points for part in point]


@lru_cache(maxsize=32)
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


@lru_cache(maxsize=4096)
def _letters(words: str, size: int) -> tuple[Any, int, int, float]:
    """Shape of a line of letters, where it lies from the start of the base line, and how far it reaches.

    Word by word: the font's own space is lost in the rounding at small sizes.
    """
    if not words.isascii():  # the font knows e, but not é
        words = "".join(sign for sign in normalize("NFKD", words) if not combining(sign))
    font, space = _font(size), max(3, round(0.3 * size))
    starts, reach = [], 0
    for word in words.split(" "):
        starts.append((reach, word))
        reach += round(font.getlength(word)) + space
    reach -= space
    ascent, descent = (round(edge) for edge in font.getmetrics())
    if reach <= 0:
        return None, 0, 0, 0.0
    mask = Image.new("L", (reach + 2, ascent + descent))
    for start, word in starts:
        ImageDraw.Draw(mask).text((start + 1, ascent), word, fill=255, font=font, anchor="ls")
    return mask, -1, -ascent, float(reach)
