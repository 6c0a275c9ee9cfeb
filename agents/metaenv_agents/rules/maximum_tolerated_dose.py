"""Maximum tolerated dose: as much as is tolerated, from the first visit to the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class MaximumToleratedDose(Rule):
    """Full dose at every visit; what the patient cannot tolerate, the clinic holds.

    Zhang2022's control arm gave abiraterone so until progression; here it goes on to the end.
    """

    drugs: DrugChoice = "first_line"

    name = "maximum_tolerated_dose"

    def __post_init__(self) -> None:
        """Check the drugs."""
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which drugs."""
        return {"drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Give full dose to everyone."""
        everyone = np.ones(len(observation), dtype=np.bool_)
        return self.clinic.encode(self.give(everyone, self.clinic.select(self.drugs))), memory
