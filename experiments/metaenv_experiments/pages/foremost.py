"""Which of many policies a picture shows: too many curves are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metaenv_experiments.trials.contestants import LEARNER

SHOWN = 6  # policies in a picture that has no room for all


def foremost(summary: Mapping[str, Any], number: int = SHOWN) -> list[str]:
    """So many policies of a run, in the run's order.

    First the reference, then the best of each kind but learners, then of each training the seed that was best on
    validation patients, then the rest by return, further seeds last.
    """
    policies, kinds = summary["policies"], summary["kinds"]
    ranked = sorted(policies, key=lambda name: -policies[name]["return"]["value"])
    learners = [name for name in ranked if kinds[name] == LEARNER]
    others = [name for name in ranked if kinds[name] != LEARNER]
    best_of_kind = {kinds[name]: name for name in reversed(others)}
    seeds = {training(summary, name): name for name in sorted(learners, key=lambda each: validation(summary, each))}
    further = set(learners) - set(seeds.values())
    rest = [name for name in ranked if name not in further]
    order = [str(summary["reference"]), *best_of_kind.values(), *seeds.values(), *rest, *learners]
    kept = list(dict.fromkeys(order))[:number]
    return [name for name in policies if name in kept]


def training(summary: Mapping[str, Any], name: str) -> tuple[str, str]:
    """What a learner shares with the other seeds of its training: algorithm and group."""
    about = summary["parameters"][name]
    return str(about["algo"]), str(about["group"])


def validation(summary: Mapping[str, Any], name: str) -> float:
    """A learner's best score on validation patients; minus infinity if it was never judged."""
    score = summary["parameters"][name]["validation"]
    return -float("inf") if score is None else float(score)
