"""A drug for a stated time, then nothing: adjuvant treatment."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drugs


@dataclass(frozen=True, kw_only=True)
class FixedDuration(Rule):
    """Full dose until `days` have passed, then none, whatever is seen.

    Five years of endocrine therapy are the standard after surgery of ER+ breast cancer (Pan2017). Decisions fall on
    visits, so the length is rounded up to whole visits.
    """

    days: float = 1826.0  # days, five years; Pan2017
    drugs: DrugChoice = "first_line"

    name = "fixed_duration"
    memory_size = 1  # visits so far

    def __post_init__(self) -> None:
        """Check the length and the drugs."""
        if not self.days > 0:
            raise ValueError(f"days must be > 0, got {self.days}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """For how long, and which drugs."""
        return {"days": suggest_days(trial, "days", 84.0, 7300.0), "drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Look at the calendar."""
        treat = memory[:, 0] * self.clinic.visit_interval < self.days
        return self.clinic.encode(self.give(treat, self.clinic.select(self.drugs))), memory + 1
