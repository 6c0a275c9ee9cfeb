"""Who takes part: rules by name, and trained policies from their run folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from agents.control.library import library
from agents.control.mpc import ModelPredictive
from agents.control.oracle import Oracle
from agents.control.planning import Budget, Entry
from agents.policy import Clinic, Policy
from agents.rules import RULES, make_rule
from experiments.learning import POLICY, TRAINING
from experiments.requests import RequestError
from experiments.store import RunFolder
from experiments.tasks import Task

PLANNERS: dict[str, type[ModelPredictive] | type[Oracle]] = {"mpc": ModelPredictive, "oracle": Oracle}
TUNED = ", tuned"  # end of the name under which a rule with tuned parameters takes part


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
        make=partial(_given, policy),
        parameters={"run": str(run), "steps": about["steps"]},
        note=note,
    )


def tuned(path: Path, task: Task) -> list[Contestant]:
    """Return every rule that `tune-rules` recorded, with the parameters that it found.

    Raises:
        RequestError: it is no such record, or one of another disease.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        disease, rules = record["disease"], record["rules"]
        found = {name: frozen(rules[name]["parameters"]) for name in rules}
        note = f"tuned, the best of {record['trials']} sets on {record['patients']} train patients"
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise RequestError(f"--tuned must be a record of tune-rules, got {path}: {error!r}") from error
    if disease != task.disease:
        raise RequestError(f"--tuned must be of the disease {task.disease!r}, got {path} of {disease!r}")
    contestants = [rule(name, task, **parameters) for name, parameters in found.items()]
    return [replace(each, name=f"{each.name}{TUNED}", note=note) for each in contestants]


def planner(name: str, task: Task, every: int, copies: int) -> Contestant:
    """Return a planner over the library of rules: "mpc", or "oracle", which is told the true state."""
    kind = PLANNERS[name]
    rules = library(clinic(task))
    make = partial(_make_planner, name, rules, Budget(every=every, copies=copies))
    told = ", privileged: it is told the true state" if kind.privileged else ", told no more than the clinic"
    note = f"the best of {len(rules)} rules in simulation, chosen anew every {every} visits on {copies} copies{told}"
    return Contestant(name=name, make=make, parameters={"every": every, "copies": copies}, note=note)


def frozen(value: Any) -> Any:
    """A value from JSON as rules take it: tuples for lists, at every depth."""
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value


def training_of(run: Path) -> dict[str, Any]:
    """Return what a run says of its training."""
    return RunFolder.open(run, needs=(TRAINING, POLICY)).read_json(TRAINING)


def _given(policy: Policy, env: Any) -> Policy:
    return policy


def _make_planner(name: str, rules: list[Entry], budget: Budget, env: Any) -> Policy:
    return PLANNERS[name](env, rules, budget=budget)


def _make_rule(name: str, parameters: dict[str, Any], env: Any) -> Policy:
    return make_rule(name, env, **parameters)
