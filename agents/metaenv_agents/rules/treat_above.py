"""Treat while a measurement is high, whichever: scans, resistance in blood, the marker, neutrophils."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.guided import Guided, suggest_guided
from metaenv_agents.rules.search_space import Parameters, Trial


@dataclass(frozen=True, kw_only=True)
class TreatAbove(Guided):
    """Dose from where the measurement is at or above `start`, until it is below `hold`; nothing before.

    With the defaults AT50 (Zhang2017) by the sum of diameters instead of the marker. With the marker and a `start`
    above 1 the patient is watched first, off before on (Scagliotti2025). With `start` = `hold` it is one threshold, as
    containment has; with neutrophils a dose is held while they are few.
    """

    measurement: str = "diameters"
    start: float = 1.0  # in the measurement's unit; Zhang2017, of the baseline
    hold: float = 0.5  # in the measurement's unit; Zhang2017, of the baseline

    name = "treat_above"

    def __post_init__(self) -> None:
        """Check the measurement, the thresholds and the doses."""
        self.check(self.measurement, self.start, self.hold, ("start", "hold"))

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Measurement, thresholds, level and drugs."""
        return suggest_guided(trial, clinic, "start", "hold")

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Treat where it is high."""
        high, memory = self.high(observation, memory, fresh, self.measurement, self.start, self.hold)
        return self.treat(high, observation), memory
