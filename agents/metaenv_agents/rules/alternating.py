"""Lines of treatment in turn, by the calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drug_order
from metaenv_agents.rules.sequential import Line


@dataclass(frozen=True, kw_only=True)
class Alternating(Rule):
    """Full doses of each line for `days`, one line after the other and again, whatever is seen.

    Drugs that do not share resistance, in turn, so that none is met for long enough to select for it (Goldie1982).
    Decisions fall on visits, so the length is rounded up to whole visits.
    """

    lines: tuple[Line, ...] | None = None  # None: the first line of the disease, then each other drug alone
    days: float = 84.0  # of every line; guess, three or four cycles

    name = "alternating"
    memory_size = 1  # visits so far

    def __post_init__(self) -> None:
        """Check the lines and the calendar."""
        self.clinic.check_lines(self.given_lines, least=2, who=self.name)
        if not self.days > 0:
            raise ValueError(f"days must be > 0, got {self.days}")

    @property
    def given_lines(self) -> tuple[Line, ...]:
        """The lines, in order."""
        return self.clinic.standard_lines if self.lines is None else self.lines

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which drugs in which order, and for how long each."""
        return {
            "lines": suggest_drug_order(trial, clinic, "lines"),
            "days": suggest_days(trial, "days", 21.0, 730.0),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Look at the calendar."""
        masks = np.array([self.clinic.select(line) for line in self.given_lines], dtype=np.float64)
        visits = int(np.ceil(self.days / self.clinic.visit_interval))
        turn = (memory[:, 0] // visits).astype(np.int64) % len(masks)
        return self.clinic.encode(masks[turn]), memory + 1
