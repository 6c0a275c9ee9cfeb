"""Several trained networks as one, whose logits are the mean of theirs.

Trainings that differ in their seed alone differ in their mistakes: what they make of a visit together is better than
what one does (Hansen1990). The networks stand side by side in one block-diagonal network, so the ensemble is a trained
policy like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.linalg import block_diag

from metaenv_agents.rl.policy import TrainedPolicy

SAME = ("drugs", "history", "clip", "levels", "low", "high", "squashed", "choices")  # in every member


def combined(members: Sequence[TrainedPolicy]) -> TrainedPolicy:
    """One network out of several that were trained alike.

    Inputs are normalised as the first member does, the others' scales go into their first layers: where an input is
    clipped, the ensemble is not quite the mean of its members.

    Args:
        members: without LSTM, with as many layers each, a hidden one or more.

    Raises:
        ValueError: there are fewer than two, one has an LSTM, or they differ in more than their weights.
    """
    if len(members) < 2:
        raise ValueError(f"an ensemble must have two members or more, got {len(members)}")
    if any(member.lstm for member in members):
        raise ValueError("an ensemble's members must have no LSTM, got one that has")
    first, *others = members
    for other in others:
        for name in SAME:
            if not np.array_equal(getattr(first, name), getattr(other, name)):
                raise ValueError(
                    f"an ensemble's members must have the same {name}, got {getattr(first, name)} and "
                    f"{getattr(other, name)}"
                )
        if len(other.weights) != len(first.weights) or len(other.mean) != len(first.mean):
            shapes = [[weight.shape for weight in each.weights] for each in (first, other)]
            raise ValueError(f"an ensemble's members must have as many inputs and layers, got {shapes}")
    ours = [_renormalised(member, first) for member in members]
    weights, biases = (
        list(zip(*(getattr(each, name) for each in ours), strict=True)) for name in ("weights", "biases")
    )
    return replace(
        first,
        weights=(
            np.concatenate(weights[0]),
            *(block_diag(*layer) for layer in weights[1:-1]),
            np.concatenate(weights[-1], axis=1) / len(members),
        ),
        biases=(*(np.concatenate(layer) for layer in biases[:-1]), np.mean(biases[-1], axis=0)),
    )


def _renormalised(member: TrainedPolicy, first: TrainedPolicy) -> TrainedPolicy:
    """The same network on inputs that are normalised as another's."""
    weight = member.weights[0]
    bias = member.biases[0] + weight @ ((first.mean - member.mean) / member.scale)
    return replace(
        member,
        mean=first.mean,
        scale=first.scale,
        weights=(weight * (first.scale / member.scale), *member.weights[1:]),
        biases=(bias, *member.biases[1:]),
    )
