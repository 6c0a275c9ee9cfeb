"""Adaptive therapy by the trend: the full dose while the tumour grows, none while it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs, suggest_tolerance

MARKER, SKIPPED = range(2)  # columns of the memory


@dataclass(frozen=True, kw_only=True)
class DoseSkipping(Rule):
    """Full dose at the first visit and wherever the marker rose beyond `tolerance` since it was last measured.

    Else the dose is skipped; where the marker was not measured, the rule does as at the last visit. The second variant
    of EnriquezNavas2016, which in mice controlled tumours worse than modulating the dose.
    """

    tolerance: float = 0.1  # relative rise of the marker that counts as growth; guess
    drugs: DrugChoice = "first_line"

    name = "dose_skipping"
    memory_size = 2  # marker ratio when last measured; 1 where the dose was skipped

    def __post_init__(self) -> None:
        """Check the tolerance and the drugs."""
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance must be in [0, 1), got {self.tolerance}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Tolerance and which drugs."""
        return {"tolerance": suggest_tolerance(trial), "drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Compare the marker with the last one."""
        ratio = self.clinic.marker_ratio(observation)
        last = np.where(fresh, 0.0, memory[:, MARKER])  # nothing before the first visit: whatever is seen is growth
        unknown = np.isnan(ratio)
        skip = np.where(unknown, memory[:, SKIPPED] > 0, ratio <= (1 + self.tolerance) * last)
        doses = self.give(~skip, self.clinic.select(self.drugs))
        return self.clinic.encode(doses), np.column_stack([np.where(unknown, last, ratio), skip]).astype(np.float64)
