"""Colours. Those that carry meaning are of Okabe and Ito, whom all kinds of colour vision tell apart."""

from __future__ import annotations

from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]

ORANGE: Colour = (230, 159, 0)
GREEN: Colour = (0, 158, 115)
BLUE: Colour = (0, 114, 178)
VERMILLION: Colour = (213, 94, 0)
PURPLE: Colour = (204, 121, 167)

INK: Colour = (31, 41, 51)
GREY: Colour = (97, 110, 124)
RULE: Colour = (226, 231, 236)  # thin lines behind data
FRAME: Colour = (170, 180, 190)
PAPER: Colour = (255, 255, 255)
SKIN: Colour = (238, 241, 244)
EDGE: Colour = (196, 205, 214)
ORGAN: Colour = (220, 227, 234)

LESION = VERMILLION
SUM = VERMILLION
MARKER = BLUE
DOSE = GREEN
HELD = ORANGE
NEUTROPHILS = PURPLE
TOXICITY = ORANGE


def pale(colour: Colour, share: float) -> Colour:
    """A colour mixed with white; share 1 is the colour itself."""
    red, green, blue = (round(255 + share * (part - 255)) for part in colour)
    return red, green, blue
