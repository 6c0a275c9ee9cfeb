"""Adaptive therapy by the trend: a step up while the tumour grows, a step down while it shrinks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs, suggest_tolerance

DOSE, MARKER = range(2)  # columns of the memory


@dataclass(frozen=True, kw_only=True)
class DoseModulation(Rule):
    """Begin with the full dose; a `step` less where the marker fell since it was last measured, more where it rose.

    A change within `tolerance` leaves the dose as it is. The dose stays between 0 and 1. The idea of the first adaptive
    therapy (Gatenby2009); in mice the variant that modulates the dose beat the one that skips doses
    (EnriquezNavas2016), and so it did in a model of ovarian cancer under a PARP inhibitor (Strobl2024). Its numbers
    there were of volumes under calipers; these are guesses.
    """

    step: float = 0.5  # fraction of the full dose; guess, the distance of two levels
    tolerance: float = 0.1  # relative change of the marker; guess
    drugs: DrugChoice = "first_line"

    name = "dose_modulation"
    memory_size = 2  # fraction of the full dose; marker ratio when last measured

    def __post_init__(self) -> None:
        """Check the step, the tolerance and the drugs."""
        if not 0 < self.step <= 1:
            raise ValueError(f"step must be in (0, 1] of the full dose, got {self.step}")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance must be in [0, 1), got {self.tolerance}")
        self.clinic.check_dose(self.step)
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Tolerance, step and which drugs."""
        return {
            "tolerance": suggest_tolerance(trial),
            "step": trial.suggest_categorical("step", [0.5, 1.0]),
            "drugs": suggest_drugs(trial, clinic),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Compare the marker with the last one and move the dose."""
        ratio = self.clinic.marker_ratio(observation)
        last = np.where(fresh, np.where(np.isnan(ratio), 1.0, ratio), memory[:, MARKER])
        change = (ratio > (1 + self.tolerance) * last).astype(float) - (ratio < (1 - self.tolerance) * last)
        dose = np.clip(np.where(fresh, 1.0, memory[:, DOSE]) + self.step * change, 0.0, 1.0)
        doses = dose[:, None] * self.clinic.select(self.drugs)
        return self.clinic.encode(doses), np.column_stack([dose, np.where(np.isnan(ratio), last, ratio)])
