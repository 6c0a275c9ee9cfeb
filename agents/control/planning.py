"""Receding-horizon control over a library of rules: simulate each to the end, follow the best, plan again.

At a planning visit copies of every patient are treated to the end of their follow-up with every rule of the library,
and with whatever the patient is on; each patient then goes on with what gave the highest mean return. Since the present
rule is among the candidates, planning never expects to lose by it (the rollout method, Tesauro1997).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from agents.policy import Array, BoolArray, Clinic, FloatArray
from agents.rules import make_rule
from agents.rules.rule import Rule
from metaenv.dynamics.state import IntArray
from metaenv.practice import EnvSnapshot

Entry = tuple[str, dict[str, Any]]  # a rule's name and parameters


class Course(NamedTuple):
    """What a planner remembers of its patients."""

    visit: int  # so far
    given: Array | None  # (patient, entry) actions of the last visit; None before the first
    chosen: IntArray  # (patient,) index of the rule that each is on; -1 before the first plan
    fresh: BoolArray  # (patient,) whose rule begins at this visit
    memories: list[Array]  # of each rule, (patient, memory_size); valid where chosen and not fresh


class Copies(NamedTuple):
    """Copies of patients, `count` of each in a row, and what each copy counts."""

    snapshot: EnvSnapshot
    observation: Array  # (patient x count, measurement)
    weight: FloatArray  # (patient, count), sums to 1 over the copies


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much is simulated."""

    every: int = 8  # visits between plans
    copies: int = 4  # of each patient, each with other luck

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.every < 1 or self.copies < 1:
            raise ValueError(f"every and copies must be >= 1, got {self.every} and {self.copies}")


class RulePlanner(ABC):
    """Follows, patient by patient, the rule of a library that does best in simulation.

    Args:
        env: the vector environment that is treated, in `AutoresetMode.DISABLED`.
        library: the rules to choose from.
        budget: how much is simulated.
        seed: of the copies' luck, >= 0.
    """

    def __init__(
        self, env: VectorEnv[Any, Any, Any], library: Sequence[Entry], *, budget: Budget, seed: int = 0
    ) -> None:
        if not library:
            raise ValueError("library must hold a rule or more, got none")
        inside: Any = env.unwrapped
        self.env, self.budget, self.seed = inside, budget, seed
        self.clinic = Clinic.of(env)
        self.rules: list[Rule] = [make_rule(name, self.clinic, **parameters) for name, parameters in library]
        self.patients = env.num_envs
        self.simulator: Any = gym.make_vec(
            inside.spec.id,
            num_envs=self.patients * budget.copies,
            vectorization_mode="vector_entry_point",
            autoreset_mode=AutoresetMode.DISABLED,
            scenario=inside.scenario,
            action=self.clinic.action,
        )
        self.simulator.reset(seed=0)

    privileged: ClassVar[bool]  # whether it is told what no clinic knows

    @abstractmethod
    def follow(self, observation: Array, given: Array | None) -> None:
        """Take in what is seen at a visit, and what was given at the last one (None at the first)."""

    @abstractmethod
    def copies(self, observation: Array, visit: int) -> Copies:
        """Return copies of the patients as they may be now; `budget.copies` of each."""

    def predict(
        self,
        observation: Array,
        state: Course | None = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Course]:
        """See `agents.policy.Policy.predict`; all patients must start together, as in an evaluation."""
        if observation.shape[0] != self.patients:
            raise ValueError(
                f"a planner treats the {self.patients} patients of its environment, got {len(observation)}"
            )
        if state is not None and np.any(False if episode_start is None else episode_start):
            raise ValueError("a planner's patients start together, got new ones among those under treatment")
        course = self._begin() if state is None else state
        self.follow(observation, course.given)
        if course.visit % self.budget.every == 0:
            course = self._plan(observation, course)
        actions, memories = self._treat(observation, course.chosen, course.fresh, course.memories)
        return actions, Course(course.visit + 1, actions, course.chosen, np.zeros_like(course.fresh), memories)

    def _begin(self) -> Course:
        memories = [self._empty(rule, self.patients) for rule in self.rules]
        return Course(0, None, np.full(self.patients, -1), np.ones(self.patients, dtype=np.bool_), memories)

    def luck(self, visit: int) -> IntArray:
        """Seeds of the copies' luck from a visit on, (patient x copy,): the same for every rule."""
        first = (self.seed + 1) * 1_000_003 + visit * 1_009
        return first + np.tile(np.arange(self.budget.copies), self.patients)

    @staticmethod
    def _empty(rule: Rule, patients: int) -> Array:
        return np.zeros((patients, rule.memory_size), dtype=rule.memory_dtype)

    def _plan(self, observation: Array, course: Course) -> Course:
        """Choose anew for every patient; a rule that is chosen anew begins as with a new patient."""
        copies = self.copies(observation, course.visit)
        futures = np.full((len(self.rules) + 1, self.patients), -np.inf)
        size = len(copies.observation)
        if course.visit > 0:  # first, so that ties go to what the patient is on
            memories = [np.repeat(memory, self.budget.copies, axis=0) for memory in course.memories]
            chosen = np.repeat(course.chosen, self.budget.copies)
            futures[0] = self._future(copies, chosen, np.zeros(size, dtype=np.bool_), memories)
        for index in range(len(self.rules)):
            memories = [self._empty(rule, size) for rule in self.rules]
            futures[index + 1] = self._future(copies, np.full(size, index), np.ones(size, dtype=np.bool_), memories)
        best = futures.argmax(axis=0) - 1
        moves = best >= 0
        return course._replace(chosen=np.where(moves, best, course.chosen), fresh=moves)

    def _future(self, copies: Copies, chosen: IntArray, fresh: BoolArray, memories: list[Array]) -> FloatArray:
        """Mean return from here on of every patient, (patient,)."""
        simulator, observation = self.simulator.unwrapped, copies.observation
        simulator.restore(copies.snapshot)
        waiting: BoolArray = ~copies.snapshot.finished
        total = np.zeros(len(observation))
        while waiting.any():
            actions, memories = self._treat(observation, chosen, fresh, memories)
            observation, rewards, terminated, truncated, _ = simulator.step(actions)
            total += np.where(waiting, rewards, 0.0)
            waiting &= ~(terminated | truncated)
            fresh = np.zeros_like(fresh)
        mean: FloatArray = (total.reshape(self.patients, -1) * copies.weight).sum(axis=1)
        return mean

    def _treat(
        self, observation: Array, chosen: IntArray, fresh: BoolArray, memories: list[Array]
    ) -> tuple[Array, list[Array]]:
        """Actions by the rule that each is on, and the memories after it."""
        actions: Array | None = None
        after = list(memories)
        for index in np.unique(chosen):
            rows = np.flatnonzero(chosen == index)
            begins = fresh[rows]
            memory = np.where(begins[:, None], np.zeros((), dtype=memories[index].dtype), memories[index][rows])
            given, kept = self.rules[index].decide(observation[rows], memory, begins)
            if actions is None:
                actions = np.zeros((len(observation), given.shape[1]), dtype=given.dtype)
            actions[rows] = given
            after[index] = memories[index].copy()
            after[index][rows] = kept
        assert actions is not None
        return actions, after
