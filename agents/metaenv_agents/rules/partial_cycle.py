"""Adaptive therapy by one threshold, in cycles of which a part is treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drugs, suggest_threshold


@dataclass(frozen=True, kw_only=True)
class PartialCycle(Rule):
    """A cycle begins where the marker is at or above `threshold` x baseline: full dose for a `share` of it, then rest.

    While a cycle lasts nothing is decided; after it the marker is looked at again, at every visit. After the title of
    Ma2026: a single threshold, and treatment in part of a cycle. How they are put together here, and the numbers, are
    guesses. Decisions fall on visits, so both lengths are rounded up to whole visits.
    """

    threshold: float = 1.0  # multiple of the baseline marker; guess, as containment's
    cycle_days: float = 84.0  # days; guess, three or four cycles of chemotherapy
    share: float = 0.5  # of the cycle that is treated; guess
    drugs: DrugChoice = "first_line"

    name = "partial_cycle"
    memory_size = 1  # visits of the present cycle so far, 0 without one

    def __post_init__(self) -> None:
        """Check the threshold, the cycle and the drugs."""
        if not (self.threshold > 0 and self.cycle_days > 0):
            raise ValueError(
                f"threshold must be > 0 x the baseline marker and cycle_days > 0 days, got {self.threshold} "
                f"and {self.cycle_days}"
            )
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be in (0, 1] of the cycle, got {self.share}")
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Threshold, cycle, its treated share, and which drugs."""
        return {
            "threshold": suggest_threshold(trial),
            "cycle_days": suggest_days(trial, "cycle_days", 21.0, 365.0),
            "share": trial.suggest_float("share", 0.1, 1.0),
            "drugs": suggest_drugs(trial, clinic),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Go on with the cycle, or begin one at the threshold; a marker that was not measured begins none."""
        ratio = self.clinic.marker_ratio(observation)
        ratio = np.where(fresh & np.isnan(ratio), 1.0, ratio)
        visits = memory[:, 0]
        day = visits * self.clinic.visit_interval
        goes_on = (visits > 0) & (day < self.cycle_days)
        begins = ~goes_on & (ratio >= self.threshold)
        treat = begins | (goes_on & (day < self.share * self.cycle_days))
        visits = np.where(begins, 1.0, np.where(goes_on, visits + 1, 0.0))
        return self.clinic.encode(self.give(treat, self.clinic.select(self.drugs))), visits[:, None]
