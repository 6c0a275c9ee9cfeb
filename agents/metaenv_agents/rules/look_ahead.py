"""Containment that looks ahead: a holiday only if the marker will still be below its threshold at the next visit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drugs, suggest_threshold

LEAST_RATIO = 1e-4  # of the baseline marker; guess, smaller ones are taken for this
LOG, TREATED, VISITS, GROWTH = range(4)  # columns of the memory


@dataclass(frozen=True, kw_only=True)
class LookAhead(Rule):
    """Full dose unless the marker, left to grow until the next visit, stays below `threshold` x baseline.

    Between two visits nobody looks: a tumour that is below its threshold today may be far above it when it is seen
    again, so that rarer visits pay with a smaller tumour and a shorter control (Gallagher2025, who derive the best
    threshold from a model; here it follows from each patient's own measurements). Growth is exponential at the rate of
    the last two measurements between which no dose was given, and doubles in `doubling` days before there are such. A
    marker that was not measured changes nothing.
    """

    threshold: float = 1.0  # multiple of the baseline marker; guess, as containment's
    doubling: float = 90.0  # days, of the marker off the drugs until it is known; guess
    drugs: DrugChoice = "first_line"

    name = "look_ahead"
    memory_size = 4  # ln of the marker ratio when last measured; 1 if treated since; visits since; growth, 1/day

    def __post_init__(self) -> None:
        """Check the threshold, the growth and the drugs."""
        if not (self.threshold > 0 and self.doubling > 0):
            raise ValueError(
                f"threshold must be > 0 x the baseline marker and doubling > 0 days, got {self.threshold} "
                f"and {self.doubling}"
            )
        self.clinic.select(self.drugs)

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Threshold, growth before it is known, and which drugs."""
        return {
            "threshold": suggest_threshold(trial),
            "doubling": suggest_days(trial, "doubling", 14.0, 730.0),
            "drugs": suggest_drugs(trial, clinic),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Learn how fast the marker grows off the drugs; predict it at the next visit."""
        ratio = self.clinic.marker_ratio(observation)
        ratio = np.where(fresh & np.isnan(ratio), 1.0, ratio)
        known = ~np.isnan(ratio)
        log = np.where(known, np.log(np.maximum(ratio, LEAST_RATIO)), memory[:, LOG])
        days = np.maximum(memory[:, VISITS], 1.0) * self.clinic.visit_interval
        grown_alone = known & ~fresh & (memory[:, TREATED] == 0)
        growth = np.where(fresh, math.log(2.0) / self.doubling, memory[:, GROWTH])
        growth = np.where(grown_alone, (log - memory[:, LOG]) / days, growth)
        foreseen = log + growth * self.clinic.visit_interval
        treat = np.where(known, foreseen >= math.log(self.threshold), memory[:, TREATED] > 0)
        doses = self.give(treat, self.clinic.select(self.drugs))
        visits = np.where(known, 1.0, memory[:, VISITS] + 1)
        return self.clinic.encode(doses), np.column_stack([log, treat, visits, growth])
