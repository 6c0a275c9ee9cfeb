"""What may be fitted: per disease the free parameters and the range that is allowed to each.

Ranges are those of the sources named on each line (keys of metaenv/references.bib, most of them as cited in the disease
file), or guesses where nothing is known. Everything else in a disease stays as it is written there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.distribution import Uniform
from metaenv.scenario import Scenario
from metaenv.scenario.variation import value_at
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.studies.trial_arms.published import PAN2017
from metaenv_experiments.studies.trial_arms.simulated import Changes

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Free:
    """A free parameter: one number of a disease, or the middle of a uniform distribution whose width is kept."""

    path: str  # grammar of `metaenv.scenario.variation`
    low: float
    high: float
    log: bool = False  # searched on a logarithmic scale
    half_width: float | None = None  # of the uniform distribution at the path; None: the path leads to a number
    arm: str | None = None  # the only arm that it changes; None: all

    def __post_init__(self) -> None:
        """Check the range."""
        if not self.low < self.high or (self.log and self.low <= 0.0):
            raise ValueError(f"a free parameter needs low < high, and 0 < low on a log scale, got {self}")

    @property
    def name(self) -> str:
        """What it is called in tables: its path, and the arm where it is that arm's alone."""
        return self.path if self.arm is None else f"{self.path} ({self.arm})"

    def value(self, position: float) -> float:
        """The value at a position from 0 (low) to 1 (high), in four digits, as it will stand in a file."""
        if self.log:
            found = self.low * math.exp(position * math.log(self.high / self.low))
        else:
            found = self.low + (self.high - self.low) * position
        return min(self.high, max(self.low, float(f"{found:.4g}")))

    def position(self, value: float) -> float:
        """The position of a value, 0 to 1; a value beyond the range is moved to its end."""
        if self.log:
            found = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            found = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, found))

    def start(self, scenario: Scenario, changes: Changes) -> float:
        """What the disease file says, or the arm's own changes where the parameter is that arm's."""
        own = dict(changes)
        there = own[self.path] if self.path in own else value_at(scenario, self.path)
        return (there.low + there.high) / 2.0 if self.half_width is not None else float(there)

    def change(self, value: float) -> tuple[str, Any]:
        """Path and new value, as `metaenv.scenario.variation.vary` takes them."""
        if self.half_width is None:
            return self.path, value
        return self.path, Uniform(round(value - self.half_width, 4), round(value + self.half_width, 4))


def values_at(free: Sequence[Free], positions: Vector) -> list[float]:
    """Values of all parameters at positions (parameter,) from 0 to 1."""
    return [parameter.value(float(position)) for parameter, position in zip(free, positions, strict=True)]


def changes_for(arm: str, free: Sequence[Free], values: Sequence[float]) -> Changes:
    """The changes of the disease that an arm is simulated with."""
    return tuple(
        parameter.change(value)
        for parameter, value in zip(free, values, strict=True)
        if parameter.arm is None or parameter.arm == arm
    )


def free_of(disease: str) -> tuple[Free, ...]:
    """Return the free parameters of a disease.

    Raises:
        UsageError: none are declared.
    """
    if disease not in FREE:
        raise UsageError(f"--disease must be one with free parameters ({', '.join(FREE)}), got {disease!r}")
    return FREE[disease]


_PROSTATE = (
    Free(path="rates.birth.median", low=0.002, high=0.008, log=True),  # /day, of Gompertz; guess
    Free(path="rates.birth.deviation", low=0.2, high=0.45),  # sd of ln; 10-90 % of PSA rises 0.001-0.038, Zhang2022
    Free(path="rates.death.median", low=0.01, high=0.12, log=True),  # /day; guess
    Free(path="traits.AR-V7.log_fraction.share", low=0.05, high=0.4),  # of patients, resistant from the start; guess
    Free(path="traits.AR-V7.log_fraction.second.mean", low=-7.0, high=-2.0),  # log10; guess
    Free(path="traits.bypass.log_fraction.share", low=0.05, high=0.4),  # of patients, resistant from the start; guess
    Free(path="traits.bypass.log_fraction.second.mean", low=-9.0, high=-2.0),  # log10; guess
    Free(path="rates.competition.median", low=1.0, high=20.0, log=True),  # 6 in the fits of Zhang2022
    Free(path="drugs.abiraterone.kill", low=0.03, high=0.1, log=True),  # /day; PSA falls of Bruchovsky2006
    Free(path="host.lethal_burden", low=1e11, high=6e11, log=True),  # cells; guess
    Free(path="drugs.docetaxel.kill", low=0.1, high=0.35, log=True),  # /day; 0.2-0.5 log10 per cycle, Skipper1964
)
_LUNG = (
    Free(path="rates.birth.median", low=0.001, high=0.004, log=True),  # /day, of Gompertz; guess
    Free(path="traits.T790M.log_fraction.mean", low=-8.0, high=-2.5),  # log10; guess
    Free(path="traits.T790M.log_fraction.deviation", low=0.5, high=2.5),  # sd of log10; guess
    Free(path="traits.C797S.mutation_rate", low=3e-12, high=2e-10, log=True),  # /division; guess
    Free(path="traits.bypass.log_fraction.share", low=0.05, high=0.4),  # of patients, resistant from the start; guess
    Free(path="traits.bypass.log_fraction.second.mean", low=-12.0, high=-5.0),  # log10; guess
    Free(path="traits.bypass.log_fraction.second.deviation", low=0.8, high=3.5),  # sd of log10; guess
    Free(path="presentation.visible_log_cells.mean", low=9.2, high=9.8),  # log10 cells; guess
    Free(path="drugs.erlotinib.kill", low=0.02, high=0.09, log=True),  # /day; shrinkage, Laleh2022
    Free(path="drugs.erlotinib.ec50", low=0.15, high=0.6, log=True),  # of the average full dose; guess
    Free(path="drugs.erlotinib.sanctuary.brain", low=0.03, high=0.4),  # of plasma; 0.03 in fluid, Togashi2012
    Free(path="drugs.osimertinib.kill", low=0.02, high=0.09, log=True),  # /day; shrinkage, Laleh2022
    # /day; 0.2-0.5 log10, Skipper1964; below 0.11 target lesions decline too slowly (0.0076/day, Laleh2022)
    Free(path="drugs.platinum_pemetrexed.kill", low=0.11, high=0.25, log=True),
    Free(path="host.lethal_burden", low=1e11, high=3e11, log=True),  # cells; guess
    # of plasma; guess, responses in Reungwetwattana2018
    Free(path="drugs.osimertinib.sanctuary.brain", low=0.2, high=0.7),
)
_BREAST_RECURRENT = (
    Free(path="rates.birth.median", low=0.0008, high=0.0025, log=True),  # /day, of Gompertz; guess
    Free(path="rates.death.median", low=0.05, high=0.16, log=True),  # /day; guess
    Free(path="traits.ESR1.log_fraction.mean", low=-8.5, high=-3.0),  # log10; found in 3 % before, Bidard2022
    Free(path="traits.bypass.log_fraction.share", low=0.05, high=0.5),  # of patients, resistant from the start; guess
    Free(path="traits.bypass.log_fraction.first.mean", low=-1.2, high=-0.2),  # log10; guess
    Free(path="traits.bypass.log_fraction.second.mean", low=-9.0, high=-3.0),  # log10; guess
    Free(path="drugs.letrozole.kill", low=0.003, high=0.06, log=True),  # /day; guess
    Free(path="drugs.letrozole.cytostatic_share", low=0.05, high=0.9),  # guess
    Free(path="drugs.letrozole.sensitivity_spread", low=0.2, high=1.0),  # sd of ln; guess
    Free(path="drugs.letrozole.fold.bypass", low=3.0, high=60.0, log=True),  # factor; guess
    Free(path="drugs.palbociclib.kill", low=0.001, high=0.06, log=True),  # /day; guess
    Free(path="drugs.palbociclib.cytostatic_share", low=0.03, high=0.9),  # guess
    Free(path="drugs.palbociclib.sensitivity_spread", low=0.2, high=0.8),  # sd of ln; guess
    Free(path="drugs.palbociclib.fold.bypass", low=1.3, high=30.0, log=True),  # factor; guess
    Free(path="host.lethal_burden", low=8e10, high=3e11, log=True),  # cells; guess
)
_BREAST = (
    *(
        Free(
            path="presentation.micrometastases.mean",
            low=0.5 * mean,
            high=4.0 * mean,  # at most 6 on average, Willis2010
            log=True,
            arm=f"letrozole for 5 years, {stage} (Pan2017)",
        )
        for stage, mean in PAN2017.items()
    ),
    # /day, half-life 6 to 69 years, 12 to 69 in Willis2010
    Free(
        path="rates.niche_opening.value",
        low=math.log(2) / 69 / DAYS_PER_YEAR,
        high=math.log(2) / 6 / DAYS_PER_YEAR,
        log=True,
    ),
    Free(path="drugs.letrozole.waking_shift", low=-0.9, high=-0.3),  # five years halve recurrence, EBCTCG2011
)
FREE: dict[str, tuple[Free, ...]] = {
    "prostate": _PROSTATE,
    "lung": _LUNG,
    "breast": _BREAST,
    "breast_recurrent": _BREAST_RECURRENT,
}
