"""The audit behind `tune simple`: what simple policies reach that are found by chance.

Generations of candidates: first every constant policy and many by chance, then such as are like the best so far, each
of another structure, and newcomers. In a generation all candidates treat a few train patients, the better part of them
as many more, and so on: few see many patients (successive halving, Jamieson2016). Every generation has patients of its
own, whom no other has met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from metaenv_agents.policy import FloatArray
from metaenv_agents.simple import Simple, SimplePolicies
from metaenv_agents.simple.grammar import constants, drawn, like
from metaenv_experiments.evaluation.policies import clinic
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.processes import Map

NEWCOMERS = 3  # children of a generation for each policy that is drawn anew
ROWS = 2048  # patients treated at once; by many policies


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much is tried."""

    drawn: int  # policies by chance in the first generation, beside the constants
    children: int  # policies like the best in every later one, and a third as many by chance
    generations: int
    patients: tuple[int, ...]  # new ones in each round of a generation
    kept: float = 0.25  # share of the candidates of a round that are in the next
    parents: int = 16  # of later generations, who are candidates there too


class Tried(NamedTuple):
    """A simple policy, its mean return, and on how many patients."""

    policy: Simple
    score: float
    patients: int


class Round(NamedTuple):
    """Mean returns of the candidates of a round, in their order, on its own patients."""

    scores: list[float]
    patients: int
    visits: int  # that were simulated


def search(task: Task, budget: Budget, seed: int, each_of: Map, known: Sequence[Round] = ()) -> Iterator[Round | Tried]:
    """Yield every round as it is played, and at last the candidates of the last one, the best first.

    Args:
        task: train patients from `task.first` on; their number is that of the budget.
        budget: how much is tried.
        seed: of what is drawn.
        each_of: plays the pieces of a round.
        known: rounds played before, in their order: they are not played again.
    """
    generator, here = np.random.default_rng(seed), clinic(task)
    drugs, local = len(here.drugs), here.local_therapy
    stored, first = list(known), task.first
    best: list[Tried] = []
    for generation in range(budget.generations):
        if generation == 0:
            candidates = [*constants(drugs, local), *(drawn(generator, drugs, local) for _ in range(budget.drawn))]
        else:
            parents = _unlike(best)[: budget.parents]
            chosen = generator.integers(len(parents), size=budget.children)
            candidates = [
                *parents,
                *(like(generator, parents[k], local) for k in chosen),
                *(drawn(generator, drugs, local) for _ in range(budget.children // NEWCOMERS)),
            ]
        sums, count = np.zeros(len(candidates)), 0
        for number, patients in enumerate(budget.patients):
            if stored:
                played = stored.pop(0)
            else:
                played = _play(replace(task, first=first, patients=patients), candidates, each_of)
                yield played
            first, count = first + patients, count + patients
            sums += np.array(played.scores) * patients
            order = np.argsort(-sums, kind="stable")
            last = number == len(budget.patients) - 1
            left = order if last else order[: max(budget.parents, round(budget.kept * len(order)))]
            candidates, sums = [candidates[k] for k in left], sums[left]
        best = [Tried(policy, float(total) / count, count) for policy, total in zip(candidates, sums, strict=True)]
    yield from best


def _unlike(tried: Sequence[Tried]) -> list[Simple]:
    """The best of each structure, the best first: so the next generation is not made of one policy's thresholds."""
    found: dict[object, Simple] = {}
    for each in tried:
        found.setdefault(each.policy.structure, each.policy)
    return list(found.values())


class _Piece(NamedTuple):
    """Policies that treat the same patients."""

    task: Task
    policies: tuple[Simple, ...]


def _play(task: Task, candidates: Sequence[Simple], each_of: Map) -> Round:
    """Let every candidate treat every patient of the task."""
    size = max(1, ROWS // task.patients)
    pieces = [_Piece(task, tuple(candidates[k : k + size])) for k in range(0, len(candidates), size)]
    found = each_of(_returns, pieces)
    scores = np.concatenate([returns.mean(axis=1) for returns, _ in found])
    return Round([float(score) for score in scores], task.patients, sum(visits for _, visits in found))


def _returns(piece: _Piece) -> tuple[FloatArray, int]:
    """Returns, (policy, patient), and how many visits were simulated."""
    task, policies = piece
    chosen = np.repeat(np.arange(len(policies)), task.patients)
    episodes = play(
        task, lambda env: SimplePolicies(clinic(task), policies, chosen), np.tile(task.ids, len(policies))
    ).episodes
    visits = np.ceil(episodes["survival_days"].to_numpy() / task.scenario.visit_interval)
    return episodes["return"].to_numpy().reshape(len(policies), task.patients), int(visits.sum())
