"""What a rule may be guided by, and the state that thresholds of it define."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, combinations
from typing import ClassVar, NamedTuple

import numpy as np

from metaenv.clinic.codes import DAYS_PER_YEAR
from metaenv_agents.policy import Array, BoolArray, Clinic, DrugChoice, FloatArray
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import AND, Parameters, Trial, suggest_drugs, suggest_toxicity_grade

LEAST_DIAMETERS = 10.0  # mm, guess; of the baseline that later sums are divided by, where nothing or little was seen
NOTHING = "none"  # no drug


class Thresholds(NamedTuple):
    """Of a measurement: what is searched, in even steps of its logarithm."""

    low: float
    high: float


MEASUREMENTS = {  # name -> thresholds that are searched; all guess. Symptoms are nowhere in what a clinic writes down
    "marker": Thresholds(0.02, 5.0),  # of baseline
    "diameters": Thresholds(0.05, 3.0),  # sum of diameters, of baseline
    "lesions": Thresholds(1.0, 15.0),  # seen at the last scan
    "resistance": Thresholds(0.005, 0.95),  # largest share of tumour DNA in blood that carries one trait
    "toxicity": Thresholds(0.5, 3.5),  # worst grade, CTCAE
    "neutrophils": Thresholds(0.5, 5.0),  # 1e9/L
    "years": Thresholds(0.25, 8.0),  # since the first visit
}
HIGH, MARKER, DIAMETERS, VISITS = range(4)  # columns of the memory


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

    memory_size: ClassVar[int] = 4  # 1 while high; marker ratio when last measured; first sum of diameters; visits

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
        value, memory = measured(self.clinic, measurement, observation, memory, fresh)
        high = (value >= upper) | ((memory[:, HIGH] > 0) & (value >= lower))
        memory[:, HIGH] = high
        memory[:, VISITS] += 1
        return high, memory

    def treat(self, wanted: BoolArray, observation: Array) -> Array:
        """Return the actions: `drugs` where wanted and borne, and those that are always given."""
        bearable = self.clinic.worst_toxicity(observation) < self.stop_at_grade
        doses = self.level * self.give(wanted & bearable, self.clinic.select(self.drugs))
        return self.clinic.encode(np.maximum(doses, self.clinic.select(self.always).astype(np.float64)))


def measured(
    clinic: Clinic, measurement: str, observation: Array, memory: Array, fresh: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return a measurement as of the last time it was taken, (patient,), and a copy of the memory that holds it."""
    memory = np.array(memory, dtype=np.float64)
    if measurement == "marker":
        ratio = clinic.marker_ratio(observation)
        memory[:, MARKER] = np.where(np.isnan(ratio), np.where(fresh, 1.0, memory[:, MARKER]), ratio)
        return memory[:, MARKER], memory
    if measurement == "diameters":
        total = clinic.sum_of_diameters(observation)
        memory[:, DIAMETERS] = np.where(fresh, np.maximum(total, LEAST_DIAMETERS), memory[:, DIAMETERS])
        return total / memory[:, DIAMETERS], memory
    if measurement == "resistance":
        shares = [clinic.allele_fraction(observation, trait) for trait in clinic.traits]
        return np.max([np.zeros(len(observation)), *shares], axis=0), memory
    if measurement == "years":
        return memory[:, VISITS] * clinic.visit_interval / DAYS_PER_YEAR, memory
    read = {
        "lesions": clinic.lesions_seen,
        "toxicity": clinic.worst_toxicity,
        "neutrophils": clinic.neutrophils,
    }[measurement]
    return read(observation), memory


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
