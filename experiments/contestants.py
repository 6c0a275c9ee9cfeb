"""Who takes part: rules by name, and trained policies from their run folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from agents.policy import Clinic, Policy
from agents.rules import RULES, make_rule
from experiments.config import RequestError
from experiments.learning import POLICY, TRAINING
from experiments.store import RunFolder
from experiments.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A policy under its name in the tables, and how to make it for a vector environment."""

    name: str
    make: Callable[[Any], Policy]
    parameters: dict[str, Any] = field(default_factory=dict)  # those that were chosen, for the record
    note: str = ""  # how they were chosen, for the table


def rule(name: str, task: Task, **parameters: Any) -> Contestant:
    """Return a rule that plays this task.

    Raises:
        RequestError: for an unknown rule, a bad parameter, or a rule that the disease does not allow.
    """
    if name not in RULES:
        raise RequestError(f"policy must be one of {', '.join(sorted(RULES))}, got {name!r}")
    try:
        make_rule(name, clinic(task), **parameters)
    except ValueError as error:
        raise RequestError(f"policy {name!r} cannot treat {task.disease}: {error}") from error
    return Contestant(name=name, make=partial(_make_rule, name, parameters), parameters=parameters)


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


def trained(run: Path, task: Task, *, name: str | None = None) -> Contestant:
    """Return the policy that a run trained, the best on validation patients.

    Args:
        run: the run folder of `train` or `demo`.
        task: what it is to play.
        name: under which it takes part; its algorithm's if not given.

    Raises:
        RequestError: if the folder holds no policy, or one for another clinic.
    """
    from agents.rl.policy import TrainedPolicy

    about = training_of(run)
    policy = TrainedPolicy.from_bytes((run / POLICY).read_bytes())
    try:
        policy.check(clinic(task))
    except ValueError as error:
        raise RequestError(f"the policy of {run} cannot treat {task.disease}: {error}") from error
    note = f"trained for {about['steps']:,} visits, from {run}" + ("" if about["finished"] else ", not finished")
    return Contestant(
        name=name or about["algo"],
        make=lambda env: policy,
        parameters={"run": str(run), "steps": about["steps"]},
        note=note,
    )


def training_of(run: Path) -> dict[str, Any]:
    """Return what a run says of its training."""
    return RunFolder.open(run, needs=(TRAINING, POLICY)).read_json(TRAINING)


def _make_rule(name: str, parameters: dict[str, Any], env: Any) -> Policy:
    return make_rule(name, env, **parameters)
