"""Which patients a reset or autoreset admits, and the key of what chance does to each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from metaenv.dynamics.state import BoolArray, IntArray
from metaenv.population.cohorts import LARGEST, chance_keys, cohort_range, draw_identities
from metaenv.population.patient_queue import PatientQueue

_OPTIONS = ("patient", "cohort", "reset_mask")


class Admissions:
    """Seed and episode of every row, and the patients that follow from them.

    A patient is a function of its id; what chance does to it is a function of (seed, episode, id).

    Args:
        size: number of rows.
        queue: who comes where no option of a reset says otherwise; None for chance among the train cohort.
    """

    def __init__(self, size: int, queue: PatientQueue | None = None) -> None:
        self.queue = PatientQueue(size) if queue is None else queue
        self.seeds: IntArray = np.zeros(size, dtype=np.int64)
        self.episodes: IntArray = np.full(size, -1, dtype=np.int64)  # -1 = never reset

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self.seeds.size)

    def by_reset(
        self, seed: int | Sequence[int | None] | None, options: Mapping[str, Any] | None
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Rows to reset, and the ids and keys of chance of their next patients.

        Args:
            seed: for row k seed + k, see `folded`; a sequence gives one for each row; None goes on with the next
                episode.
            options: "patient" (id, or one id for each row), "cohort" (name), "reset_mask" (rows to reset).

        Raises:
            ValueError: an option is unknown or has a value that is not allowed.
        """
        chosen = _options(options)
        mask = self._mask(chosen.get("reset_mask"))
        rows = np.flatnonzero(mask)
        cohort = cohort_range(chosen["cohort"]) if "cohort" in chosen else None
        named = self._named(chosen.get("patient"), mask)
        seeds = self._seeds(seed, rows)
        for row, given in zip(rows.tolist(), seeds, strict=True):
            if given is not None:
                self.seeds[row] = given
                self.episodes[row] = -1
        self.episodes[rows] += 1
        return self._draw(rows, cohort, named)

    def next(self, rows: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """The next patients of some rows, as autoreset admits them."""
        self.episodes[rows] += 1
        return self._draw(rows, None, None)

    def _draw(
        self, rows: IntArray, cohort: range | None, named: IntArray | None
    ) -> tuple[IntArray, IntArray, IntArray]:
        seeds, episodes = self.seeds[rows], self.episodes[rows]
        if named is not None:
            identities = named[rows]
        elif cohort is not None:
            identities = draw_identities(seeds, episodes, cohort.start, len(cohort))
        else:
            identities = self.queue.next(rows, seeds, episodes)
        return rows, identities, chance_keys(seeds, episodes, identities)

    def _seeds(self, seed: int | Sequence[int | None] | None, rows: IntArray) -> list[int | None]:
        """Checked seeds of the rows; None goes on with the next episode. A row's first episode gets one by chance."""
        several: Any = seed
        listed = isinstance(several, Sequence) and not isinstance(several, (str, bytes))
        if not listed and not (isinstance(several, np.ndarray) and several.ndim):
            one = one_seed(several)
            given: list[int | None] = [None if one is None else one + k for k in range(self.size)]
        elif len(several) != self.size:
            raise ValueError(f"seed must be one whole number or {self.size} of them, got {len(several)}")
        else:
            given = list(several)
        chance: int | None = None  # asked of the operating system where it is needed, which takes long
        chosen: list[int | None] = []
        for row in rows.tolist():
            value = given[row]
            if value is None and self.episodes[row] < 0:
                chance = _by_chance() if chance is None else chance
                value = chance + row
            if value is not None:
                check_seed(value)
            chosen.append(None if value is None else folded(int(value)))
        return chosen

    def _mask(self, mask: Any) -> BoolArray:
        if mask is None:
            return np.ones(self.size, dtype=np.bool_)
        array = np.asarray(mask)
        if array.shape != (self.size,) or array.dtype != np.bool_:
            raise ValueError(f"reset_mask must be {self.size} booleans, got shape {array.shape} of type {array.dtype}")
        if not array.any():
            raise ValueError(f"reset_mask must mark at least one of {self.size} patients, got none")
        return array

    def _named(self, patient: Any, mask: BoolArray) -> IntArray | None:
        if patient is None:
            return None
        try:
            array = np.asarray(patient)
        except (TypeError, ValueError) as error:
            raise ValueError(f"patient must be a whole number or {self.size} of them, got {patient!r}") from error
        if array.dtype.kind not in "iu" or array.shape not in ((), (1,), (self.size,)):
            raise ValueError(
                f"patient must be a whole number or {self.size} of them, got {patient!r}"
                if array.size <= 4
                else f"patient must be {self.size} whole numbers, got shape {array.shape} of type {array.dtype}"
            )
        identities = np.broadcast_to(array.astype(np.int64), (self.size,))
        wrong = mask & ((identities < 0) | (identities >= LARGEST))
        if wrong.any():
            raise ValueError(f"patient must be in [0, 2**62), got {identities[wrong][0]}")
        return identities


def _options(options: Any) -> dict[str, Any]:
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise ValueError(f"options must be a dictionary with keys of {list(_OPTIONS)}, got {options!r}")
    unknown = sorted(set(options) - set(_OPTIONS), key=str)
    if unknown:
        raise ValueError(f"unknown reset option {unknown}; known: {list(_OPTIONS)}")
    if "patient" in options and "cohort" in options:
        raise ValueError("reset options 'patient' and 'cohort' exclude each other, got both")
    return dict(options)


def _by_chance() -> int:
    """A seed that nobody has chosen."""
    return int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) % (LARGEST // 2)


def folded(seed: int) -> int:
    """The seed that chance works with: itself below 2**62, else 62 bits of a hash of it.

    The hash is BLAKE2b with a digest of 8 bytes, of the seed as little-endian bytes, as few as hold it; of the digest,
    read as a little-endian number, the lowest 62 bits.
    """
    if seed < LARGEST:
        return seed
    digest = hashlib.blake2b(seed.to_bytes((seed.bit_length() + 7) // 8, "little"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % LARGEST


def one_seed(seed: Any) -> int | None:
    """The seed of one environment, checked; None stays."""
    value = seed.item() if isinstance(seed, np.ndarray) and seed.ndim == 0 else seed
    if value is None:
        return None
    check_seed(value)
    return int(value)


def check_seed(seed: Any) -> None:
    """Raise unless a seed is a whole number >= 0."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or int(seed) < 0:
        raise ValueError(f"seed must be a whole number >= 0, got {seed!r}")
