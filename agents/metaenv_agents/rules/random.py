"""Uniformly random treatment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import PROCEDURES
from metaenv_agents.policy import HALF_DOSES_PER_FULL_DOSE, Array, BoolArray
from metaenv_agents.rules.rule import Rule


@dataclass(frozen=True, kw_only=True)
class Random(Rule):
    """Every entry of the action uniform at every visit, local therapy included where it is offered.

    Draws are addressed, not consumed: a hash of (seed, the patient's first observation, visit, entry). So the same
    patient gets the same doses in whichever company, and patients who look exactly alike at first get the same.
    """

    seed: int = 0

    name = "random"
    memory_size = 2  # the patient's key, and visits so far
    memory_dtype = np.uint64

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Draw one uniform number per entry."""
        key = np.where(fresh, fingerprint(observation, self.seed), memory[:, 0])
        visit = memory[:, 1]
        drugs = len(self.clinic.drugs)
        draws = uniform(key, visit, drugs + 1)
        doses, local_therapy = draws[:, :drugs], (draws[:, drugs] * len(PROCEDURES)).astype(np.int64)
        if self.clinic.action == "levels":
            doses = np.floor(doses * (HALF_DOSES_PER_FULL_DOSE + 1)) / HALF_DOSES_PER_FULL_DOSE
        return self.clinic.encode(doses, local_therapy), np.column_stack([key, visit + np.uint64(1)])


def scramble(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64 bits: the finaliser of SplitMix64. Source: Steele2014."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def fingerprint(observation: Array, seed: int) -> NDArray[np.uint64]:
    """Hash (patient, measurement) float32 to (patient,) 64-bit keys."""
    words = np.ascontiguousarray(observation, dtype=np.float32).view(np.uint32).astype(np.uint64)
    key = np.full(len(words), seed % 2**64, dtype=np.uint64)
    for column in words.T:
        key = scramble(key + np.uint64(0x9E3779B97F4A7C15) + column)
    return key


def uniform(key: NDArray[np.uint64], visit: NDArray[np.uint64], entries: int) -> NDArray[np.float64]:
    """Draw from [0, 1): (patient, entry), addressed by key and visit, both (patient,)."""
    stream = scramble(scramble(key) + visit)[:, None] + np.arange(entries, dtype=np.uint64) * np.uint64(
        0x9E3779B97F4A7C15
    )
    return (scramble(stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53
