"""Who else may treat the patient: maximum tolerated dose, standard of care, the best tuned rule, the shipped agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from metaenv_agents.policy import Array
from metaenv_agents.saved_policies import about, pretrained
from metaenv_experiments.evaluation.policies import NamedPolicy, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import shared
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.evaluation.tuned_rules import tuned_rules
from metaenv_experiments.play.game import Chooser, Game
from metaenv_experiments.play.link import Choice
from metaenv_experiments.play.setup import Setup
from metaenv_experiments.running.options import UsageError, require, shipped

MOST_SETUPS = 32  # whose policies are kept at hand
ALWAYS = ("maximum_tolerated_dose", "standard_of_care")


@dataclass(frozen=True, kw_only=True, eq=False)
class Doctor:
    """A policy at the bedside of one patient."""

    policy: NamedPolicy
    setup: Setup  # as it treats the patient: with drugs alone if it knows no procedures
    drugs_alone: bool  # though procedures are offered

    @property
    def name(self) -> str:
        """What it is called."""
        name = self.policy.name.replace("_", " ").replace(", tuned", " (tuned)")
        return f"{name} (drugs alone)" if self.drugs_alone else name

    def begin(self) -> Chooser:
        """Sit down at the first visit; what is returned is asked at one visit after the other."""
        policy = self.policy.make(self.setup.task.vector_env(1))
        memory: list[Any] = []  # none before the first visit

        def choose(observation: Array) -> Choice:
            state, first = (memory.pop(), False) if memory else (None, True)
            actions, state = policy.predict(observation, state, np.array([first]), deterministic=True)
            memory.append(state)
            levels = tuple(int(level) for level in actions[0])
            return (*levels, 0) if self.drugs_alone else levels

        return choose

    def advise(self, game: Game) -> Choice:
        """What it would give now, had it watched every visit so far."""
        choose = self.begin()
        return [choose(observation) for observation in game.observations][-1]

    def treat(self) -> Game:
        """The same patient, who meets the same luck, under this policy from the first visit to the last."""
        game, alone = Game(self.setup, undoable=False), replace(self, drugs_alone=False)
        game.go_on(alone.begin)
        return game


@lru_cache(maxsize=MOST_SETUPS)
def doctors(setup: Setup) -> tuple[Doctor, ...]:
    """Everybody who may treat this patient."""
    return tuple(found for make in _makers(setup.disease) for found in _sent(make, setup))


def doctor(setup: Setup, name: str) -> Doctor:
    """One of them by name.

    Raises:
        UsageError: there is none of this name.
    """
    known = {each.name: each for each in doctors(setup)}
    require(name in known, "policy", name, f"one of {', '.join(known)}")
    return known[name]


def _makers(disease: str) -> Iterator[Callable[[Task], NamedPolicy]]:
    yield from (partial(rule, name) for name in ALWAYS)
    if disease in shipped("tuned"):
        yield _best_tuned
    yield from (partial(_shipped, name) for name in pretrained() if name.startswith(f"{disease}/"))


def _sent(make: Callable[[Task], NamedPolicy], setup: Setup) -> Iterator[Doctor]:
    """The policy as it can treat this patient, if it can; it writes levels."""
    for drugs_alone in (False, True) if setup.local_therapy else (False,):
        conditions = replace(setup, local_therapy=setup.local_therapy and not drugs_alone)
        try:
            policy = make(conditions.task)
        except UsageError:
            continue
        if policy.action == "levels":
            yield Doctor(policy=policy, setup=conditions, drugs_alone=drugs_alone)
        return


def _shipped(name: str, task: Task) -> NamedPolicy:
    """An agent that ships; refused where procedures are offered that it has not learned with."""
    learned_with = TrainingRecord.of_json(about(name)["training"]).local_therapy
    require(not task.scenario.local_therapy or bool(learned_with), "local therapy", True, f"left out for {name}")
    return shared(name, task)


def _best_tuned(task: Task) -> NamedPolicy:
    """The rule that did best on validation patients."""
    record = tuned_rules(shipped("tuned")[task.disease], task)
    best = max(record.rules, key=lambda name: record.rules[name].validation_tuned.value)
    return record.policy(best, task)
