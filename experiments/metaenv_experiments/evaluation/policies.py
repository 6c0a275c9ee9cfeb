"""Policies under a name, as they take part in a benchmark: of what kind, how made, and what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rules import RULES, make_rule
from metaenv_experiments.evaluation.rollout import Rollout, play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError

Kind = Literal["rule", "tuned rule", "simple", "learner", "planner", "oracle", "own"]
RULE, TUNED_RULE, SIMPLE, LEARNER, PLANNER, ORACLE, OWN = KINDS = get_args(Kind)


@dataclass(frozen=True, kw_only=True)
class TrainedWith:
    """What a benchmark says of a learner's training."""

    learner: str
    seeds: tuple[int, ...]
    steps: int  # visits that were played
    finished: bool
    validation: float | None  # best mean return of validation patients; None: it was never judged
    group: str  # what the seeds of one training have in common: the folder that holds them
    source: str  # run folder, or name of the shared policy
    shared: bool = False
    command: str
    first_command: str | None = None  # that it was begun with, where that was another
    commit: str  # with a plus sign where there were changes that were not committed


@dataclass(frozen=True, kw_only=True)
class NamedPolicy:
    """A policy under its name in the tables, and how to make it for a vector environment."""

    name: str
    make: Callable[[Any], Policy]
    kind: Kind = "rule"
    action: Literal["levels", "continuous"] = "levels"  # how it writes doses
    rule: str | None = None  # of a rule, tuned or not
    parameters: dict[str, Any] = field(default_factory=dict)  # those that were chosen
    training: TrainedWith | None = None  # of a learner
    doubles: str | None = None  # of a planner: the one that it is, with twice the copies
    note: str = ""  # how it was made, for the screen

    def play(self, task: Task, ids: NDArray[np.int64], **options: Any) -> Rollout:
        """Treat patients of the task; options as of `rollout.play`.

        Raises:
            UsageError: an own policy raised something, or gave what cannot be given.
        """
        try:
            return play(replace(task, action=self.action), self.make, ids, **options)
        except ValueError as error:
            if self.kind != OWN or isinstance(error, UsageError):
                raise
            raise UsageError(f"own policy {self.name!r}: {error}") from error


def rule(name: str, task: Task, **parameters: Any) -> NamedPolicy:
    """Return a rule that plays this task.

    Raises:
        UsageError: for an unknown rule, a bad parameter, or a rule that the disease does not allow.
    """
    if name not in RULES:
        raise UsageError(f"policy must be one of {', '.join(sorted(RULES))}, got {name!r}")
    try:
        make_rule(name, clinic(task), **parameters)
    except ValueError as error:
        raise UsageError(f"policy {name!r} cannot treat {task.disease}: {error}") from error
    return NamedPolicy(name=name, make=partial(_make_rule, name, parameters), rule=name, parameters=parameters)


def every_rule(task: Task) -> Iterable[str]:
    """Name the rules that this disease allows."""
    for name in RULES:
        try:
            make_rule(name, clinic(task))
        except ValueError:
            continue
        yield name


@cache
def clinic(task: Task) -> Clinic:
    """Return what the task's policies may know beforehand."""
    return Clinic.of(task.vector_env(1))


def _make_rule(name: str, parameters: dict[str, Any], env: Any) -> Policy:
    return make_rule(name, env, **parameters)
