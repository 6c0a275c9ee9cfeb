"""One style for all figures: colours, dashes, and how a figure is saved."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaenv_experiments.running.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by colour-blind readers too; dashes repeat the distinction without any colour.
COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#7F7F7F", "#F0E442")
DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 2, 1, 2, 1, 2)))
PICTURES = "pictures"
RESOLUTION = 130  # dots per inch
MOST = 2.0  # full doses a day that are drawn; an infusion on the day before a death is many


def save(figure: Figure, path: Path) -> Path:
    """Write a figure and let go of it."""
    import matplotlib.pyplot as plt

    write_atomically(path, lambda partial: figure.savefig(partial, format="png", dpi=RESOLUTION))
    plt.close(figure)
    return path


def styles_of(policies: list[str]) -> dict[str, dict[str, Any]]:
    """A colour and a dash for each, no two alike up to the product of their numbers."""
    colours, dashes = len(COLOURS), len(DASHES)
    return {
        name: {"color": COLOURS[k % colours], "linestyle": DASHES[(k + k // math.lcm(colours, dashes)) % dashes]}
        for k, name in enumerate(policies)
    }
