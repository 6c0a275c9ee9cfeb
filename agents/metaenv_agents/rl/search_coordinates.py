"""Coordinates of a search for a network's weights: the first layer's along the principal directions of its inputs."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from metaenv_agents.policy import FloatArray
from metaenv_agents.rl.policy import TrainedPolicy

SMALLEST = 0.01  # standard deviation of a normalised input below which a direction is not searched; guess


@dataclass(frozen=True, kw_only=True)
class SearchCoordinates:
    """Weights and biases in one row, those of the first layer per direction of what is seen.

    Inputs of a network go together: what was seen a visit ago is nearly what is seen now, and what tells the two apart,
    the trend, is small: a search that moves every weight alike hardly moves what the network makes of it. So the first
    layer is searched by the principal directions of the inputs, each counted in its own standard deviations. What
    hardly varies is not searched: there the weights stay.
    """

    policy: TrainedPolicy  # where the search begins
    mean: FloatArray  # (input,) of the normalised inputs
    directions: FloatArray  # (input, direction), orthonormal
    spread: FloatArray  # (direction,) standard deviation of the inputs along each

    @classmethod
    def of(cls, policy: TrainedPolicy, seen: FloatArray) -> Self:
        """Find the directions.

        Args:
            policy: where the search begins.
            seen: (visit, input) what its first layer was given, `TrainedPolicy.first_layer_input`.

        Raises:
            ValueError: `seen` is of another width, or nothing varies in it.
        """
        width = policy.weights[0].shape[1]
        if seen.ndim != 2 or seen.shape[1] != width:
            raise ValueError(f"seen must be (visit, {width}) for this policy, got {seen.shape}")
        variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(seen, rowvar=False)))
        kept = variances > SMALLEST**2
        if not kept.any():
            raise ValueError(f"seen must vary by more than {SMALLEST} for this policy, got {len(seen)} visits alike")
        return cls(
            policy=policy, mean=seen.mean(axis=0), directions=directions[:, kept], spread=np.sqrt(variances[kept])
        )

    @property
    def start(self) -> FloatArray:
        """Where the policy itself stands, (coordinate,)."""
        first, *others = self.policy.weights
        bias, *biases = self.policy.biases
        parts = (first @ self.directions * self.spread, *others, bias + first @ self.mean, *biases)
        return np.concatenate([np.ravel(part) for part in parts])

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the weights of each layer, the first one's by direction, and then of the biases of each."""
        own, *others = self.policy.weights
        return [(len(own), len(self.spread)), *(part.shape for part in (*others, *self.policy.biases))]

    def parts(self, point: FloatArray) -> list[FloatArray]:
        """Weights and biases at a point, (coordinate,), as `shapes` has them."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        if point.shape != (ends[-1],):
            raise ValueError(f"point must be of shape ({ends[-1]},) for this policy, got {point.shape}")
        return [part.reshape(shape) for part, shape in zip(np.split(point, ends[:-1]), self.shapes, strict=True)]

    def project(self, seen: FloatArray) -> FloatArray:
        """What the first layer is given, (visit, input), in standard deviations from the mean, (visit, direction)."""
        along: FloatArray = (seen - self.mean) @ self.directions / self.spread
        return along

    def policy_at(self, point: FloatArray) -> TrainedPolicy:
        """The policy whose weights are at a point, (coordinate,)."""
        along, *parts = self.parts(point)
        own = self.policy.weights[0]
        first = own + (along / self.spread - own @ self.directions) @ self.directions.T
        layers = len(self.policy.weights) - 1
        bias, *biases = parts[layers:]
        return replace(self.policy, weights=(first, *parts[:layers]), biases=(bias - first @ self.mean, *biases))

    def to_bytes(self) -> bytes:
        """Write the directions, without the policy, as a NumPy archive without pickles."""
        buffer = io.BytesIO()
        np.savez(buffer, mean=self.mean, directions=self.directions, spread=self.spread)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, policy: TrainedPolicy, content: bytes) -> Self:
        """Read what `to_bytes` wrote; nothing in it is executed."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return cls(policy=policy, **archive)
