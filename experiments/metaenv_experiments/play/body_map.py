"""The figure that lesions are drawn on, as the page reads it: places in heights of the figure, x from its middle."""

from __future__ import annotations

import math
from typing import Any

from metaenv.pictures import anatomy
from metaenv.pictures.anatomy import REGIONS, FigurePoint, Region, region

GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
SHAPES = {"lung": anatomy.LUNG, "adrenal": anatomy.ADRENAL, "bone": anatomy.PELVIS}  # drawn on both sides


def body_map(organs: tuple[str, ...]) -> dict[str, Any]:
    """Outline, organs, and where their names stand."""
    regions = _regions(organs)
    both = [_mirrored(SHAPES[name]) for name in organs if name in SHAPES]
    return {
        "head": anatomy.HEAD,
        "arm": anatomy.ARM,
        "trunk": anatomy.TRUNK,
        "spine": anatomy.SPINE if "bone" in organs else None,
        "bones": [anatomy.HUMERUS, anatomy.FEMUR, anatomy.CLAVICLE] if "bone" in organs else [],
        "brain": anatomy.BRAIN if "brain" in organs else None,
        "shapes": [side for sides in both for side in sides] + ([anatomy.LIVER] if "liver" in organs else []),
        "organs": [
            {"name": name, "label": here.label, "left": here.left, "point": here.point}
            for name, here in zip(organs, regions, strict=True)
        ],
    }


def position_of(organs: tuple[str, ...], organ: int, slot: int) -> FigurePoint:
    """Where a lesion is drawn: its slot's own place in the organ, a little aside where there are more than places."""
    here = _regions(organs)[organ]
    x, y = here.places[slot % len(here.places)]
    turn = slot // len(here.places)
    aside = 0.016 * math.sqrt(turn)
    return x + aside * math.cos(turn * GOLDEN + slot), y + aside * math.sin(turn * GOLDEN + slot)


def _regions(organs: tuple[str, ...]) -> list[Region]:
    strange = [name for name in organs if name not in REGIONS]
    return [region(name, strange.index(name) if name in strange else 0) for name in organs]


def _mirrored(shape: tuple[FigurePoint, ...]) -> tuple[tuple[FigurePoint, ...], ...]:
    return shape, tuple((-x, y) for x, y in shape)
