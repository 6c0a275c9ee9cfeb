"""Cumulative toxicities by name, as drugs cause them in any disease. Score 1 is dose-limiting (CTCAE grade 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from metaenv.field_checks import check_kinds


@dataclass(frozen=True, kw_only=True)
class Toxicity:
    """A cumulative toxicity.

    Raises:
        ValueError: half-life or disutility is out of range.
    """

    name: str
    half_life: float  # days of recovery; inf = never
    disutility: float  # quality of life lost at score 1

    def __post_init__(self) -> None:
        """Check that nothing is negative."""
        check_kinds(self)
        if not self.half_life > 0.0:
            raise ValueError(f"half_life must be > 0, got {self.half_life} in Toxicity {self.name!r}")
        if not 0.0 <= self.disutility <= 1.0:
            raise ValueError(f"disutility must be in [0, 1], got {self.disutility} in Toxicity {self.name!r}")

    @property
    def recovery(self) -> float:
        """Recovery rate, /day."""
        return math.log(2.0) / self.half_life if math.isfinite(self.half_life) else 0.0


_KINDS = (
    Toxicity(name="mineralocorticoid", half_life=30.0, disutility=0.06),  # days, share of health; guess
    Toxicity(name="fluid_retention", half_life=112.0, disutility=0.12),  # 16 weeks, docetaxel label; guess
    # days, share of health; guess: symptoms of severe cases fade in weeks (docetaxel label), but nerves stay
    # vulnerable, and hardly anybody is given more than about ten cycles and a few more years later
    Toxicity(name="neuropathy", half_life=1826.0, disutility=0.15),
    Toxicity(name="skin", half_life=14.0, disutility=0.08),  # days, share of health; guess: rash and diarrhoea
    Toxicity(name="renal", half_life=730.0, disutility=0.10),  # days, share of health; guess: slow and incomplete
    Toxicity(name="cardiac", half_life=math.inf, disutility=0.20),  # days, share of health; guess: does not recover
    Toxicity(name="arthralgia", half_life=60.0, disutility=0.06),  # days, share of health; guess
    Toxicity(name="hypertension", half_life=30.0, disutility=0.03),  # days, share of health; guess
    Toxicity(name="immune", half_life=60.0, disutility=0.10),  # days, share of health; guess
    Toxicity(name="stomatitis", half_life=14.0, disutility=0.08),  # days, share of health; guess
    Toxicity(name="retinal", half_life=math.inf, disutility=0.10),  # days, share of health; guess: does not recover
)
TOXICITIES = {kind.name: kind for kind in _KINDS}


def kinds(*names: str) -> tuple[Toxicity, ...]:
    """Toxicities by name.

    Raises:
        ValueError: a name is unknown; the message lists the known ones.
    """
    unknown = sorted(set(names) - set(TOXICITIES))
    if unknown:
        raise ValueError(f"unknown toxicity {unknown}; known: {list(TOXICITIES)}")
    return tuple(TOXICITIES[name] for name in names)
