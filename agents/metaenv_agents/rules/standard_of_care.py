"""Standard of care: the drugs in the order and at the times at which the disease's trials gave them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from metaenv_agents.policy import Array, BoolArray
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.sequential import Line, Sequential


class Standard(NamedTuple):
    """Lines of treatment and the days of dosing of each, as `Sequential` takes them."""

    lines: tuple[Line, ...]
    most_days: tuple[float, ...]


TEN_CYCLES = 196.0  # days in which ten infusions three weeks apart fall
SIX_CYCLES = 126.0  # days in which six infusions three weeks apart fall
STANDARDS: dict[str, Standard] = {
    # until progression (Ryan2013), then at most ten cycles of three weeks (NICETA101)
    "prostate": Standard((("abiraterone",), ("docetaxel",)), (math.inf, TEN_CYCLES)),
    # until progression (Soria2018), then beside platinum up to its limit and pemetrexed for good (COMPEL2025)
    "lung": Standard((("osimertinib",), ("osimertinib", "platinum_pemetrexed")), (math.inf, math.inf)),
    # five years after surgery (Pan2017); a recurrence is treated as below
    "breast": Standard(
        (("letrozole",), ("letrozole", "palbociclib"), ("doxorubicin",), ("letrozole", "palbociclib")),
        (1826.0, math.inf, math.inf, math.inf),
    ),
    # until progression (Finn2016), then chemotherapy to its limit, then what was given first again; a guess
    "breast_recurrent": Standard(
        (("letrozole", "palbociclib"), ("doxorubicin",), ("letrozole", "palbociclib")), (math.inf, math.inf, math.inf)
    ),
}


@dataclass(frozen=True, kw_only=True)
class StandardOfCare(Rule):
    """The lines of the disease's trials, each in full until progression or for as long as the trials gave it.

    Of a line, the drugs that are on the shelf are given; a line of which none is there is left out.
    """

    name = "standard_of_care"
    memory_size: ClassVar[int] = Sequential.memory_size

    def __post_init__(self) -> None:
        """Check that a standard is known and that its drugs are there."""
        if self.clinic.disease not in STANDARDS:
            known = sorted(STANDARDS)
            raise ValueError(f"rule '{self.name}' knows the standards of {known}, got {self.clinic.disease!r}")
        if not any(set(line) & set(self.clinic.drugs) for line in STANDARDS[self.clinic.disease].lines):
            raise ValueError(f"rule '{self.name}' needs a drug of the standard, got {self.clinic.drugs}")

    @property
    def sequential(self) -> Sequential:
        """The rule that gives the lines."""
        standard = STANDARDS[self.clinic.disease]
        lines = [tuple(drug for drug in line if drug in self.clinic.drugs) for line in standard.lines]
        kept = [(line, days) for line, days in zip(lines, standard.most_days, strict=True) if line]
        return Sequential(
            clinic=self.clinic, lines=tuple(line for line, _ in kept), most_days=tuple(days for _, days in kept)
        )

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Do as the lines say."""
        return self.sequential.decide(observation, np.asarray(memory), fresh)
