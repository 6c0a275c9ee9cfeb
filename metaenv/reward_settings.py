"""What the reward is set to: objective and weights. What each component costs: `metaenv.clinic.reward`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from metaenv.clinic.codes import OBJECTIVES
from metaenv.field_checks import as_float, check_kinds


@dataclass(frozen=True, kw_only=True)
class Reward:
    """Objective and weights of the reward. Weights multiply the disutilities of the disease; 1 is the published scale.

    Attributes:
        objective: "quality" (quality-adjusted years), "survival" (years), "control" (years until progression is
            confirmed).
        symptoms: weight of symptoms, >= 0.
        treatment: weight of being on treatment, >= 0.
        toxicity: weight of toxicity, >= 0.
        procedure: weight of resection and radiotherapy, >= 0.

    Raises:
        ValueError: unknown objective, or a weight that is no number, negative or not finite.
    """

    objective: str = "quality"
    symptoms: float = 1.0
    treatment: float = 1.0
    toxicity: float = 1.0
    procedure: float = 1.0

    def __post_init__(self) -> None:
        """Check objective and weights."""
        check_kinds(self)
        if self.objective not in OBJECTIVES:
            raise ValueError(f"unknown objective {self.objective!r}; known: {list(OBJECTIVES)}")
        for name in ("symptoms", "treatment", "toxicity", "procedure"):
            value = getattr(self, name)
            if not 0.0 <= as_float(value) < math.inf:
                raise ValueError(f"weight {name} must be >= 0 and finite, got {value}")
