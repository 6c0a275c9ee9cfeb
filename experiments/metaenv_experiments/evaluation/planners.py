"""Planners as they take part in a benchmark: over the library of rules, told the truth or no more than the clinic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from metaenv.scenario import Scenario
from metaenv_agents.control.candidate_rules import THRESHOLDS, candidate_rules
from metaenv_agents.control.mpc import ModelPredictive
from metaenv_agents.control.oracle import Oracle
from metaenv_agents.control.planning import Budget, Entry
from metaenv_agents.policy import Policy
from metaenv_experiments.evaluation.policies import LEARNER, SIMPLE, NamedPolicy, clinic
from metaenv_experiments.evaluation.task import Task

Make = Callable[[Any], Policy]  # of a vector environment
Planner = Literal["mpc", "oracle"]
PLANNERS: dict[str, type[ModelPredictive] | type[Oracle]] = {"mpc": ModelPredictive, "oracle": Oracle}
FINALISTS, LOOKS = 6, 5  # of a planner's rules, and how often they are simulated; guess


def planner(
    name: Planner,
    task: Task,
    every: int,
    copies: int,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    among: Sequence[NamedPolicy] = (),
) -> NamedPolicy:
    """Return a planner over the library of rules: "mpc", or "oracle", which is told the true state.

    Args:
        name: of the planner.
        task: whom it treats.
        every: visits between two plans.
        copies: of each patient, on which every candidate is tried.
        thresholds: of containment, in multiples of the baseline marker.
        among: who takes part too; of them simple policies and learners are candidates as well, so that a planner is
            seldom below who it is compared with.
    """
    others = [policy for policy in among if policy.kind in (SIMPLE, LEARNER) and policy.action == "levels"]
    kind = PLANNERS[name]
    rules = candidate_rules(clinic(task), thresholds)
    finalists, looks = (FINALISTS, LOOKS) if task.scenario.stochastic else (1, 1)  # no luck that could deceive
    budget = Budget(every=every, copies=copies, finalists=finalists, looks=looks)
    known = None if kind.privileged else replace(task, shift=None).scenario  # no clinic is told of a shift
    knows = ", privileged: it is told the true state" if kind.privileged else ", told no more than the clinic"
    again = f", the best {finalists} on {looks * copies}" if looks > 1 else ""
    beside = f" and {len(others)} policies that take part" if others else ""
    note = (
        f"the best of {len(rules)} rules{beside} in simulation, chosen anew every {every} visits: "
        f"all on {copies} copies{again}{knows}"
    )
    return NamedPolicy(
        name=name,
        make=partial(_make_planner, name, rules, budget, known, [policy.make for policy in others]),
        kind="oracle" if kind.privileged else "planner",
        parameters={"every": every, "copies": copies, "finalists": finalists, "looks": looks},
        note=note,
    )


def doubled(name: Planner, task: Task, every: int, copies: int, *, among: Sequence[NamedPolicy] = ()) -> NamedPolicy:
    """The same planner with twice the copies, under a name of its own."""
    return replace(planner(name, task, every, 2 * copies, among=among), name=f"{name}, doubled", doubles=name)


def _make_planner(
    name: str, rules: list[Entry], budget: Budget, known: Scenario | None, others: list[Make], env: Any
) -> Policy:
    return PLANNERS[name](env, rules, budget=budget, scenario=known, policies=[make(env) for make in others])
