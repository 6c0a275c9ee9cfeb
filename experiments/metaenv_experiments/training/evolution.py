"""CMA-ES (Hansen2001) as this project starts it: quiet, and with chance of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np


def evolution(start: Sequence[float], step: float, *, seed: int, **options: Any) -> Any:
    """A strategy to be asked for candidates and told their losses; the same seed draws the same ones.

    Args:
        start: (parameter,) where the search begins.
        step: standard deviation of the first candidates.
        seed: of what is drawn; the global generator is left alone.
        options: more of `cma.CMAEvolutionStrategy`, such as `bounds` or `popsize`.
    """
    import cma

    generator = np.random.default_rng(seed)
    chance = {"seed": math.nan, "randn": lambda *shape: generator.standard_normal(shape)}
    return cma.CMAEvolutionStrategy(list(start), step, {"verbose": -9, **chance, **options})
