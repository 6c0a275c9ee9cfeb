"""Cohorts as ranges of ids, whom chance draws from them, and the keys of what chance does to a patient."""

from __future__ import annotations

from typing import Any

import numpy as np

from metaenv.dynamics.compile import compiled
from metaenv.dynamics.random import mix
from metaenv.dynamics.state import IntArray

COHORTS = {"train": range(0, 100_000), "validation": range(100_000, 200_000), "test": range(200_000, 300_000)}
LARGEST = 2**62  # ids and folded seeds are whole numbers below this


def cohort_range(name: Any) -> range:
    """Ids of a cohort by its name; an unknown name raises and lists the known ones."""
    if not isinstance(name, str) or name not in COHORTS:
        raise ValueError(f"unknown cohort {name!r}; known: {list(COHORTS)}")
    return COHORTS[name]


@compiled
def chance_keys(seeds: IntArray, episodes: IntArray, identities: IntArray) -> IntArray:
    """62-bit keys of what chance does to patients, from seed, episode and id."""
    keys = np.empty(seeds.size, dtype=np.int64)
    for i in range(seeds.size):
        keys[i] = mix(seeds[i], episodes[i], identities[i] + 1)
    return keys


@compiled
def draw_identities(seeds: IntArray, episodes: IntArray, first: int, size: int) -> IntArray:
    """Ids that seeds and episodes draw from the cohort first .. first + size - 1."""
    identities = np.empty(seeds.size, dtype=np.int64)
    for i in range(seeds.size):
        identities[i] = first + mix(seeds[i], episodes[i], 0) % size
    return identities
