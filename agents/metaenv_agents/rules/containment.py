"""Containment: as little as keeps the tumour at a stated size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs, suggest_threshold


@dataclass(frozen=True, kw_only=True)
class Containment(Rule):
    """Full dose at a visit where the marker is at or above `threshold` x baseline, else none.

    Among all treatments that keep the tumour below a size, holding it *at* that size delays resistance longest, where
    resistant cells suffer from their sensitive neighbours (Viossat2021); where new mutations matter more than
    competition, it does harm (Hansen2017).
    """

    threshold: float = 1.0  # multiple of the baseline marker; Viossat2021 contain at the size of first treatment
    drugs: DrugChoice = "first_line"

    name = "containment"
    memory_size = 1  # 1 if the last visit gave no dose

    def __post_init__(self) -> None:
        """Check the threshold and the drugs."""
        if not self.threshold > 0:
            raise ValueError(f"threshold must be > 0 x the baseline marker, got {self.threshold}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Threshold and which drugs."""
        return {"threshold": suggest_threshold(trial), "drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Compare the marker with the threshold; where it was not measured, do as at the last visit."""
        ratio = self.clinic.marker_ratio(observation)
        treat = np.where(np.isnan(ratio), memory[:, 0] == 0, ratio >= self.threshold)
        doses = self.give(treat, self.clinic.select(self.drugs))
        return self.clinic.encode(doses), (~treat)[:, None].astype(np.float64)
