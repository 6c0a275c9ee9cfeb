"""A copy of an environment, to return to or to go on from many times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metaenv.cohort import Snapshot
from metaenv.dynamics.state import BoolArray, IntArray
from metaenv.population.cohorts import LARGEST, chance_keys


@dataclass(frozen=True)
class EnvSnapshot:
    """A copy of an environment: its cohort, its seeds and episodes, and who waits for a reset."""

    cohort: Snapshot
    action: str
    seeds: IntArray
    episodes: IntArray
    finished: BoolArray

    def copies(self, rows: IntArray, luck: IntArray | None = None) -> EnvSnapshot:
        """Patients of this snapshot, for an environment of as many: where may they go from here?

        Args:
            rows: (copy,) row of each copy's patient; a row may be named many times.
            luck: (copy,) whole numbers in [0, 2**62), seeds of what chance does to each copy from here on. None: what
                chance does to the patient itself, so that a copy has the very future of its patient.

        Returns:
            A snapshot for `restore` of an environment of the same scenario and `len(rows)` patients.

        Raises:
            ValueError: a row is none of this snapshot's, or luck is not one such number for each copy.
        """
        kept, size = self.cohort, self.seeds.size
        chosen, seeds = np.asarray(rows), None if luck is None else np.asarray(luck)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or not np.all((chosen >= 0) & (chosen < size)):
            raise ValueError(f"rows must be a list of numbers in 0 … {size - 1}, got {rows}")
        whole = seeds is None or (seeds.dtype.kind in "iu" and np.all((seeds >= 0) & (seeds < LARGEST)))
        if not whole or (seeds is not None and seeds.shape != chosen.shape):
            raise ValueError(f"luck must be {len(rows)} whole numbers in [0, 2**62), one for each copy, got {luck}")

        def of_rows(arrays: Any) -> Any:
            return type(arrays)(*(array[rows] for array in arrays))

        state, patients = of_rows(kept.state), of_rows(kept.patients)
        if seeds is not None:
            person = patients.person
            person["key"] = chance_keys(seeds.astype(np.int64), self.episodes[rows], person["identity"])
            if kept.scenario.stochastic:  # a new threshold is one from here on: what was survived does not count again
                state.host["hazard"] = 0.0
        cohort = Snapshot(kept.scenario, state, patients, of_rows(kept.chart), of_rows(kept.report))
        return EnvSnapshot(cohort, self.action, self.seeds[rows], self.episodes[rows], self.finished[rows])
