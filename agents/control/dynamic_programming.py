"""The exact optimum of the two-population model: dynamic programming on the one kernel.

Privileged: it is told a patient's parameters and sees the true cells. It says what control at best can reach, where
the state is small enough to be gridded: one lesion, one drug that acts at once, sensitive and resistant cells,
nothing left to chance (Strobl2021). Then time to progression under the best doses is a function of two numbers,
the resistant cells R and all cells N = S + R.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.policy import Array, FloatArray
from metaenv.cohort import Cohort
from metaenv.scenario import Scenario

SENSITIVE, RESISTANT = 0, 1  # clones
DOSES = (0.0, 0.5, 1.0)  # fractions of the full dose: the levels
SETTLED = 1e-6  # days: a change of all values below it ends the search
FEWEST = 0.01  # of the resistant cells at the start: the lower end of their axis; fewer count as so many


@dataclass(frozen=True)
class Grid:
    """Where values are kept: log10 of the resistant cells, and all cells in multiples of those at the start."""

    log_resistant: FloatArray  # (r,) ascending
    size: FloatArray  # (n,) ascending, ends at the size that is progression
    start: float  # cells at the start

    def cells(self) -> tuple[FloatArray, FloatArray]:
        """Sensitive and resistant cells at every node, (r x n,); no sensitive ones where all cells are fewer than R."""
        resistant, size = np.meshgrid(10.0**self.log_resistant, self.size * self.start, indexing="ij")
        return np.maximum(size - resistant, 0.0).ravel(), resistant.ravel()

    def weights(self, sensitive: FloatArray, resistant: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
        """Nodes around some states and their shares in a bilinear interpolation, both (state, 4)."""
        x = np.log10(np.maximum(resistant, 1.0))
        y = (sensitive + resistant) / self.start
        i, u = _place(self.log_resistant, x)
        j, v = _place(self.size, y)
        width = len(self.size)
        nodes = np.stack([i * width + j, i * width + j + 1, (i + 1) * width + j, (i + 1) * width + j + 1], axis=1)
        shares = np.stack([(1 - u) * (1 - v), (1 - u) * v, u * (1 - v), u * v], axis=1)
        return nodes, shares


def _place(axis: FloatArray, x: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Cell of an axis that holds x, and how far along it x lies; what lies outside counts as at the end."""
    index = np.clip(np.searchsorted(axis, x, side="right") - 1, 0, len(axis) - 2)
    along = (x - axis[index]) / (axis[index + 1] - axis[index])
    return index, np.clip(along, 0.0, 1.0)


@dataclass(frozen=True)
class Optimum:
    """The best doses for one patient.

    Attributes:
        grid: where values are kept.
        values: (node,) most days without progression that can follow, at most the whole follow-up.
    """

    scenario: Scenario
    identity: int
    grid: Grid
    values: FloatArray = field(repr=False)
    _cohort: Cohort = field(repr=False)

    @classmethod
    def of(cls, scenario: Scenario, identity: int, *, resistant: int = 160, sizes: int = 240) -> Optimum:
        """Solve for a patient.

        Args:
            scenario: a two-population model whose episode ends at progression.
            identity: of the patient.
            resistant: nodes of log10 R.
            sizes: nodes of N.

        Raises:
            ValueError: the scenario has more to it than this method can hold.
        """
        _check(scenario)
        alone = _patients(scenario, identity, 1)
        cells = alone.state.proliferating[0, 0]
        if not cells[RESISTANT] > 0.0:
            raise ValueError(f"dynamic programming needs resistant cells at the start, patient {identity} has none")
        start = float(cells.sum())
        factor = scenario.disease.progression.factor
        grid = Grid(
            log_resistant=np.linspace(np.log10(FEWEST * cells[RESISTANT]), np.log10(factor * start), resistant),
            size=factor * np.linspace(1.0 / sizes, 1.0, sizes),
            start=start,
        )
        cohort = _patients(scenario, identity, resistant * sizes)
        after = [_step(cohort, *grid.cells(), dose) for dose in DOSES]
        days, most = scenario.visit_interval, scenario.horizon
        moves = [(alive, *grid.weights(sensitive, resistant)) for sensitive, resistant, alive in after]
        values = np.zeros(resistant * sizes)
        for _ in range(round(most / days)):
            follow = [np.where(alive, (values[nodes] * shares).sum(axis=1), 0.0) for alive, nodes, shares in moves]
            before, values = values, np.minimum(days + np.max(follow, axis=0), most)
            if np.abs(values - before).max() < SETTLED:
                break
        return cls(scenario, identity, grid, values, alone)

    @property
    def days(self) -> float:
        """Most days without progression from the patient's start, as the grid has it."""
        cells = self._cohort.state.proliferating[0, 0]
        nodes, shares = self.grid.weights(cells[SENSITIVE : SENSITIVE + 1], cells[RESISTANT : RESISTANT + 1])
        return float((self.values[nodes] * shares).sum())

    def dose(self, sensitive: float, resistant: float) -> float:
        """The best fraction of the full dose at a state; the lowest of equals."""
        scores = []
        for dose in DOSES:
            one, other, alive = _step(self._cohort, np.array([sensitive]), np.array([resistant]), dose)
            nodes, shares = self.grid.weights(one, other)
            scores.append(float((self.values[nodes] * shares).sum()) if alive[0] else -1.0)
        return DOSES[int(np.argmax(scores))]

    def play(self) -> float:
        """Days without progression, or to the end of the follow-up, when the patient is given the best doses."""
        sensitive, resistant = (float(cells) for cells in self._cohort.state.proliferating[0, 0])
        days, controlled = 0.0, True
        while controlled and days < self.scenario.horizon:
            given = self.dose(sensitive, resistant)
            one, other, alive = _step(self._cohort, np.array([sensitive]), np.array([resistant]), given)
            sensitive, resistant, controlled = float(one[0]), float(other[0]), bool(alive[0])
            days += self.scenario.visit_interval
        return days


def hold_then_strike(scenario: Scenario, identities: NDArray[np.int64], *, strike: float) -> FloatArray:
    """Days without progression of some patients under a plan that a sentence can hold, (patient,).

    The lowest dose after which the tumour is not above the size that is progression, until resistant cells are `strike`
    x the cells at the start; from then on the full dose, so that no sensitive cell is left when resistant ones alone
    would be too many. Privileged, as the optimum.

    Args:
        scenario: a two-population model whose episode ends at progression.
        identities: (patient,) of the patients.
        strike: share of the cells at the start, > 0.

    Raises:
        ValueError: the scenario has more to it than this method can hold, or the share is not positive.
    """
    _check(scenario)
    if not strike > 0.0:
        raise ValueError(f"strike must be > 0 of the cells at the start, got {strike}")
    cohort = Cohort(scenario, len(identities))
    cohort.admit(np.arange(len(identities)), identities, np.zeros(len(identities), dtype=np.int64))
    sensitive, resistant = (cohort.state.proliferating[:, 0, clone].copy() for clone in (SENSITIVE, RESISTANT))
    start, last = sensitive + resistant, len(DOSES) - 1
    days, controlled = np.zeros(len(identities)), np.ones(len(identities), dtype=np.bool_)
    while controlled.any() and days.max() < scenario.horizon:
        steps = [_step(cohort, sensitive, resistant, dose) for dose in DOSES]
        one, other, held = (np.stack(outcomes) for outcomes in zip(*steps, strict=True))  # (dose, patient)
        lowest = np.where(held.any(axis=0), held.argmax(axis=0), last)
        dose = np.where(resistant >= strike * start, last, lowest)
        days += np.where(controlled, scenario.visit_interval, 0.0)
        sensitive, resistant, alive = (np.take_along_axis(each, dose[None], axis=0)[0] for each in (one, other, held))
        controlled &= alive
    return days


def _check(scenario: Scenario) -> None:
    disease = scenario.disease
    asks = {
        "one lesion": disease.lesions == 1,
        "one drug": len(scenario.drugs) == 1,
        "one trait": len(scenario.traits) == 1,
        "no chance": not scenario.stochastic,
        "a drug that acts at once": all(drug.half_life == 0.0 for drug in scenario.drugs),
        "an episode that ends at progression above the baseline": disease.progression.ends_episode
        and disease.progression.reference == "baseline",
    }
    if missing := [what for what, holds in asks.items() if not holds]:
        raise ValueError(f"dynamic programming needs {', '.join(missing)}; got {disease.name}")


def _patients(scenario: Scenario, identity: int, size: int) -> Cohort:
    """So many copies of a patient."""
    cohort = Cohort(scenario, size)
    rows = np.arange(size)
    cohort.admit(rows, np.full(size, identity), np.zeros(size, dtype=np.int64))
    return cohort


def _step(
    cohort: Cohort, sensitive: FloatArray, resistant: FloatArray, dose: float
) -> tuple[FloatArray, FloatArray, Any]:
    """Cells after a visit from these, and who is without progression, all (state,)."""
    before = cohort.snapshot()
    cells = cohort.state.proliferating
    cells[:, 0, SENSITIVE], cells[:, 0, RESISTANT] = sensitive, resistant
    cohort.treat(np.full((cohort.size, 1), dose), np.ones(cohort.size, dtype=np.bool_))
    after: Array = cells[:, 0].copy()
    most = cohort.scenario.disease.progression.factor * before.state.proliferating[:, 0].sum(axis=1)
    cohort.restore(before)
    return after[:, SENSITIVE], after[:, RESISTANT], after.sum(axis=1) <= most
