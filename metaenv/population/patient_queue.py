"""Which patient comes next: one drawn by chance from a cohort, or the next of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.dynamics.state import IntArray
from metaenv.population.cohorts import LARGEST, chance_keys, cohort_range, draw_identities

Patients = Sequence[int] | NDArray[np.integer[Any]]


class PatientQueue:
    """Patients of the successive episodes of every row, a function of seed and episode alone.

    Args:
        size: number of rows, >= 1.
        cohort: name in `metaenv.COHORTS` from which an episode's patient is drawn by chance.
        patients: ids instead of a cohort, in [0, 2**62), at least one for each row. Row k of n starts with number
            (k + len(patients)) % n of the list, takes every n-th from there on and then starts again. So every id is in
            the share of one row alone; where n does not divide their number, the last rows have one more, as
            Stable-Baselines3's `evaluate_policy` counts.
        shuffle: put the patients of a row in an order that its seed gives, the same in every pass.

    Raises:
        ValueError: a cohort is unknown, an id not allowed, both are given, or there are too few ids.
    """

    def __init__(
        self, size: int, cohort: str = "train", patients: Patients | None = None, shuffle: bool = False
    ) -> None:
        self._cohort = cohort_range(cohort)
        if not isinstance(shuffle, (bool, np.bool_)):
            raise ValueError(f"shuffle must be True or False, got {shuffle!r}")
        if patients is None and shuffle:
            raise ValueError("shuffle must come with patients=, got none: a cohort's patients are drawn by chance")
        if patients is not None and cohort != "train":
            raise ValueError(f"cohort and patients exclude each other, got cohort={cohort!r} and patients=")
        self._shares: list[IntArray] | None = None
        self._orders: dict[int, tuple[int, IntArray]] = {}  # of a row: its seed, and its share in that seed's order
        self._shuffle = bool(shuffle)
        if patients is not None:
            listed = _listed(patients, size)
            self._shares = [listed[(row + listed.size) % size :: size] for row in range(size)]

    def next(self, rows: IntArray, seeds: IntArray, episodes: IntArray) -> IntArray:
        """Ids of the patients of some rows, whose seeds and numbers of episodes are given, (row,)."""
        if self._shares is None:
            return draw_identities(seeds, episodes, self._cohort.start, len(self._cohort))
        identities = np.empty(rows.size, dtype=np.int64)
        for k, (row, seed, episode) in enumerate(zip(rows.tolist(), seeds.tolist(), episodes.tolist(), strict=True)):
            share = self._shuffled(row, seed, self._shares[row]) if self._shuffle else self._shares[row]
            identities[k] = share[episode % share.size]
        return identities

    def _shuffled(self, row: int, seed: int, share: IntArray) -> IntArray:
        if self._orders.get(row, (None,))[0] != seed:
            keys = chance_keys(np.full(share.size, seed), np.arange(share.size), np.zeros(share.size, dtype=np.int64))
            self._orders[row] = seed, share[np.argsort(keys, kind="stable")]
        return self._orders[row][1]


def _listed(patients: Any, size: int) -> IntArray:
    try:
        listed: NDArray[Any] = np.asarray(patients)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"patients must be a list of whole numbers in [0, 2**62), got {patients!r}") from error
    if listed.ndim == 1 and listed.size < size:
        raise ValueError(f"patients must be at least one for each of {size} rows, got {listed.size}")
    if listed.ndim != 1 or listed.dtype.kind not in "iu" or not np.all((listed >= 0) & (listed < LARGEST)):
        shown = f"{patients!r}" if listed.size <= 4 else f"shape {listed.shape} of type {listed.dtype}"
        raise ValueError(f"patients must be a list of whole numbers in [0, 2**62), got {shown}")
    return listed.astype(np.int64)
