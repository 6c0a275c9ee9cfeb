"""AggreVaTe: imitation of a teacher who knows what every action costs, not only what he would do himself.

The network plays, and in every state that it reaches the teacher says how much each action would lose. The next network
makes small the expected loss of its drawn actions over all visits so far, its own and its predecessors' (AggreVaTe,
Ross2014; this loss, Sun2017). Where all actions are nearly as good nothing is asked of it; where one ends everything,
that one counts. It searches where `SearchCoordinates` moves, as what tells states apart may be small.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch

from metaenv_agents.policy import Array, FloatArray
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.search_coordinates import SearchCoordinates

CLIP = 10.0  # bound of a normalised input; as Stable-Baselines3 has it
EPOCHS = 4  # passes over what was seen, per round; guess
BATCH = 1024  # visits per gradient step; guess
LEARNING_RATE = 3e-3  # Adam, the highest of the one-cycle schedule; guess
BOUND = 1.0  # of the gradient's norm; guess
PERMILLE = 1e3  # losses come as shares and are learned from as thousandths


def untrained(
    drugs: tuple[str, ...], levels: tuple[int, ...], *, history: int, net_arch: tuple[int, ...], seen: FloatArray
) -> TrainedPolicy:
    """A policy that has learned nothing: all weights are 0, inputs are normalised by what was seen.

    Args:
        drugs: names, in action order.
        levels: number of levels of each entry of an action.
        history: visits it looks back on, this one included.
        net_arch: tanh units of each layer.
        seen: (visit, history x measurement).
    """
    spread = seen.std(axis=0, dtype=np.float64)
    sizes = [seen.shape[1], *net_arch, sum(levels)]
    return TrainedPolicy(
        drugs=drugs,
        history=history,
        mean=seen.mean(axis=0, dtype=np.float64),
        scale=np.where(spread > 0.0, spread, 1.0),
        clip=CLIP,
        weights=tuple(np.zeros((after, before)) for before, after in pairwise(sizes)),
        biases=tuple(np.zeros(size) for size in sizes[1:]),
        lstm=(),
        levels=levels,
        choices=np.zeros((0, len(levels)), dtype=np.int64),
        low=np.zeros(0),
        high=np.zeros(0),
        squashed=False,
    )


def initial_point(coordinates: SearchCoordinates, *, seed: int) -> FloatArray:
    """Where a network begins that is to learn, (coordinate,): torch's own random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _point(_network(coordinates))


def learn(coordinates: SearchCoordinates, point: FloatArray, seen: Array, losses: Array, *, seed: int) -> FloatArray:
    """Where a network comes that learns from what every action lost, (coordinate,).

    Args:
        coordinates: of a policy with one entry of dose levels and without LSTM.
        point: (coordinate,) where it begins.
        seen: (visit, direction) what it was shown, `SearchCoordinates.project`.
        losses: (visit, level) share that each level loses of what the patient could have had in all, >= 0.
        seed: of the order of the visits.
    """
    torch.set_num_threads(1)  # so small a network learns slower with more
    network = _network(coordinates)
    with torch.no_grad():
        for parameter, part in zip(_parameters(network), coordinates.parts(point), strict=True):
            parameter.copy_(torch.as_tensor(part))
    inputs, costs = (torch.as_tensor(each, dtype=torch.float32) for each in (seen, losses * PERMILLE))
    order = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    steps = EPOCHS * math.ceil(len(inputs) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(inputs), generator=order), BATCH):
            loss = (torch.softmax(network(inputs[rows]), dim=1) * costs[rows]).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), BOUND)
            optimiser.step()
            schedule.step()
    return _point(network)


def _network(coordinates: SearchCoordinates) -> torch.nn.Sequential:
    """Tanh layers, whose inputs are along the directions."""
    layers: list[torch.nn.Module] = []
    for after, before in (shape for shape in coordinates.shapes if len(shape) > 1):
        layers += [torch.nn.Linear(before, after), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def _parameters(network: torch.nn.Sequential) -> list[torch.nn.Parameter]:
    """Weights of each layer, and then biases, as `SearchCoordinates.shapes` has them."""
    return [parameter for name in ("weight", "bias") for key, parameter in network.named_parameters() if name in key]


def _point(network: torch.nn.Sequential) -> FloatArray:
    parts = [parameter.detach().numpy().astype(np.float64) for parameter in _parameters(network)]
    return np.concatenate([np.ravel(part) for part in parts])
