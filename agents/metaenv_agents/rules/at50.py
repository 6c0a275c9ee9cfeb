"""Adaptive therapy: stop at half of the baseline marker, start again at baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drugs, suggest_marker_band


@dataclass(frozen=True, kw_only=True)
class At50(Rule):
    """Full dose until the marker has fallen below `stop` x baseline, none until it is back at `restart` x baseline.

    The sensitive cells that are left hold the resistant ones down by competition. In the trial abiraterone was stopped
    below 50 % of the pre-treatment PSA and given again at the baseline value, with a visit every 4-6 weeks.
    Source: Zhang2017, Zhang2022.
    """

    stop: float = 0.5  # fraction of the baseline marker; Zhang2017
    restart: float = 1.0  # fraction of the baseline marker; Zhang2017
    drugs: DrugChoice = "first_line"

    name = "at50"
    memory_size = 1  # 1 while off the drug

    def __post_init__(self) -> None:
        """Check the thresholds and the drugs."""
        if not 0 < self.stop < self.restart:
            raise ValueError(f"at50 needs 0 < stop < restart, got stop {self.stop} and restart {self.restart}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Both thresholds and which drugs."""
        return {**suggest_marker_band(trial), "drugs": suggest_drugs(trial, clinic)}

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Switch at the thresholds, else go on as before."""
        holiday = self.holiday(observation, memory)
        doses = self.give(~holiday, self.clinic.select(self.drugs))
        return self.clinic.encode(doses), holiday[:, None].astype(np.float64)

    def holiday(self, observation: Array, memory: Array) -> BoolArray:
        """Return who is off the drug, (patient,); a marker that was not measured (NaN) changes nothing."""
        ratio = self.clinic.marker_ratio(observation)
        off: BoolArray = ((memory[:, 0] > 0) | (ratio < self.stop)) & ~(ratio >= self.restart)
        return off
