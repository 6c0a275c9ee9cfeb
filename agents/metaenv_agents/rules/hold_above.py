"""Treat until a measurement is high, whichever: toxicity, resistance in blood, the burden, time."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.guided import Guided, suggest_guided
from metaenv_agents.rules.search_space import Parameters, Trial


@dataclass(frozen=True, kw_only=True)
class HoldAbove(Guided):
    """Dose until the measurement is at or above `hold`, then none until it is below `resume`.

    With the defaults a break for toxicity until it is mild. With resistance the drugs are withdrawn while blood shows
    more of it than a share, so that it may be outgrown. No published rule: that each measurement is tried, alone.
    """

    measurement: str = "toxicity"
    hold: float = 2.0  # in the measurement's unit; guess, of a CTCAE grade
    resume: float = 1.0  # in the measurement's unit; guess, of a CTCAE grade

    name = "hold_above"

    def __post_init__(self) -> None:
        """Check the measurement, the thresholds and the doses."""
        self.check(self.measurement, self.hold, self.resume, ("hold", "resume"))

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Measurement, thresholds, level and drugs."""
        return suggest_guided(trial, clinic, "hold", "resume")

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Treat where it is not high."""
        high, memory = self.high(observation, memory, fresh, self.measurement, self.hold, self.resume)
        return self.treat(~high, observation), memory
