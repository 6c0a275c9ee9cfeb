"""What each disease is asked beyond trial arms, how one looks whether it holds, and how far off it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from metaenv.diseases import Disease
from metaenv_experiments.studies.targets import breast, breast_recurrent, lung, prostate
from metaenv_experiments.studies.targets.follow import Found
from metaenv_experiments.studies.targets.looks import Looks, Target

BEYOND = 0.15  # logarithm by which a target is missed that weighs as much as an arm at the end of its band; guess
MARGIN = 0.02  # logarithm within a band, kept free in a search: other patients are a little different; guess
MOST = 9.0  # weight of a target that is missed altogether, so that no search gives up the arms for it; guess


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Targets of a disease."""

    targets: tuple[Target, ...]
    drugs: tuple[str, ...]  # which their courses give
    looks: Callable[[Disease, int, int, str], Looks]  # of a disease, patients, seed, cohort
    times: int = 1  # as many patients, where what is counted is rare or a band is narrow

    def found(
        self,
        disease: Disease,
        patients: int,
        seed: int = 0,
        cohort: str = "test",
        after_each: Callable[[], None] = lambda: None,
    ) -> list[Found]:
        """Look at the first patients of a cohort under every treatment."""
        looks, found = self.looks(disease, self.times * patients, seed, cohort), []
        for target in self.targets:
            found.append(Found(target.name, target.found(looks), target.low, target.high, target.source))
            after_each()
        return found


ASKED = {
    "prostate": Asked(targets=prostate.TARGETS, drugs=prostate.DRUGS, looks=prostate.ProstateLooks),
    "lung": Asked(targets=lung.TARGETS, drugs=lung.DRUGS, looks=lung.LungLooks),
    "breast": Asked(targets=breast.TARGETS, drugs=breast.DRUGS, looks=breast.BreastLooks, times=4),
    "breast_recurrent": Asked(
        targets=breast_recurrent.TARGETS,
        drugs=breast_recurrent.DRUGS,
        looks=breast_recurrent.RecurrentLooks,
        times=4,
    ),
}


def beyond(found: Found) -> float:
    """How far a target is from its band, in `BEYOND`; 0 well within it."""
    if math.isnan(found.value) or found.value <= 0.0:
        return math.sqrt(MOST)
    below = math.log(found.low / found.value) + MARGIN if found.low > 0.0 else 0.0
    above = math.log(found.value / found.high) + MARGIN
    return max(0.0, below, above) / BEYOND


def missed(found: Sequence[Found]) -> float:
    """Sum over targets of the squares of how far each is off, each at most `MOST`."""
    return sum(min(MOST, beyond(each) ** 2) for each in found)


def about(found: Found) -> dict[str, Any]:
    """As it is stored."""
    return found._asdict() | {"met": found.met}
