"""Dose titration: each patient as much as this patient bears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class DoseTitration(Rule):
    """A `step` more while toxicity is below `raise_below`, a step less from `lower_at` or with too few neutrophils.

    One dose for all is too much for some and too little for others: Norris2017 titrates each patient's docetaxel to a
    nadir of neutrophils, in simulation. The tumour is not asked. The dose begins at `begin` and stays between 0 and 1.
    """

    begin: float = 0.5  # fraction of the full dose; guess, the lower of the two levels
    step: float = 0.5  # fraction of the full dose; guess, the distance of two levels
    raise_below: float = 1.0  # CTCAE grade of the worst toxicity; guess
    lower_at: float = 2.0  # CTCAE grade of the worst toxicity; guess
    neutrophils: float = 0.0  # 1e9/L, below which the dose is lowered; 0 = they are not asked
    drugs: DrugChoice = "first_line"

    name = "dose_titration"
    memory_size = 1  # fraction of the full dose

    def __post_init__(self) -> None:
        """Check the doses, the thresholds and the drugs."""
        for what, dose, least in (("begin", self.begin, self.begin >= 0), ("step", self.step, self.step > 0)):
            if not (least and dose <= 1):
                raise ValueError(f"{what} must be {'>' if what == 'step' else '>='} 0 and <= 1 full dose, got {dose}")
            self.clinic.check_dose(dose)
        if not 0 <= self.raise_below <= self.lower_at:
            raise ValueError(
                f"{self.name} needs 0 <= raise_below <= lower_at, got {self.raise_below} and {self.lower_at}"
            )
        if not self.neutrophils >= 0:
            raise ValueError(f"neutrophils must be >= 0 1e9/L, got {self.neutrophils}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """First dose, step, both grades, neutrophils and which drugs."""
        lower_at = trial.suggest_float("lower_at", 0.5, 4.0)
        return {
            "lower_at": lower_at,
            "raise_below": lower_at * trial.suggest_float("raise_below / lower_at", 0.1, 1.0),
            "neutrophils": trial.suggest_float("neutrophils", 0.5, 3.0),
            "begin": trial.suggest_categorical("begin", [0.0, 0.5, 1.0]),
            "step": trial.suggest_categorical("step", [0.5, 1.0]),
            "drugs": suggest_drugs(trial, clinic),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Move the dose by what the last one did."""
        grade = self.clinic.worst_toxicity(observation)
        lower = grade >= self.lower_at
        if self.neutrophils > 0:
            lower |= self.clinic.neutrophils(observation) < self.neutrophils
        change = np.where(lower, -self.step, np.where(grade < self.raise_below, self.step, 0.0))
        dose = np.where(fresh, self.begin, np.clip(memory[:, 0] + change, 0.0, 1.0))
        return self.clinic.encode(dose[:, None] * self.clinic.select(self.drugs)), dose[:, None]
