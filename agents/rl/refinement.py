"""Direct search: the weights of a trained network, moved so that the same patients with the same luck fare better.

Gradients of a policy's return compare patients that differ in everything. Where a single dose hardly matters and only
the habit does, that difference drowns what is looked for; where nothing is left to chance, two policies that treat the
very same patients can be told apart exactly. So candidates, drawn by CMA-ES (Hansen2001) around the present weights,
all face the same patients. For networks of some hundred weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from agents.policy import Array, FloatArray, Policy
from agents.rl.policy import TrainedPolicy

Score = Callable[[list[FloatArray]], list[float]]  # weights of candidates -> their mean returns, the higher the better


class Generation(NamedTuple):
    """What the candidates that were drawn together gave."""

    scores: list[float]


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


def search(
    start: FloatArray,
    scores_of: Score,
    *,
    generations: int,
    candidates: int,
    step: float,
    seed: int,
    told: Sequence[Generation] = (),
) -> Iterator[tuple[Generation, FloatArray]]:
    """Maximise by CMA-ES; yield every new generation, and the weights (weight,) about which the next is drawn.

    Args:
        start: (weight,) where the search begins.
        scores_of: tries candidates.
        generations: to try in all; those of `told` count.
        candidates: per generation, >= 4.
        step: standard deviation of the candidates' weights at the start, > 0.
        seed: of the search.
        told: generations that were tried before; they are replayed, so that the search goes on as if never cut off.

    Raises:
        ValueError: `told` is of other generations.
    """
    import cma

    generator = np.random.default_rng(seed)
    strategy = cma.CMAEvolutionStrategy(
        start.tolist(),
        step,
        {
            "popsize": candidates,
            "verbose": -9,
            "seed": math.nan,  # leave the global generator alone
            "randn": lambda *shape: generator.standard_normal(shape),
        },
    )
    for number in range(generations):
        drawn = strategy.ask()
        known = number < len(told)
        scores = told[number].scores if known else scores_of([np.asarray(each) for each in drawn])
        if len(scores) != candidates:
            raise ValueError(f"a search resumes with as many candidates, got {len(scores)} -> {candidates}")
        strategy.tell(drawn, [-score for score in scores])
        if not known:
            yield Generation(scores), np.array(strategy.mean)
