"""An actor of dose levels or of continuous doses with its critics, in plain torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn

from metaenv_agents.policy import Array


class Levels(nn.Module):
    """Actions of dose levels: each entry is drawn from its own logits."""

    def __init__(self, space: gym.spaces.MultiDiscrete) -> None:
        super().__init__()
        self.levels = [int(number) for number in space.nvec]
        self.alike = [(len(list(run)), levels) for levels, run in groupby(self.levels)]  # entries in a row, levels
        self.outputs = sum(self.levels)

    def draw(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """Actions (visit, entry) of the actor's output (visit, logit): the first of exponential clocks to ring."""
        clocks = torch.empty_like(output).exponential_(generator=generator).log_()
        return torch.stack([each.argmax(dim=1) for each in torch.split(output - clocks, self.levels, 1)], dim=1)

    def judge(self, output: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """Log-likelihood and entropy (nats) of actions, (visit,) each."""
        likely, entropy = torch.zeros(len(output)), torch.zeros(len(output))
        blocks = torch.split(output.T.contiguous(), [count * levels for count, levels in self.alike])
        drawn = torch.split(actions.T, [count for count, _ in self.alike])
        for block, chosen in zip(blocks, drawn, strict=True):
            logs = torch.log_softmax(block.view(len(chosen), -1, len(output)), dim=1)  # faster than along the last axis
            likely = likely + logs.gather(1, chosen[:, None]).sum(dim=(0, 1))
            entropy = entropy - (logs.exp() * logs).sum(dim=(0, 1))
        return likely, entropy

    def given(self, actions: Array) -> Array:
        """As the environment takes them."""
        return actions


class Doses(nn.Module):
    """Actions of continuous doses: normal around the actor's output, on [-1, 1], with one spread for each entry."""

    def __init__(self, space: gym.spaces.Box, log_std: float) -> None:
        super().__init__()
        self.low, self.high = space.low, space.high
        self.outputs = len(space.low)
        self.log_std = nn.Parameter(torch.full((self.outputs,), log_std))

    def draw(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """Actions (visit, entry) of the actor's output (visit, mean)."""
        return output + self.log_std.exp() * torch.empty_like(output).normal_(generator=generator)

    def judge(self, output: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
        """Log-likelihood and entropy (nats) of actions, (visit,) each."""
        aside = (actions - output) / self.log_std.exp()
        entropy = (self.log_std + 0.5 * math.log(2.0 * math.pi * math.e)).sum()
        return -0.5 * (aside.square() - 1.0).sum(dim=1) - entropy, entropy.expand(len(output))

    def given(self, actions: Array) -> Array:
        """As the environment takes them, within their bounds."""
        return (self.low + (np.clip(actions, -1.0, 1.0) + 1.0) / 2.0 * (self.high - self.low)).astype(np.float32)


def choice_in(space: gym.Space[Any], log_std: float) -> Levels | Doses:
    """How doses are chosen in an action space.

    Raises:
        ValueError: it has neither dose levels nor doses.
    """
    if isinstance(space, gym.spaces.MultiDiscrete):
        return Levels(space)
    if isinstance(space, gym.spaces.Box):
        return Doses(space, log_std)
    raise ValueError(f"an action space must be of dose levels or of doses, got {space}")


class Layers(nn.Module):
    """Tanh layers and a linear one, whose gradients can also be had without autograd: less memory, less time.

    Args:
        sizes: inputs, units of each hidden layer, outputs.
        gain: of the last layer's initial weights.
    """

    def __init__(self, sizes: Sequence[int], *, gain: float) -> None:
        super().__init__()
        linear = [nn.Linear(before, after) for before, after in pairwise(sizes)]
        self.linear = nn.ModuleList(linear)
        self.parts = [(each.weight, each.bias) for each in linear]  # (output, input) and (output,) of each layer
        for k, (weight, bias) in enumerate(self.parts):
            nn.init.orthogonal_(weight, gain if k == len(sizes) - 2 else 2**0.5)
            nn.init.zeros_(bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs (visit, output), with autograd."""
        *hidden, (weight, bias) = self.parts
        for before, shift in hidden:
            inputs = torch.tanh(nn.functional.linear(inputs, before, shift))
        return nn.functional.linear(inputs, weight, bias)

    def scratch(self, visits: int) -> list[Tensor]:
        """Memory for so many visits: activations of each hidden layer, then slopes of each."""
        widths = [len(bias) for _, bias in self.parts[:-1]]
        return [torch.empty(visits, width) for width in (*widths, *widths)]

    def activations(self, inputs: Tensor, scratch: Sequence[Tensor]) -> list[Tensor]:
        """Inputs, what each hidden layer answers, and outputs, (visit, unit) each, without autograd.

        Writes: scratch.
        """
        *hidden, (weight, bias) = self.parts
        found = [inputs]
        for (before, shift), kept in zip(hidden, scratch, strict=False):
            # tanh x = 2 / (1 + exp(-2 x)) - 1, which torch computes three times as fast
            doubled = torch.addmm(shift, found[-1], before.T, beta=2.0, alpha=2.0, out=kept[: len(inputs)])
            found.append(doubled.sigmoid_().mul_(2.0).sub_(1.0))
        return [*found, torch.addmm(bias, found[-1], weight.T)]

    def gradients(self, activations: Sequence[Tensor], slope: Tensor, scratch: Sequence[Tensor]) -> list[Tensor]:
        """Of a loss by each parameter, from its gradient by the outputs (visit, output), without autograd.

        Writes: scratch.
        """
        found: list[Tensor] = []
        for k in reversed(range(len(self.linear))):
            found += [slope.sum(dim=0), slope.T @ activations[k]]
            if k > 0:
                kept = scratch[len(self.linear) - 2 + k][: len(slope)]
                slope = torch.mm(slope, self.parts[k][0], out=kept)
                torch.ops.aten.tanh_backward.grad_input(slope, activations[k], grad_input=slope)
        return found[::-1]


class Scratch:
    """Memory in which one thread computes a part of a batch: what is allocated anew has to be cleared by the system."""

    def __init__(self, network: Network, inputs: int, visits: int) -> None:
        self.inputs = torch.empty(visits, inputs)
        self.layers = [part.scratch(visits) for part in network.parts]


class Network(nn.Module):
    """An actor and a critic for each of reward and, if it is limited, cost, that share nothing."""

    def __init__(self, inputs: int, choice: Levels | Doses, net_arch: Sequence[int], *, costs: bool) -> None:
        super().__init__()
        self.choice = choice
        self.actor = Layers([inputs, *net_arch, choice.outputs], gain=0.01)  # so that at first all is tried alike
        critics = [Layers([inputs, *net_arch, 1], gain=1.0) for _ in range(1 + costs)]
        self.critics = nn.ModuleList(critics)
        self.parts = [self.actor, *critics]
        self.own = list(choice.parameters())
        self.trained = [*self.own, *(each for part in self.parts for each in part.parameters())]  # all, in this order
