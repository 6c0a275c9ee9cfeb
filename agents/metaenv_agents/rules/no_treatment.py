"""Leave the disease to itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray
from metaenv_agents.rules.rule import Rule


@dataclass(frozen=True, kw_only=True)
class NoTreatment(Rule):
    """Nothing, ever: the natural course, and the floor that every treatment must clear."""

    name = "no_treatment"

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Give nothing."""
        return self.clinic.encode(np.zeros((len(observation), len(self.clinic.drugs)))), memory
