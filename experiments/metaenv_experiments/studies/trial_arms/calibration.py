"""The search behind `tune disease`: how far an arm is from what was published, and CMA-ES that brings it nearer.

Every parameter set is tried on the same patients with the same luck, so that a difference is the parameters' doing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.processes import workers
from metaenv_experiments.studies.trial_arms.free_parameters import Free, Vector, changes_for, values_at
from metaenv_experiments.studies.trial_arms.published import Arm, Target
from metaenv_experiments.studies.trial_arms.simulated import Changes, outcomes, simulate
from metaenv_experiments.training.evolution import evolution

STEP = 0.03  # of the search at its start, in ranges
CENTRING = 0.1  # weight of the pull towards the middle of the ranges; targets count 1 at the end of their band
MEDIAN = 3.0  # weight of a median: points of the same curve count beside it
NOT_REACHED = math.log(2.0)  # a median that is not reached counts as too long by this factor
NONE_AT_ALL = 0.1  # a share of zero counts as this part of what was published

Losses = list[float]
Found = Mapping[str, Mapping[str, float]]  # arm -> quantity -> simulated


class Generation(NamedTuple):
    """Parameter sets that were tried together."""

    positions: list[list[float]]  # (candidate, parameter) in 0..1
    losses: Losses  # (candidate,)


def residual(target: Target, simulated: float) -> float:
    """Logarithm of simulated / published in units of the band on that side: within ±1 is accepted."""
    if math.isnan(simulated):
        return NOT_REACHED / math.log(target.high / target.value)
    off = math.log(max(simulated, NONE_AT_ALL * target.value) / target.value)
    return off / math.log(target.high / target.value if off > 0.0 else target.value / target.low)


def misfit(arms: Sequence[Arm], found: Found) -> float:
    """Sum over all targets of r^2 + r^8 of the residual r, medians counted `MEDIAN` times.

    The eighth power is nothing well within a band and all beyond its end, where squares would trade one miss for many.
    """
    total = 0.0
    for arm in arms:
        for target in arm.targets:
            off = residual(target, found[arm.name].get(target.quantity, math.nan))
            total += (MEDIAN if "_median_" in target.quantity else 1.0) * (off**2 + off**8)
    return total


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is fitted to what, on which patients."""

    arms: Sequence[Arm]
    free: Sequence[Free]
    patients: int  # count, the first of a cohort
    seed: int  # of their courses
    beside: Callable[[Changes], float] | None = None  # loss beside that of the arms, of a disease so changed

    def simulate(
        self, values: Sequence[float], *, cohort: str, seed: int, smooth: bool = False
    ) -> dict[str, dict[str, float]]:
        """Outcomes of every arm with the parameters at these values."""
        found = {}
        for arm in self.arms:
            changes = changes_for(arm.name, self.free, values)
            episodes = simulate(arm, cohort=cohort, patients=self.patients, seed=seed, changes=changes)
            found[arm.name] = outcomes(arm, episodes, smooth=smooth)
        return found

    def loss(self, positions: Vector) -> float:
        """Misfit on train patients plus a gentle pull towards the middle of the ranges; (parameter,) in 0..1.

        Medians are those of smoothed curves: on the clinic's calendar they would jump from one scan to the next.
        """
        values = values_at(self.free, positions)
        found = self.simulate(values, cohort="train", seed=self.seed, smooth=True)
        beside = 0.0 if self.beside is None else self.beside(changes_for("", self.free, values))
        centring = CENTRING * float((((positions - 0.5) / 0.5) ** 2).sum())
        return misfit(self.arms, found) + beside + centring


def search(
    start: Vector,
    losses_of: Callable[[list[Vector]], Losses],
    *,
    evaluations: int,
    seed: int,
    known: Sequence[Generation] = (),
) -> Iterator[Generation]:
    """Minimise by CMA-ES within the unit cube; yield every new generation, the start alone being the first.

    Args:
        start: (parameter,) positions in 0..1.
        losses_of: evaluates a list of candidates.
        evaluations: candidates to try, rounded up to whole generations; those of `known` count.
        seed: of the search.
        known: generations that were tried before; they are replayed, so that the search goes on as if never cut off.

    Raises:
        ValueError: `known` is not what this search would have tried.
    """
    strategy = evolution(start.tolist(), STEP, seed=seed, bounds=[0.0, 1.0])
    replay = iter(known)
    tried = 0
    if (first := next(replay, None)) is None:
        first = Generation([start.tolist()], losses_of([start]))
        yield first
    tried += len(first.losses)
    while tried < evaluations and not strategy.stop():
        candidates = strategy.ask()
        generation = next(replay, None)
        if generation is None:
            generation = Generation([list(map(float, each)) for each in candidates], losses_of(candidates))
            yield generation
        elif not np.array_equal(candidates, generation.positions):
            raise UsageError(
                "--resume: the stored generations are not those of this search: begun with another version or start"
            )
        strategy.tell(candidates, generation.losses)
        tried += len(generation.losses)


@contextmanager
def evaluator(problem: Problem, processes: int) -> Iterator[Callable[[list[Vector]], Losses]]:
    """Losses of a list of candidates, shared between processes."""
    with workers(processes) as each_of:
        yield lambda candidates: each_of(problem.loss, [np.asarray(candidate) for candidate in candidates])


def best_of(generations: Sequence[Generation]) -> tuple[Vector, float]:
    """The positions of the lowest loss so far, and that loss."""
    lowest = min(generations, key=lambda generation: min(generation.losses))
    index = int(np.argmin(lowest.losses))
    return np.array(lowest.positions[index]), lowest.losses[index]
