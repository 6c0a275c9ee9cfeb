"""Candidates for the weights of a trained network, and a crowd of them that treats patients side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agents.policy import Array, FloatArray, Policy
from agents.rl.policy import TrainedPolicy


class Crowd:
    """Several policies side by side: each treats as many of the patients, the first ones the first."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = policies

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `agents.policy.Policy.predict`; (policy x patient, measurement)."""
        parts = len(self.policies)
        if len(observation) % parts:
            raise ValueError(
                f"observation must hold as many patients for each of {parts} policies, got {len(observation)}"
            )
        seen = np.split(observation, parts)
        states = [None] * parts if state is None else state
        starts = [None] * parts if episode_start is None else np.split(episode_start, parts)
        played = [
            policy.predict(seen[k], states[k], starts[k], deterministic) for k, policy in enumerate(self.policies)
        ]
        return np.concatenate([actions for actions, _ in played]), [state for _, state in played]


def weights_of(policy: TrainedPolicy) -> FloatArray:
    """All weights and biases of a policy's layers in one row, (weight,)."""
    return np.concatenate([np.ravel(part) for part in (*policy.weights, *policy.biases)])


def with_weights(policy: TrainedPolicy, weights: FloatArray) -> TrainedPolicy:
    """The same policy with other weights, as `weights_of` lists them."""
    layers = len(policy.weights)
    shapes = [part.shape for part in (*policy.weights, *policy.biases)]
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    if weights.shape != (ends[-1],):
        raise ValueError(f"weights must be of shape ({ends[-1]},) for this policy, got {weights.shape}")
    parts = [part.reshape(shape) for part, shape in zip(np.split(weights, ends[:-1]), shapes, strict=True)]
    return replace(policy, weights=tuple(parts[:layers]), biases=tuple(parts[layers:]))
