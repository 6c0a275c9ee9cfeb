"""The acting part of a learner's network, as NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from metaenv_agents.policy import FloatArray


class Actor(NamedTuple):
    """Input -> LSTM, where there is one -> tanh layers -> output."""

    weights: tuple[FloatArray, ...]  # (output, input) of each layer
    biases: tuple[FloatArray, ...]  # (output,) of each layer
    lstm: tuple[FloatArray, ...] = ()  # (4 x unit, input), (4 x unit, unit), (4 x unit,), gates i f g o; or none
    squashed: bool = False  # the output goes through tanh


def copied(layers: Iterable[Any]) -> Actor:
    """The linear layers among torch's layers, copied."""
    linear = [layer for layer in layers if hasattr(layer, "in_features")]
    return Actor(tuple(array(layer.weight) for layer in linear), tuple(array(layer.bias) for layer in linear))


def array(parameter: Any) -> FloatArray:
    """One of torch's parameters, copied."""
    return np.array(parameter.detach().numpy(), dtype=np.float64)
