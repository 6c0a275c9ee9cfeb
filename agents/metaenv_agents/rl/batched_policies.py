"""Several trained networks side by side: each treats its own share of the patients, all in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from metaenv_agents.policy import FloatArray
from metaenv_agents.rl.policy import TrainedPolicy


@dataclass(frozen=True, kw_only=True)
class BatchedPolicies(TrainedPolicy):
    """Several policies that differ in their layers alone: each treats as many patients, the first ones the first.

    Weights are (policy, output, input) and biases (policy, output) of each layer.
    """

    @classmethod
    def of_policies(cls, policies: Sequence[TrainedPolicy]) -> Self:
        """Put policies side by side; whatever is not of their layers is the first one's."""
        parts = {name: getattr(policies[0], name) for name in TrainedPolicy.__dataclass_fields__}
        for name in ("weights", "biases"):
            layers = zip(*(getattr(each, name) for each in policies), strict=True)
            parts[name] = tuple(np.stack(layer) for layer in layers)
        return cls(**parts)

    def _output(self, hidden: FloatArray) -> FloatArray:
        policies, patients = len(self.biases[0]), len(hidden)
        if patients % policies:
            raise ValueError(f"observation must hold as many patients for each of {policies} policies, got {patients}")
        hidden = hidden.reshape(policies, patients // policies, -1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = np.tanh(hidden @ weight.swapaxes(1, 2) + bias[:, None])
        output: FloatArray = hidden @ self.weights[-1].swapaxes(1, 2) + self.biases[-1][:, None]
        return output.reshape(patients, -1)
