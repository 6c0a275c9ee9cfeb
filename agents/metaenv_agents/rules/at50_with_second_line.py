"""Adaptive therapy that calls in the second line when the first no longer holds the marker down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.at50 import At50
from metaenv_agents.rules.search_space import (
    Parameters,
    Trial,
    suggest_drugs,
    suggest_marker_band,
    suggest_toxicity_grade,
)


@dataclass(frozen=True, kw_only=True)
class At50WithSecondLine(At50):
    """AT50 on `drugs`, and full dose of every other drug while the marker is high and the patient bears it.

    No published rule: AT50 (Zhang2017) with the simplest use of what else is on the shelf.
    """

    second_line_above: float = 0.5  # fraction of the baseline marker; guess, as AT50's `stop`
    stop_at_grade: float = 2.0  # CTCAE grade of the worst toxicity at which the second line pauses; guess

    name = "at50_with_second_line"
    memory_size = 2  # 1 while off the first line; 1 while on the second

    def __post_init__(self) -> None:
        """Check that there is a second line, and its thresholds."""
        super().__post_init__()
        if self.clinic.select(self.drugs).all():
            raise ValueError(f"rule '{self.name}' needs a drug beyond {self.drugs!r}, got {self.clinic.drugs}")
        if not (self.second_line_above > 0 and self.stop_at_grade > 0):
            raise ValueError(
                f"second_line_above and stop_at_grade must be > 0, got {self.second_line_above}, {self.stop_at_grade}"
            )

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Both thresholds, the drugs of the first line, and when the others pause."""
        chosen = suggest_drugs(trial, clinic, leave=1)
        return {**suggest_marker_band(trial), "drugs": chosen, "stop_at_grade": suggest_toxicity_grade(trial)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Decide both lines; each goes on as before where the marker was not measured."""
        holiday = self.holiday(observation, memory)
        ratio = self.clinic.marker_ratio(observation)
        high = np.where(np.isnan(ratio), memory[:, 1] > 0, ratio >= self.second_line_above)
        bearable = self.clinic.worst_toxicity(observation) < self.stop_at_grade
        first = self.clinic.select(self.drugs)
        doses = self.give(~holiday, first) + self.give(high & bearable, ~first)
        return self.clinic.encode(doses), np.column_stack([holiday, high]).astype(np.float64)
