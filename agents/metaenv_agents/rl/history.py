"""The last visits side by side: the simplest memory for a network that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from metaenv_agents.policy import Array, BoolArray


@dataclass(frozen=True, kw_only=True)
class History:
    """A row per patient of `visits` x `width` numbers, oldest visit first, zeros where there was no visit yet."""

    visits: int  # how many are remembered, this one included
    width: int  # measurements per visit

    def __post_init__(self) -> None:
        """Check the sizes."""
        if self.visits < 1 or self.width < 1:
            raise ValueError(f"history needs >= 1 visit of >= 1 measurement, got {self.visits} of {self.width}")

    def empty(self, patients: int) -> Array:
        """Return the history of patients never seen: (patient, visits x width)."""
        return np.zeros((patients, self.visits * self.width), dtype=np.float32)

    def push(self, seen: Array, observations: Array, fresh: BoolArray) -> Array:
        """Append a visit and forget the oldest; where `fresh` forget all but this one. A new array."""
        if self.visits == 1:
            return np.array(observations, dtype=np.float32)
        pushed = np.concatenate([seen[:, self.width :], observations], axis=1, dtype=np.float32)
        pushed[fresh, : -self.width] = 0.0
        return pushed

    def last(self, seen: Array, observation: Array) -> Array:
        """Append a visit to one patient's row."""
        return np.concatenate([seen[self.width :], observation], dtype=np.float32)

    def widen(self, space: gym.Space[Any]) -> gym.Space[Any]:
        """Return the space of histories of observations of `space`."""
        if self.visits == 1:
            return space
        assert isinstance(space, gym.spaces.Box)  # the bridge has looked
        low, high = (np.tile(bound, self.visits) for bound in (space.low, space.high))
        return gym.spaces.Box(np.minimum(low, 0.0), np.maximum(high, 0.0), dtype=np.float32)
