"""Shifts: the same patients in another population, to ask whether a policy still does well there.

A shift multiplies some numbers of a disease. Draws are addressed by name, so a patient of a shifted cohort is the
patient of the same id with only those numbers changed, and meets the same luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from metaenv.distribution import Distribution
from metaenv.scenario.scenario import Scenario
from metaenv.scenario.variation import paths_like, value_at, vary


@dataclass(frozen=True, kw_only=True)
class Change:
    """A factor on one number of a disease, or on the median of its distribution.

    Raises:
        ValueError: the factor is not > 0 and finite.
    """

    pattern: str  # path of `metaenv.scenario.variation`; "*" stands for every organ, trait or drug
    factor: float
    logarithmic: bool = False  # the number is a log10, so the factor's log10 is added to it

    def __post_init__(self) -> None:
        """Check the factor."""
        if not 0.0 < self.factor < math.inf:
            raise ValueError(f"factor must be > 0 and finite, got {self.factor} for {self.pattern!r}")

    def of(self, value: Any) -> Any:
        """The number or distribution after the change."""
        if self.logarithmic:
            offset = math.log10(self.factor)
            return value.shifted(offset) if isinstance(value, Distribution) else value + offset
        return value.scaled(self.factor) if isinstance(value, Distribution) else value * self.factor


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A population that differs from the one a policy was made for."""

    name: str
    about: str
    changes: tuple[Change, ...]
    mechanism: str | None = None  # of `metaenv.MECHANISMS`, without which the shift does nothing


_ALL = (
    Shift(
        name="faster_mutation",
        about="mutators: traits arise ten times as often, and three times as many cells carry them at the start",
        mechanism="heterogeneity",
        changes=(
            Change(pattern="traits.*.mutation_rate", factor=10.0),  # guess, within 1e-9 to 1e-6 /division for most
            # guess: fewer than ten times, as drug-tolerant phenotypes do not come from mutation
            Change(pattern="traits.*.log_fraction", factor=3.0, logarithmic=True),
        ),
    ),
    Shift(
        name="lower_cost",
        about="resistance costs half as much of the birth rate",
        mechanism="heterogeneity",
        changes=(Change(pattern="traits.*.cost", factor=0.5),),  # guess; 0-10 % in Bozic2013, 0-50 % in Strobl2021
    ),
    Shift(
        name="worse_delivery",
        about="less of every drug reaches the lesions, in sanctuaries too",
        mechanism="stroma",
        changes=(
            Change(
                pattern="organs.*.delivery", factor=0.6
            ),  # guess, between bulky (0.5-0.8) and desmoplastic (0.1-0.3)
            Change(pattern="drugs.*.sanctuary.*", factor=0.6),  # guess, the same
        ),
    ),
    Shift(
        name="other_organs",
        about="visceral and cerebral disease: liver three times, brain four times, bone half as likely",
        changes=(
            Change(pattern="organs.liver.tropism", factor=3.0),  # guess
            Change(pattern="organs.brain.tropism", factor=4.0),  # guess
            Change(pattern="organs.bone.tropism", factor=0.5),  # guess
        ),
    ),
    Shift(
        name="more_dormancy",
        about="three times as many cells sleep, in lesions and alone, and three times as many fall asleep",
        mechanism="dormancy",
        changes=(
            Change(pattern="presentation.dormant_fraction", factor=3.0),  # guess
            Change(pattern="presentation.disseminated_cells", factor=3.0),  # guess
            Change(pattern="rates.dormancy_entry", factor=3.0),  # guess
        ),
    ),
    Shift(
        name="faster_growth",
        about="births and deaths 1.3 times as fast, so doubling times are shorter by a quarter where nothing crowds",
        changes=(
            Change(pattern="rates.birth", factor=1.3),  # guess, a deviation of the patients or less (0.25-0.39 of ln)
            Change(pattern="rates.death", factor=1.3),  # guess, the same, so that the turnover stays
        ),
    ),
)
SHIFTS = {shift.name: shift for shift in _ALL}


def shift_scenario(scenario: Scenario, name: str) -> Scenario:
    """A scenario after a shift.

    Args:
        scenario: left as it is.
        name: of `SHIFTS`.

    Raises:
        ValueError: the name is unknown, or the shift changes nothing in this scenario, or leads out of what is allowed.
    """
    if name not in list(SHIFTS):
        raise ValueError(f"unknown shift {name!r}; known: {list(SHIFTS)}")
    shift = SHIFTS[name]
    if shift.mechanism is not None and not scenario.on(shift.mechanism):
        raise ValueError(f"shift {name!r} changes nothing without the mechanism {shift.mechanism!r}")
    changed = {
        path: change.of(value_at(scenario, path))
        for change in shift.changes
        for path in paths_like(scenario, change.pattern)
    }
    try:
        shifted = vary(scenario, changed)
    except ValueError as error:
        raise ValueError(f"shift {name!r} goes too far in this scenario: {error}") from error
    if shifted == scenario:
        disease = scenario.disease.name
        patterns = ", ".join(change.pattern for change in shift.changes)
        raise ValueError(f"shift {name!r} changes nothing in disease {disease!r}: it has no {patterns}, or all are 0")
    return shifted
