"""Radiotherapy of the largest lesions first, then containment of what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.policy import Array, BoolArray
from agents.rules.containment import Containment

IRRADIATE = 2  # of the local-therapy entry


@dataclass(frozen=True, kw_only=True)
class RadiotherapyThenContainment(Containment):
    """Containment at `threshold` x baseline, with the largest visible lesion irradiated at each of the first visits.

    Trials irradiated up to three metastases (Ost2018). The threshold lies lower than without radiotherapy because the
    baseline marker counts the lesions that are gone.
    """

    threshold: float = 0.3  # multiple of the baseline marker; guess, fitted to the mean return of validation patients
    courses: int = 3  # visits at which a lesion is irradiated; Ost2018

    name = "radiotherapy_then_containment"
    memory_size = 2  # as containment; visits so far

    def __post_init__(self) -> None:
        """Check the courses, and that there is local therapy."""
        super().__post_init__()
        if not self.clinic.local_therapy:
            raise ValueError(f"rule '{self.name}' needs local therapy, which this disease does not offer")
        if self.courses < 0:
            raise ValueError(f"courses must be >= 0, got {self.courses}")

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Contain, and irradiate while courses remain."""
        actions, kept = super().decide(observation, memory[:, :1], fresh)
        visits = memory[:, 1]
        actions[:, -1] = np.where(visits < self.courses, IRRADIATE, 0)
        return actions, np.column_stack([kept, visits + 1.0])
