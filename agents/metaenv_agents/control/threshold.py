"""The best fixed threshold of a rule, by trying a grid: what a learned policy has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

CONTAINMENT_THRESHOLDS = (0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0)  # x the baseline marker


@dataclass(frozen=True, kw_only=True)
class ThresholdSearch:
    """What was tried, and what it gave."""

    thresholds: tuple[float, ...]  # in the order tried
    scores: tuple[float, ...]  # mean return of each

    @property
    def best(self) -> float:
        """The threshold with the highest score; the first of equals."""
        return self.thresholds[int(np.argmax(self.scores))]


def search_threshold(
    score: Callable[[float], float], thresholds: Sequence[float] = CONTAINMENT_THRESHOLDS
) -> ThresholdSearch:
    """Score every threshold; choose on patients other than those reported.

    Args:
        score: mean return of a rule at a threshold.
        thresholds: what to try, in multiples of the baseline marker.

    Raises:
        ValueError: if there is nothing to try, or a score is not a number.
    """
    if not thresholds:
        raise ValueError("thresholds must hold at least one value, got none")
    scores = tuple(float(score(threshold)) for threshold in thresholds)
    if not np.isfinite(scores).all():
        raise ValueError(f"scores must be finite numbers, got {dict(zip(thresholds, scores, strict=True))}")
    return ThresholdSearch(thresholds=tuple(thresholds), scores=scores)
