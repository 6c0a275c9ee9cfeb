"""What a simple policy is: for each drug a level and when it is given; whether procedures are done."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from metaenv.clinic.codes import DOSE_LEVELS
from metaenv_agents.measurements import MEASUREMENTS

MOST_CONDITIONS = 2  # of a dose
PROCEDURE_PLANS = ("none", "irradiate", "resect", "both")  # at every visit that allows it; both: by turns
LEVEL_WORDS = {0.0: "no", 0.5: "half", 1.0: "full"}
# how a draw is made; guess
CONDITIONS_SHARES = (0.35, 0.4, 0.25)  # of doses with no, one and two conditions
NEVER_SHARE = 0.25  # of drugs that are not given
THRESHOLD_STEP = 0.35  # sd of ln, of a threshold in a policy like another


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A measurement at or above a threshold, or below it."""

    measurement: str
    above: bool
    threshold: float

    def __post_init__(self) -> None:
        """Check the name and the number."""
        if self.measurement not in MEASUREMENTS:
            raise ValueError(f"measurement must be one of {list(MEASUREMENTS)}, got {self.measurement!r}")
        if not math.isfinite(self.threshold):
            raise ValueError(f"threshold must be finite, got {self.threshold}")

    def __str__(self) -> str:
        """In words."""
        return f"{self.measurement} {'>=' if self.above else '<'} {self.threshold:.3g}"


@dataclass(frozen=True, kw_only=True)
class Dose:
    """A level of a drug, given while all of its conditions hold, or any of them; without conditions always."""

    level: float
    conditions: tuple[Condition, ...] = ()
    any_of_them: bool = False

    def __post_init__(self) -> None:
        """Check the level and the number of conditions."""
        if self.level not in DOSE_LEVELS:
            raise ValueError(f"level must be one of {list(DOSE_LEVELS)} of full dose, got {self.level}")
        if len(self.conditions) > MOST_CONDITIONS:
            raise ValueError(f"conditions must be at most {MOST_CONDITIONS}, got {len(self.conditions)}")
        if self.any_of_them and len(self.conditions) < 2:
            raise ValueError(f"any_of_them must be False with fewer than two conditions, got {len(self.conditions)}")

    def of(self, drug: str) -> str:
        """In words."""
        given = f"{LEVEL_WORDS[self.level]} {drug}"
        when = (" or " if self.any_of_them else " and ").join(map(str, self.conditions))
        return f"{given} while {when}" if when and self.level > 0.0 else given


@dataclass(frozen=True, kw_only=True)
class Simple:
    """A simple policy: a dose for each drug on the shelf, in their order, and procedures."""

    doses: tuple[Dose, ...]
    procedures: str = "none"

    def __post_init__(self) -> None:
        """Check the procedures."""
        if self.procedures not in PROCEDURE_PLANS:
            raise ValueError(f"procedures must be one of {list(PROCEDURE_PLANS)}, got {self.procedures!r}")

    @property
    def structure(self) -> tuple[object, ...]:
        """What it gives upon which measurements, whatever the thresholds."""
        parts = [
            (dose.level, dose.any_of_them, frozenset((each.measurement, each.above) for each in dose.conditions))
            if dose.level > 0.0
            else None
            for dose in self.doses
        ]
        return (*parts, self.procedures)

    def said(self, drugs: tuple[str, ...]) -> str:
        """In words."""
        given = [dose.of(drug) for drug, dose in zip(drugs, self.doses, strict=True) if dose.level > 0.0]
        done = {"none": [], "both": ["irradiate and resect whenever possible"]}
        return "; ".join([*given, *done.get(self.procedures, [f"{self.procedures} whenever possible"])]) or "nothing"


def constants(drugs: int, local_therapy: bool) -> Iterator[Simple]:
    """Every policy that always does the same."""
    for levels in product(DOSE_LEVELS, repeat=drugs):
        for procedures in PROCEDURE_PLANS if local_therapy else PROCEDURE_PLANS[:1]:
            yield Simple(doses=tuple(Dose(level=level) for level in levels), procedures=procedures)


def drawn(generator: np.random.Generator, drugs: int, local_therapy: bool) -> Simple:
    """A policy by chance, with a drug or more."""
    while True:
        doses = tuple(_dose(generator) for _ in range(drugs))
        if any(dose.level > 0.0 for dose in doses):
            return Simple(doses=doses, procedures=_procedures(generator, local_therapy))


def like(generator: np.random.Generator, policy: Simple, local_therapy: bool) -> Simple:
    """A policy that differs from another in one part or two."""
    doses, procedures = list(policy.doses), policy.procedures
    for _ in range(generator.integers(1, 3)):
        which = int(generator.integers(len(doses) + local_therapy))
        if which == len(doses):
            procedures = _procedures(generator, local_therapy)
        else:
            doses[which] = _altered(generator, doses[which])
    return Simple(doses=tuple(doses), procedures=procedures)


def _dose(generator: np.random.Generator) -> Dose:
    if generator.random() < NEVER_SHARE:
        return Dose(level=0.0)
    count = int(generator.choice(len(CONDITIONS_SHARES), p=CONDITIONS_SHARES))
    return Dose(
        level=_level(generator),
        conditions=tuple(_condition(generator) for _ in range(count)),
        any_of_them=count > 1 and bool(generator.random() < 0.5),
    )


def _level(generator: np.random.Generator) -> float:
    return DOSE_LEVELS[1 + int(generator.integers(len(DOSE_LEVELS) - 1))]


def _condition(generator: np.random.Generator) -> Condition:
    names = list(MEASUREMENTS)
    name = names[int(generator.integers(len(names)))]
    low, high = map(math.log, MEASUREMENTS[name])
    threshold = math.exp(generator.uniform(low, high))
    return Condition(measurement=name, above=bool(generator.random() < 0.5), threshold=threshold)


def _procedures(generator: np.random.Generator, local_therapy: bool) -> str:
    return PROCEDURE_PLANS[int(generator.integers(len(PROCEDURE_PLANS)))] if local_therapy else PROCEDURE_PLANS[0]


def _altered(generator: np.random.Generator, dose: Dose) -> Dose:
    """Another dose, another level, another or one more or one less condition, or another threshold."""
    if dose.level == 0.0 or generator.random() < 0.15:
        return _dose(generator)
    if generator.random() < 0.15:
        return replace(dose, level=_level(generator))
    conditions = list(dose.conditions)
    if len(conditions) < MOST_CONDITIONS and generator.random() < 0.3:
        conditions.append(_condition(generator))
        either = bool(generator.random() < 0.5)
        return replace(dose, conditions=tuple(conditions), any_of_them=either and len(conditions) > 1)
    if not conditions:
        return replace(dose, level=_level(generator))
    which = int(generator.integers(len(conditions)))
    if generator.random() < 0.2:
        del conditions[which]
    elif generator.random() < 0.25:
        conditions[which] = _condition(generator)
    else:
        factor = math.exp(THRESHOLD_STEP * generator.standard_normal())
        conditions[which] = replace(conditions[which], threshold=conditions[which].threshold * factor)
    return replace(dose, conditions=tuple(conditions), any_of_them=dose.any_of_them and len(conditions) > 1)
