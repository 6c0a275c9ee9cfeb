"""Rules that are guided by a measurement, and the state that two thresholds of it define."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations
from typing import ClassVar

import numpy as np

from metaenv_agents.measurements import MEASUREMENTS, VISITS, measured
from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice, FloatArray
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import AND, Parameters, Trial, suggest_drugs, suggest_toxicity_grade

NOTHING = "none"  # no drug


HIGH = 3  # column of the memory behind those of `measured`: 1 while high


@dataclass(frozen=True, kw_only=True)
class Guided(Rule):
    """A level of some drugs by whether a measurement is high: from a threshold on, until it is below a lower one.

    Before it was ever at or above the upper threshold it is not high. Where it was not measured, the last value counts.
    A subclass says when to treat.
    """

    level: float = 1.0  # fraction of the full dose; guess
    drugs: DrugChoice = "first_line"
    always: DrugChoice = ()  # drugs in full at every visit besides
    stop_at_grade: float = math.inf  # CTCAE grade of the worst toxicity at which `drugs` pause; inf = never

    memory_size: ClassVar[int] = 4  # those of `measured`, and whether it is high

    def check(self, measurement: str, upper: float, lower: float, names: tuple[str, str]) -> None:
        """Raise ValueError unless the measurement is known, the thresholds are in order, and the doses can be given."""
        if measurement not in MEASUREMENTS:
            raise ValueError(f"measurement must be one of {list(MEASUREMENTS)}, got {measurement!r}")
        if not 0 <= lower <= upper < math.inf:
            raise ValueError(
                f"{self.name} needs 0 <= {names[1]} <= {names[0]} < inf, got {names[1]} {lower} and {names[0]} {upper}"
            )
        if not 0 < self.level <= 1:
            raise ValueError(f"level must be in (0, 1] of the full dose, got {self.level}")
        if not self.stop_at_grade > 0:
            raise ValueError(f"stop_at_grade must be > 0, got {self.stop_at_grade}")
        self.clinic.check_dose(self.level)
        self.clinic.select(self.drugs)
        self.clinic.select(self.always)

    def high(
        self, observation: Array, memory: Array, fresh: BoolArray, measurement: str, upper: float, lower: float
    ) -> tuple[BoolArray, FloatArray]:
        """Return in whom the measurement is high, (patient,), and the new memory."""
        memory = np.array(memory, dtype=np.float64)
        value = measured(measurement, self.clinic, observation, memory, fresh)
        high = (value >= upper) | ((memory[:, HIGH] > 0) & (value >= lower))
        memory[:, HIGH] = high
        memory[:, VISITS] += 1
        return high, memory

    def treat(self, wanted: BoolArray, observation: Array) -> Array:
        """Return the actions: `drugs` where wanted and borne, and those that are always given."""
        bearable = self.clinic.worst_toxicity(observation) < self.stop_at_grade
        doses = self.level * self.give(wanted & bearable, self.clinic.select(self.drugs))
        return self.clinic.encode(np.maximum(doses, self.clinic.select(self.always).astype(np.float64)))


def suggest_guided(trial: Trial, clinic: Clinic, upper: str, lower: str) -> Parameters:
    """A measurement and its two thresholds, the level, and which drugs are guided, always given, and paused when."""
    measurement = trial.suggest_categorical("measurement", list(MEASUREMENTS))
    high = trial.suggest_float(f"{upper}: {measurement}", *MEASUREMENTS[measurement], log=True)
    return {
        "measurement": measurement,
        upper: high,
        lower: high * trial.suggest_float(f"{lower} / {upper}", 0.1, 1.0),
        "level": trial.suggest_categorical("level", [0.5, 1.0]),
        "drugs": suggest_drugs(trial, clinic),
        "always": _suggest_always(trial, clinic),
        "stop_at_grade": suggest_toxicity_grade(trial),
    }


def _suggest_always(trial: Trial, clinic: Clinic) -> tuple[str, ...]:
    """One of all choices of drugs but all of them, or none."""
    choices = chain.from_iterable(combinations(clinic.drugs, size) for size in range(1, len(clinic.drugs)))
    chosen = trial.suggest_categorical("always", [NOTHING, *(AND.join(choice) for choice in choices)])
    return () if chosen == NOTHING else tuple(chosen.split(AND))
