"""Range-bounded adaptive therapy: the higher the marker stands in its range, the more is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import HALF_DOSES_PER_FULL_DOSE, Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class RangeBounded(Rule):
    """No dose at or below `low` x the baseline marker, the full one at or above `high`, in proportion in between.

    Treatment that is modulated to keep the marker within bounds of the patient lasted longer in a model of abiraterone
    than stopping and starting, in most patients with less drug (BradyNicholls2022); a dose that follows the size of the
    tumour was more robust than on and off, in theory (McGehee2024). The proportion is the simplest such law, and a
    guess. Where the actions are levels, the dose is rounded to the nearest half; a marker that was not measured changes
    nothing. A range without width is `containment`, and on and off at its two ends is `at50`.
    """

    low: float = 0.5  # multiple of the baseline marker; guess, where AT50 stops
    high: float = 1.0  # multiple of the baseline marker; guess, where AT50 starts again
    drugs: DrugChoice = "first_line"

    name = "range_bounded"
    memory_size = 1  # fraction of the full dose

    def __post_init__(self) -> None:
        """Check the range and the drugs."""
        if not 0 <= self.low < self.high:
            raise ValueError(f"{self.name} needs 0 <= low < high, got low {self.low} and high {self.high}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Both bounds and which drugs."""
        low = trial.suggest_float("low", 0.02, 2.0, log=True)
        high = low * trial.suggest_float("high / low", 1.1, 10.0, log=True)
        return {"low": low, "high": high, "drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Find where in its range the marker stands."""
        ratio = self.clinic.marker_ratio(observation)
        ratio = np.where(fresh & np.isnan(ratio), 1.0, ratio)
        dose = np.clip((ratio - self.low) / (self.high - self.low), 0.0, 1.0)
        if self.clinic.action == "levels":
            dose = np.floor(dose * HALF_DOSES_PER_FULL_DOSE + 0.5) / HALF_DOSES_PER_FULL_DOSE
        dose = np.where(np.isnan(ratio), memory[:, 0], dose)
        return self.clinic.encode(dose[:, None] * self.clinic.select(self.drugs)), dose[:, None]
