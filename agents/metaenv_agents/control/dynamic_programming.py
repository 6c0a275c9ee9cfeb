"""The exact optimum of the two-population model: dynamic programming on the one kernel.

Privileged: it is told a patient's parameters and sees the true cells. It says what control at best can reach, where
the state is small enough to be gridded: one lesion, one drug that acts at once, sensitive and resistant cells,
nothing left to chance (Strobl2021). Then time to progression under the best doses is a function of two numbers,
the resistant cells R and all cells N = S + R.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metaenv.clinic.codes import DOSE_LEVELS
from metaenv.cohort import Cohort
from metaenv.scenario import Scenario
from metaenv_agents.policy import Array, BoolArray, FloatArray

SENSITIVE, RESISTANT = 0, 1  # clones
SETTLED = 1e-6  # days: a change of all values below it ends the search
FEWEST = 0.01  # of the resistant cells at the start: the lower end of their axis; fewer count as so many

# what follows a visit, (patient,) each: sensitive cells, resistant cells, and whether there is no progression
Step = tuple[FloatArray, FloatArray, BoolArray]


@dataclass(frozen=True)
class Grid:
    """Where values are kept: evenly by log10 of the resistant cells, and by all cells in multiples of the first ones.

    Of one patient; for `weights` also of many, with arrays (patient,) in place of numbers.
    """

    fewest: FloatArray | float  # log10 of the resistant cells at the first node
    most: FloatArray | float  # and at the last
    top: float  # size at the last node, which is progression, x start; the first lies a step above 0
    start: FloatArray | float  # cells at the start
    shape: tuple[int, int]  # nodes along the resistant cells, and along the size

    def cells(self) -> tuple[FloatArray, FloatArray]:
        """Sensitive and resistant cells at every node, (r x n,); no sensitive ones where all cells are fewer than R."""
        nodes, sizes = self.shape
        log_resistant = np.linspace(self.fewest, self.most, nodes)
        size = self.top * np.linspace(1.0 / sizes, 1.0, sizes)
        resistant, size = np.meshgrid(10.0**log_resistant, size * self.start, indexing="ij")
        return np.maximum(size - resistant, 0.0).ravel(), resistant.ravel()

    def weights(self, sensitive: FloatArray, resistant: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
        """Nodes around some states and their shares in a bilinear interpolation, both (state, 4)."""
        nodes, sizes = self.shape
        share = (np.log10(np.maximum(resistant, 1.0)) - self.fewest) / (self.most - self.fewest)
        i, u = _cell_of(share * (nodes - 1), nodes)
        j, v = _cell_of((sensitive + resistant) / self.start / self.top * sizes - 1.0, sizes)
        corners = np.stack([i * sizes + j, i * sizes + j + 1, (i + 1) * sizes + j, (i + 1) * sizes + j + 1], axis=1)
        return corners, np.stack([(1 - u) * (1 - v), (1 - u) * v, u * (1 - v), u * v], axis=1)


def _cell_of(at: FloatArray, nodes: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Cell of an axis that a position, counted in nodes, lies in, and how far along it; outside is at the end."""
    index = np.clip(np.floor(at), 0, nodes - 2).astype(np.int64)
    return index, np.clip(at - index, 0.0, 1.0)


@dataclass(frozen=True)
class Optimum:
    """What the best doses promise one patient.

    Attributes:
        identity: of the patient.
        grid: where values are kept.
        values: (node,) most days without progression that can follow, at most the whole follow-up.
        days: most days without progression from the patient's start, as the grid has it.
    """

    identity: int
    grid: Grid
    values: FloatArray = field(repr=False)
    days: float

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
        sensitive_first, resistant_first = _patients(scenario, [identity]).state.proliferating[0, 0]
        if not resistant_first > 0.0:
            raise ValueError(f"dynamic programming needs resistant cells at the start, patient {identity} has none")
        start = float(sensitive_first + resistant_first)
        factor = scenario.disease.progression.factor
        grid = Grid(
            fewest=float(np.log10(FEWEST * resistant_first)),
            most=float(np.log10(factor * start)),
            top=factor,
            start=start,
            shape=(resistant, sizes),
        )
        cohort = _patients(scenario, [identity] * (resistant * sizes))
        after = [_step(cohort, *grid.cells(), dose) for dose in DOSE_LEVELS]
        days, most = scenario.visit_interval, scenario.horizon
        moves = [(alive, *grid.weights(sensitive, resistant)) for sensitive, resistant, alive in after]
        values = np.zeros(resistant * sizes)
        for _ in range(round(most / days)):
            follow = [np.where(alive, (values[nodes] * shares).sum(axis=1), 0.0) for alive, nodes, shares in moves]
            before, values = values, np.minimum(days + np.max(follow, axis=0), most)
            if np.abs(values - before).max() < SETTLED:
                break
        nodes, shares = grid.weights(np.array([sensitive_first]), np.array([resistant_first]))
        return cls(identity, grid, values, float((values[nodes] * shares).sum()))

    def to_bytes(self) -> bytes:
        """Write it as a NumPy archive without pickles."""
        buffer = io.BytesIO()
        np.savez(buffer, identity=self.identity, values=self.values, days=self.days, **asdict(self.grid))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Optimum:
        """Read what `to_bytes` wrote; nothing in it is executed."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            fewest, most, top, start = (float(archive[name]) for name in ("fewest", "most", "top", "start"))
            nodes, sizes = map(int, archive["shape"])
            grid = Grid(fewest, most, top, start, (nodes, sizes))
            return cls(int(archive["identity"]), grid, archive["values"], float(archive["days"]))


class BestDoses:
    """What each dose would leave some patients, whose optima are known, side by side.

    Args:
        scenario: for which the optima were found.
        optima: of the patients, on grids of one shape.
    """

    def __init__(self, scenario: Scenario, optima: Sequence[Optimum]) -> None:
        self.optima = optima
        self.cohort = _patients(scenario, [optimum.identity for optimum in optima])
        grids = [optimum.grid for optimum in optima]
        fewest, most, start = (
            np.array([getattr(grid, name) for grid in grids]) for name in ("fewest", "most", "start")
        )
        self.grid = Grid(fewest, most, grids[0].top, start, grids[0].shape)
        self.values = np.stack([optimum.values for optimum in optima])  # (patient, node)

    def after(self, sensitive: FloatArray, resistant: FloatArray) -> FloatArray:
        """Days without progression that can still follow a visit with each of `DOSE_LEVELS`, (patient, dose).

        Args:
            sensitive: (patient,) cells now.
            resistant: (patient,) cells now.
        """
        return self._days(self._steps(sensitive, resistant))

    def play(self) -> FloatArray:
        """Days without progression, or to the end of the follow-up, under the best doses, the lowest of equals."""
        scenario = self.cohort.scenario
        sensitive, resistant = (self.cohort.state.proliferating[:, 0, clone].copy() for clone in (SENSITIVE, RESISTANT))
        days, controlled = np.zeros(len(sensitive)), np.ones(len(sensitive), dtype=np.bool_)
        while controlled.any() and days.max() < scenario.horizon:
            steps = self._steps(sensitive, resistant)
            days += np.where(controlled, scenario.visit_interval, 0.0)
            sensitive, resistant, alive = _chosen(steps, self._days(steps).argmax(axis=1))
            controlled &= alive
        return days

    def _steps(self, sensitive: FloatArray, resistant: FloatArray) -> list[Step]:
        return [_step(self.cohort, sensitive, resistant, dose) for dose in DOSE_LEVELS]

    def _days(self, steps: list[Step]) -> FloatArray:
        """Days that can follow each of the doses, (patient, dose)."""
        each = np.arange(len(self.values))[:, None]
        found = []
        for sensitive, resistant, alive in steps:
            nodes, shares = self.grid.weights(sensitive, resistant)
            found.append(np.where(alive, (self.values[each, nodes] * shares).sum(axis=1), 0.0))
        return np.stack(found, axis=1)


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
    cohort = _patients(scenario, identities)
    sensitive, resistant = (cohort.state.proliferating[:, 0, clone].copy() for clone in (SENSITIVE, RESISTANT))
    start, last = sensitive + resistant, len(DOSE_LEVELS) - 1
    days, controlled = np.zeros(len(identities)), np.ones(len(identities), dtype=np.bool_)
    while controlled.any() and days.max() < scenario.horizon:
        steps = [_step(cohort, sensitive, resistant, dose) for dose in DOSE_LEVELS]
        held = np.stack([alive for _, _, alive in steps])  # (dose, patient)
        lowest = np.where(held.any(axis=0), held.argmax(axis=0), last)
        days += np.where(controlled, scenario.visit_interval, 0.0)
        sensitive, resistant, alive = _chosen(steps, np.where(resistant >= strike * start, last, lowest))
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


def _patients(scenario: Scenario, identities: ArrayLike) -> Cohort:
    """Patients as they come."""
    who = np.asarray(identities, dtype=np.int64)
    cohort = Cohort(scenario, len(who))
    cohort.admit(np.arange(len(who)), who, np.zeros(len(who), dtype=np.int64))
    return cohort


def _chosen(steps: list[Step], dose: NDArray[np.int64]) -> tuple[Array, ...]:
    """What becomes of patients of whom each is given a dose of its own: cells, and who is without progression."""
    return tuple(np.take_along_axis(np.stack(each), dose[None], axis=0)[0] for each in zip(*steps, strict=True))


def _step(cohort: Cohort, sensitive: FloatArray, resistant: FloatArray, dose: float) -> Step:
    """Cells after a visit from these, and who is without progression, all (state,)."""
    before = cohort.snapshot()
    cells = cohort.state.proliferating
    cells[:, 0, SENSITIVE], cells[:, 0, RESISTANT] = sensitive, resistant
    cohort.treat(np.full((cohort.size, 1), dose), np.ones(cohort.size, dtype=np.bool_))
    after: Array = cells[:, 0].copy()
    most = cohort.scenario.disease.progression.factor * before.state.proliferating[:, 0].sum(axis=1)
    cohort.restore(before)
    return after[:, SENSITIVE], after[:, RESISTANT], after.sum(axis=1) <= most
