"""The figure that lesions are drawn on: head to thigh, seen from the front, the patient's left on the right.

Places are in heights of the figure: x from its middle, y from the crown. A place that is named once is drawn on both
sides where it is not in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass

FigurePoint = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Region:
    """Where an organ lies.

    Attributes:
        label: y of its name; left of the figure or right of it.
        left: whether its name stands on the left.
        point: what the line from its name touches.
        places: where its lesions are drawn, the likeliest first.
    """

    label: float
    left: bool
    point: FigurePoint
    places: tuple[FigurePoint, ...]


TRUNK: tuple[FigurePoint, ...] = (  # right half, from the neck down
    (0.036, 0.150),
    (0.040, 0.190),
    (0.110, 0.213),
    (0.165, 0.232),
    (0.182, 0.270),
    (0.160, 0.340),
    (0.146, 0.430),
    (0.136, 0.530),
    (0.146, 0.620),
    (0.168, 0.700),
    (0.172, 0.780),
    (0.160, 1.000),
    (0.040, 1.000),
    (0.012, 0.800),
)
ARM: tuple[tuple[float, float, float], ...] = (  # x, y, half width, from the shoulder down
    (0.160, 0.265, 0.040),
    (0.181, 0.340, 0.035),
    (0.190, 0.430, 0.031),
    (0.196, 0.490, 0.028),
    (0.203, 0.590, 0.023),
    (0.207, 0.650, 0.020),
    (0.209, 0.690, 0.025),
    (0.207, 0.725, 0.023),
)
HEAD = (0.0, 0.083, 0.064, 0.083)  # x, y, half width, half height
BRAIN = (0.0, 0.058, 0.046, 0.040)
LUNG: tuple[FigurePoint, ...] = (
    (0.022, 0.262),
    (0.050, 0.246),
    (0.084, 0.272),
    (0.110, 0.330),
    (0.122, 0.400),
    (0.116, 0.438),
    (0.070, 0.424),
    (0.036, 0.420),
    (0.024, 0.360),
)
LIVER: tuple[FigurePoint, ...] = (
    (-0.122, 0.458),
    (-0.070, 0.446),
    (0.000, 0.452),
    (0.062, 0.466),
    (0.030, 0.494),
    (-0.030, 0.520),
    (-0.080, 0.556),
    (-0.116, 0.560),
)
ADRENAL: tuple[FigurePoint, ...] = ((0.034, 0.590), (0.052, 0.566), (0.070, 0.590))
PELVIS: tuple[FigurePoint, ...] = (
    (0.014, 0.672),
    (0.060, 0.646),
    (0.112, 0.664),
    (0.118, 0.700),
    (0.086, 0.742),
    (0.040, 0.768),
    (0.016, 0.752),
    (0.052, 0.720),
    (0.050, 0.700),
    (0.014, 0.716),
)
SPINE = (0.200, 0.680)  # y from, y to
HUMERUS = ((0.164, 0.262), (0.192, 0.462))
FEMUR = ((0.122, 0.742), (0.100, 1.000))
CLAVICLE = ((0.014, 0.222), (0.150, 0.232))

REGIONS = {
    "brain": Region(
        label=0.045,
        left=False,
        point=(0.040, 0.050),
        places=((-0.018, 0.048), (0.022, 0.064), (0.006, 0.036), (-0.024, 0.074), (0.028, 0.042)),
    ),
    "node": Region(
        label=0.170,
        left=True,
        point=(-0.128, 0.275),
        places=(
            (0.026, 0.610),
            (-0.026, 0.585),
            (-0.118, 0.770),
            (0.022, 0.330),
            (0.128, 0.275),
            (-0.128, 0.275),
            (0.118, 0.770),
            (0.026, 0.180),
            (-0.026, 0.185),
            (-0.024, 0.640),
        ),
    ),
    "lung": Region(
        label=0.330,
        left=False,
        point=(0.100, 0.330),
        places=(
            (-0.070, 0.310),
            (0.076, 0.350),
            (-0.062, 0.385),
            (0.058, 0.285),
            (-0.098, 0.360),
            (0.096, 0.405),
            (-0.052, 0.268),
            (0.050, 0.400),
            (-0.100, 0.420),
            (0.092, 0.310),
        ),
    ),
    "liver": Region(
        label=0.480,
        left=True,
        point=(-0.105, 0.500),
        places=((-0.078, 0.492), (-0.022, 0.478), (-0.096, 0.535), (-0.052, 0.526), (0.022, 0.474)),
    ),
    "adrenal": Region(
        label=0.500, left=False, point=(0.056, 0.580), places=((-0.052, 0.580), (0.052, 0.580), (-0.056, 0.600))
    ),
    "bone": Region(
        label=0.800,
        left=False,
        point=(0.108, 0.880),
        places=(
            (0.000, 0.620),
            (-0.080, 0.690),
            (0.000, 0.440),
            (0.084, 0.686),
            (-0.128, 0.395),
            (0.108, 0.880),
            (0.000, 0.330),
            (0.128, 0.365),
            (-0.110, 0.860),
            (0.178, 0.355),
            (0.000, 0.530),
            (-0.178, 0.360),
            (0.000, 0.690),
            (0.000, 0.225),
            (-0.122, 0.475),
            (-0.090, 0.228),
            (0.046, 0.122),
            (0.104, 0.960),
        ),
    ),
}
DISH = (0.0, 0.54, 0.33)  # x, y, radius; for a tumour without a body
DISH_WIDTH = 60.0  # mm
ELSEWHERE = ((-0.260, 0.860), (0.260, 0.860), (-0.260, 0.960), (0.260, 0.960))  # organs that the figure does not know


def region(name: str, rank: int) -> Region:
    """Where an organ lies; one that the figure does not know, the rank-th of these, gets a place beside it."""
    if name in REGIONS:
        return REGIONS[name]
    x, y = ELSEWHERE[rank % len(ELSEWHERE)]
    return Region(label=y - 0.085, left=x < 0.0, point=(x, y), places=((x, y),))
