"""Multimodal treatment: every drug and local therapy together, each as far as it is worth it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv.clinic.codes import NO_PROCEDURE, RADIOTHERAPY, RESECTION
from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.containment import Containment
from metaenv_agents.rules.search_space import (
    Parameters,
    Trial,
    suggest_drugs,
    suggest_threshold,
    suggest_toxicity_grade,
)


@dataclass(frozen=True, kw_only=True)
class Multimodal(Containment):
    """Local therapy first, containment on the first line, every other drug in full while it is well borne.

    The largest visible lesion is irradiated at each of the first visits (trials treated up to three, Ost2018), then one
    is resected; the threshold lies low because the baseline marker counts the lesions that are gone. No published rule.
    """

    threshold: float = 0.1  # multiple of the baseline marker; guess, the better of 0.1 and 0.3 on validation patients
    courses: int = 3  # visits at which a lesion is irradiated; Ost2018
    stop_at_grade: float = 2.0  # CTCAE grade of the worst toxicity at which the other drugs pause; guess

    name = "multimodal"
    memory_size = 2  # as containment; visits so far

    def __post_init__(self) -> None:
        """Check that there is local therapy and a second drug, and the numbers."""
        super().__post_init__()
        if not self.clinic.local_therapy:
            raise ValueError(f"rule '{self.name}' needs local therapy, which is not offered here")
        if self.clinic.select(self.drugs).all():
            raise ValueError(f"rule '{self.name}' needs a drug beyond {self.drugs!r}, got {self.clinic.drugs}")
        if not (self.courses >= 0 and self.stop_at_grade > 0):
            raise ValueError(f"courses must be >= 0 and stop_at_grade > 0, got {self.courses} and {self.stop_at_grade}")

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Threshold, number of irradiations, the drugs that contain, and when the others pause."""
        return {
            "threshold": suggest_threshold(trial),
            "courses": trial.suggest_int("courses", 0, 5),
            "drugs": suggest_drugs(trial, clinic, leave=1),
            "stop_at_grade": suggest_toxicity_grade(trial),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Contain; add the other drugs while borne; irradiate, then resect."""
        ratio = self.clinic.marker_ratio(observation)
        treat = np.where(np.isnan(ratio), memory[:, 0] == 0, ratio >= self.threshold)
        bearable = self.clinic.worst_toxicity(observation) < self.stop_at_grade
        first = self.clinic.select(self.drugs)
        doses = self.give(treat, first) + self.give(bearable, ~first)
        visits = memory[:, 1]
        local = np.where(visits < self.courses, RADIOTHERAPY, np.where(visits == self.courses, RESECTION, NO_PROCEDURE))
        return self.clinic.encode(doses, local), np.column_stack([~treat, visits + 1.0]).astype(np.float64)
