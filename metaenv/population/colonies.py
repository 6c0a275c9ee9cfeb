"""One law of colony sizes for all lesions of a patient, visible or hidden: N(> x) ~ x^-alpha (Source: Iwata2000)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv.dynamics.compile import compiled
from metaenv.dynamics.random import poisson
from metaenv.dynamics.state import FloatArray
from metaenv.population.draws import DrawPlan
from metaenv.scenario.scenario import Scenario


@compiled
def _counts(means: FloatArray, uniforms: FloatArray) -> FloatArray:
    """Poisson counts, each with a mean of its own."""
    counts = np.empty(means.size)
    for k in range(means.size):
        counts[k] = poisson(means[k], uniforms[k])
    return counts


@dataclass(frozen=True, kw_only=True)
class Colonies:
    """The law between the smallest and the largest colony, cut where scans begin to see; columns of what is drawn."""

    smallest: float  # cells
    detected: float  # cells
    largest: float  # cells
    exponent_at: int
    visible_at: int
    hidden_at: int

    @classmethod
    def of(cls, scenario: Scenario, plan: DrawPlan) -> Colonies | None:
        """The law of a scenario; None where sizes are drawn otherwise."""
        presentation, seen = scenario.disease.presentation, scenario.disease.sensors.detection_cells
        if presentation.colony_exponent is None:
            return None
        return cls(
            smallest=min(presentation.smallest_colony, seen),
            detected=seen,
            largest=presentation.largest_colony,
            exponent_at=plan.start("colony exponent"),
            visible_at=plan.start("visible lesions"),
            hidden_at=plan.start("micrometastases"),
        )

    def count_hidden(self, values: FloatArray) -> None:
        """Make numbers of hidden lesions of uniforms: Poisson about what the law says beside the visible ones.

        Writes: values.

        Args:
            values: (patient, draw).
        """
        alpha = values[:, self.exponent_at]
        small, seen, large = (size**-alpha for size in (self.smallest, self.detected, self.largest))
        means = values[:, self.visible_at] * (small - seen) / (seen - large)
        values[:, self.hidden_at] = _counts(means, values[:, self.hidden_at].copy())

    def give_sizes(self, values: FloatArray, logs: FloatArray, slots: int) -> None:
        """Make log10 of cells of uniforms: of visible lesions, then of hidden ones.

        Writes: logs.

        Args:
            values: (patient, draw).
            logs: (patient, exponent), the first `slots` of visible lesions, the next of hidden ones.
            slots: for lesions.
        """
        alpha = values[:, self.exponent_at, None]
        ends = ((self.detected, self.largest), (self.smallest, self.detected))
        for k, (low, high) in enumerate(ends):
            part = logs[:, k * slots : (k + 1) * slots]
            left = 1.0 - part * (1.0 - (high / low) ** -alpha)
            part[:] = np.log10(low) - np.log10(left) / alpha
