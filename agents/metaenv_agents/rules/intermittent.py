"""Treat by the calendar, whatever the marker says."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class Intermittent(Rule):
    """Full dose for `on_days`, none for `off_days`, and again.

    A calendar cannot hold a tumour that differs between patients: the comparison that shows what *measuring* is worth.
    Decisions fall on visits, so the lengths are rounded up to whole visits.
    """

    on_days: float = 56.0  # days; 8 weeks on, 8 off: a guess, about half of the standard dose as in Zhang2022
    off_days: float = 56.0  # days
    drugs: DrugChoice = "first_line"

    name = "intermittent"
    memory_size = 1  # visits so far

    def __post_init__(self) -> None:
        """Check the calendar and the drugs."""
        if not (self.on_days > 0 and self.off_days > 0):
            raise ValueError(f"on_days and off_days must be > 0 days, got {self.on_days} and {self.off_days}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Both lengths and which drugs."""
        return {
            "on_days": suggest_days(trial, "on_days", 21.0, 730.0),
            "off_days": suggest_days(trial, "off_days", 21.0, 730.0),
            "drugs": suggest_drugs(trial, clinic),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Look at the calendar."""
        day_of_cycle = (memory[:, 0] * self.clinic.visit_interval) % (self.on_days + self.off_days)
        treat = day_of_cycle < self.on_days
        return self.clinic.encode(self.give(treat, self.clinic.select(self.drugs))), memory + 1
