"""The body with its organs and lesions, or a dish where the disease is a model's tumour without a body."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from metaenv.pictures.anatomy import (
    ADRENAL,
    ARM,
    BRAIN,
    CLAVICLE,
    DISH,
    DISH_WIDTH,
    FEMUR,
    HEAD,
    HUMERUS,
    LIVER,
    LUNG,
    PELVIS,
    REGIONS,
    SPINE,
    TRUNK,
    FigurePoint,
    Region,
    region,
)
from metaenv.pictures.canvas import Canvas, Point, width_of
from metaenv.pictures.lesions import HIDDEN, SEEN, Disc
from metaenv.pictures.palette import EDGE, GREY, INK, LESION, ORGAN, PAPER, SKIN, Colour

_SCALE = 0.0019  # heights of the figure per mm of a lesion: lesions are drawn some three times larger than the body
_SMALLEST = 0.0065  # heights of the figure, radius of the smallest disc
_EDGE = 1.0  # pixels
_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Where the body stands on the canvas.

    Attributes:
        middle: x of its middle, pixels.
        crown: y of the top of its head, pixels.
        height: pixels, from the crown down to the thigh.
        organs: names of the disease's organs.
    """

    middle: float
    crown: float
    height: float
    organs: tuple[str, ...]

    @property
    def bodily(self) -> bool:
        """Whether any organ is one of a body."""
        return any(name in REGIONS for name in self.organs)

    @property
    def regions(self) -> list[Region]:
        """Where each organ lies."""
        strange = [name for name in self.organs if name not in REGIONS]
        return [region(name, strange.index(name) if name in strange else 0) for name in self.organs]

    def at(self, place: FigurePoint) -> Point:
        """Pixels of a place."""
        return self.middle + place[0] * self.height, self.crown + place[1] * self.height

    def radius(self, diameter: float) -> float:
        """Pixels, of the disc of a lesion of so many mm."""
        scale = _SCALE if self.bodily else 2.0 * DISH[2] / DISH_WIDTH
        return max(_SMALLEST, 0.5 * scale * diameter) * self.height


def draw_figure(canvas: Canvas, figure: Figure) -> None:
    """Body and organs, without lesions."""
    if not figure.bodily:
        canvas.disc(*figure.at(DISH[:2]), DISH[2] * figure.height, SKIN, EDGE, 1.5)
        return
    for turn in range(8):  # the edge: the same body a little aside, on all sides
        aside = replace(
            figure,
            middle=figure.middle + _EDGE * math.cos(turn * math.pi / 4),
            crown=figure.crown + _EDGE * math.sin(turn * math.pi / 4),
        )
        _outline(canvas, aside, EDGE)
    _outline(canvas, figure, SKIN)
    _skeleton(canvas, figure)
    if "lung" in figure.organs:
        for side in (1, -1):
            _shape(canvas, figure, LUNG, side, ORGAN)
    if "liver" in figure.organs:
        _shape(canvas, figure, LIVER, 1, ORGAN)
    if "brain" in figure.organs:
        x, y = figure.at(BRAIN[:2])
        canvas.ellipse(x, y, BRAIN[2] * figure.height, BRAIN[3] * figure.height, ORGAN, ORGAN)
    if "adrenal" in figure.organs:
        for side in (1, -1):
            _shape(canvas, figure, ADRENAL, side, ORGAN)
    if "node" in figure.organs:
        for place in REGIONS["node"].places:
            x, y = figure.at(place)
            canvas.disc(x, y, 0.009 * figure.height, ORGAN, EDGE)
    for name, here in zip(figure.organs, figure.regions, strict=True):
        if name not in REGIONS:
            x, y = figure.at(here.point)
            canvas.disc(x, y, 0.045 * figure.height, SKIN, EDGE)


def draw_labels(canvas: Canvas, figure: Figure, places: list[tuple[float, float, str]], size: float) -> None:
    """Names of the organs at their places, with a thin line from each to its organ."""
    for name, here, (x, y, anchor) in zip(figure.organs, figure.regions, places, strict=True):
        canvas.text(x, y, name, size, INK, anchor)
        if name in REGIONS:
            reach = (width_of(name, size) + 3) * (1 if anchor == "l" else -1)
            canvas.line([(x + reach, y), figure.at(here.point)], EDGE)


def draw_lesions(canvas: Canvas, figure: Figure, discs: list[Disc]) -> None:
    """The lesions, the largest first so that none hides another."""
    regions = figure.regions
    for disc in sorted(discs, key=lambda disc: (-disc.diameter, disc.slot)):
        x, y = figure.at(_position_of(figure, regions[disc.organ], disc.slot))
        draw_disc(canvas, x, y, figure.radius(disc.diameter), disc.kind)


def draw_disc(canvas: Canvas, x: float, y: float, radius: float, kind: int) -> None:
    """One lesion: full where it was seen, a ring where it was not; a lesion asleep is a grey ring with a dot."""
    if kind == SEEN:
        canvas.disc(x, y, radius + 1.0, LESION, PAPER, 1.0)
        return
    canvas.disc(x, y, max(radius, 2.5), None, LESION if kind == HIDDEN else GREY, 1.5)
    if kind != HIDDEN:
        canvas.disc(x, y, 0.8, GREY, GREY)


def label_places(figure: Figure, left: float, right: float, size: float) -> list[tuple[float, float, str]]:
    """x, y and side of each organ's name; names of one side stand at least three lines apart."""
    regions = figure.regions
    if not figure.bodily:
        return [(figure.middle, figure.crown + 0.04 * figure.height, "m") for _ in regions]
    places: list[tuple[float, float, str]] = [(0.0, 0.0, "l")] * len(regions)
    for side in (True, False):
        below = -math.inf
        for k in sorted((k for k, here in enumerate(regions) if here.left == side), key=lambda k: regions[k].label):
            y = max(figure.crown + regions[k].label * figure.height, below + 3.4 * size)
            places[k] = (left, y, "l") if side else (right, y, "r")
            below = y
    return places


def _position_of(figure: Figure, here: Region, slot: int) -> FigurePoint:
    """The slot's own place in an organ; where there are more lesions than places they move a little aside."""
    if not figure.bodily:
        return DISH[:2]
    x, y = here.places[slot % len(here.places)]
    turn = slot // len(here.places)
    aside = 0.016 * math.sqrt(turn)
    return x + aside * math.cos(turn * _GOLDEN + slot), y + aside * math.sin(turn * _GOLDEN + slot)


def _outline(canvas: Canvas, figure: Figure, colour: Colour) -> None:
    """Head, trunk, arms and thighs."""
    height = figure.height
    for side in (1, -1):
        for start, end in pairwise(ARM):
            for step in range(7):
                x, y, half = (a + step / 6 * (b - a) for a, b in zip(start, end, strict=True))
                canvas.disc(*figure.at((side * x, y)), half * height, colour, colour)
        _shape(canvas, figure, ((0.0, TRUNK[-1][1]), (0.0, TRUNK[0][1]), *TRUNK), side, colour)
    canvas.ellipse(*figure.at(HEAD[:2]), HEAD[2] * height, HEAD[3] * height, colour, colour)


def _shape(canvas: Canvas, figure: Figure, places: tuple[FigurePoint, ...], side: int, colour: Colour) -> None:
    canvas.polygon([figure.at((side * x, y)) for x, y in places], colour)


def _skeleton(canvas: Canvas, figure: Figure) -> None:
    """Bones, so that a lesion on them is seen to be on them."""
    height = figure.height
    if "bone" not in figure.organs:
        return
    for side in (1, -1):
        for bone, width in ((HUMERUS, 0.016), (FEMUR, 0.026), (CLAVICLE, 0.009)):
            canvas.line([figure.at((side * x, y)) for x, y in bone], PAPER, width * height)
        _shape(canvas, figure, PELVIS, side, PAPER)
        for rib in range(7):
            top = 0.270 + 0.032 * rib
            reach = 0.090 + 0.012 * rib - 0.0011 * rib * rib
            bend = [(0.0, top - 0.014), (0.5 * reach, top - 0.018), (reach, top + 0.004), (reach + 0.006, top + 0.020)]
            canvas.line([figure.at((side * x, y)) for x, y in bend], PAPER, 0.007 * height)
    vertebrae = 16
    start, end = SPINE
    step = (end - start) / vertebrae
    for k in range(vertebrae):
        half = 0.010 + 0.006 * k / vertebrae
        left, top = figure.at((-half, start + k * step))
        right, bottom = figure.at((half, start + (k + 0.75) * step))
        canvas.rectangle(left, top, right, bottom, PAPER)
