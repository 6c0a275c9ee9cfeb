"""The acting part of every algorithm's network, as NumPy arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sb3_contrib import QRDQN, TQC, RecurrentPPO
from stable_baselines3 import DQN, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from torch import nn

from metaenv_agents.policy import FloatArray


class Actor(NamedTuple):
    """Input -> LSTM, where there is one -> tanh layers -> output."""

    weights: tuple[FloatArray, ...]  # (output, input) of each layer
    biases: tuple[FloatArray, ...]  # (output,) of each layer
    lstm: tuple[FloatArray, ...]  # (4 x unit, input), (4 x unit, unit), (4 x unit,), gates i f g o; or none
    squashed: bool  # the output goes through tanh


def actor_of(model: BaseAlgorithm) -> Actor:
    """Copy the actor out of a model, which may go on learning."""
    policy: Any = model.policy
    if isinstance(model, QRDQN):
        layers = _linear(policy.quantile_net.quantile_net)
        return Actor(*_mean_of_quantiles(*_copied(layers), quantiles=policy.n_quantiles), (), squashed=False)
    if isinstance(model, DQN):
        return Actor(*_copied(_linear(policy.q_net.q_net)), (), squashed=False)
    if isinstance(model, SAC | TQC):
        return Actor(*_copied([*_linear(policy.actor.latent_pi), policy.actor.mu]), (), squashed=True)
    layers = [*_linear(policy.mlp_extractor.policy_net), policy.action_net]
    lstm = _gates(policy.lstm_actor) if isinstance(model, RecurrentPPO) else ()
    return Actor(*_copied(layers), lstm, squashed=False)


def _linear(network: nn.Sequential) -> list[Any]:
    return [layer for layer in network if isinstance(layer, nn.Linear)]


def _copied(layers: list[Any]) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    return tuple(_array(layer.weight) for layer in layers), tuple(_array(layer.bias) for layer in layers)


def _array(parameter: Any) -> FloatArray:
    return np.array(parameter.detach().numpy(), dtype=np.float64)


def _gates(lstm: nn.LSTM) -> tuple[FloatArray, ...]:
    biases = _array(lstm.bias_ih_l0) + _array(lstm.bias_hh_l0)
    return _array(lstm.weight_ih_l0), _array(lstm.weight_hh_l0), biases


def _mean_of_quantiles(
    weights: tuple[FloatArray, ...], biases: tuple[FloatArray, ...], *, quantiles: int
) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """Put the mean over quantiles into the last layer: an action's value is linear in it."""
    last, bias = weights[-1], biases[-1]
    mean = last.reshape(quantiles, -1, last.shape[1]).mean(axis=0)
    return (*weights[:-1], mean), (*biases[:-1], bias.reshape(quantiles, -1).mean(axis=0))
