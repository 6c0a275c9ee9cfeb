"""Which of many policies a figure shows: too many curves are none."""

from __future__ import annotations

import math

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import LEARNER, TrainedWith

SHOWN = 6  # policies in a figure that has no room for all


def shown_policies(summary: BenchmarkSummary, number: int = SHOWN) -> list[str]:
    """So many policies of a benchmark, in its order.

    First the reference, then the best of each kind but learners, then of each training the seed that was best on
    validation patients, then the rest by return, further seeds last.
    """
    policies = summary.policies
    ranked = sorted(policies, key=lambda name: -policies[name].outcomes["return"].value)
    learners = summary.named(LEARNER)
    others = [name for name in ranked if policies[name].kind != LEARNER]
    best_of_kind = {policies[name].kind: name for name in reversed(others)}
    by_validation = sorted((name for name in ranked if name in learners), key=lambda name: validation(summary, name))
    seeds = {group_of(training_of(summary, name)): name for name in by_validation}
    further = set(learners) - set(seeds.values())
    rest = [name for name in ranked if name not in further]
    order = [summary.reference, *best_of_kind.values(), *seeds.values(), *rest, *ranked]
    kept = list(dict.fromkeys(order))[:number]
    return [name for name in policies if name in kept]


def training_of(summary: BenchmarkSummary, name: str) -> TrainedWith:
    """How a learner was trained."""
    training = summary.policies[name].training
    if training is None:
        raise ValueError(f"{name!r} must be a learner, got a {summary.policies[name].kind}")
    return training


def group_of(training: TrainedWith) -> tuple[str, str]:
    """What a learner shares with the other seeds of its training."""
    return training.learner, training.group


def validation(summary: BenchmarkSummary, name: str) -> float:
    """A learner's best score on validation patients; minus infinity if it was never judged."""
    score = training_of(summary, name).validation
    return -math.inf if score is None else score
