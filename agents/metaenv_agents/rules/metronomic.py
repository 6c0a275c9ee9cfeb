"""Low doses without a pause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class Metronomic(Rule):
    """The same fraction of the full dose at every visit, whatever is seen.

    Chemotherapy given so aims at vessels and immunity beside the cancer cells, with little toxicity (Hanahan2000). Here
    drugs act through their own mechanisms alone, so that the rule asks what a constant low dose does. Where the actions
    are levels, the dose must be 0.5 or 1.
    """

    dose: float = 0.5  # fraction of the full dose; guess, the lower of the two levels
    drugs: DrugChoice = "first_line"

    name = "metronomic"

    def __post_init__(self) -> None:
        """Check the dose and the drugs."""
        if not 0 < self.dose <= 1:
            raise ValueError(f"dose must be in (0, 1] of the full dose, got {self.dose}")
        self.clinic.check_dose(self.dose)
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which drugs; the dose stays."""
        return {"drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Give the dose."""
        everyone = np.ones(len(observation), dtype=np.bool_)
        return self.clinic.encode(self.dose * self.give(everyone, self.clinic.select(self.drugs))), memory
