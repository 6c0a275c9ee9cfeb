"""Receding-horizon control over some rules: simulate each to the end, follow the best, plan again.

At a planning visit copies of every patient are treated to the end of their follow-up with every one of the rules,
and with whatever the patient is on; each patient then goes on with what gave the highest mean return. Since the present
rule is among the candidates, planning never expects to lose by it (the rollout method, Tesauro1997). The highest of
many noisy means is too high by luck, so the best candidates, and the present rule, may be simulated again, with new
luck, before one is chosen (a first step of sequential halving, Karnin2013).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from metaenv.dynamics.state import IntArray
from metaenv.scenario import Scenario
from metaenv.snapshot import EnvSnapshot
from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray, Policy
from metaenv_agents.rules import make_rule

STAY = -1  # the candidate to go on with what the patient is on

Entry = tuple[str, dict[str, Any]]  # a rule's name and parameters


class Candidate(Protocol):
    """What a planner can choose: a policy that remembers a row per patient, as every rule is."""

    @property
    def memory_size(self) -> int:
        """Numbers that it remembers of a patient."""

    @property
    def memory_dtype(self) -> type[np.generic]:
        """Their type."""

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """See `metaenv_agents.rules.rule.Rule.decide`."""


class PolicyCandidate:
    """Any policy whose state is an array with a row for each patient, such as a trained one.

    Args:
        policy: the policy.
        measurements: length of an observation.

    Raises:
        ValueError: its state is something else.
    """

    def __init__(self, policy: Policy, measurements: int) -> None:
        self.policy = policy
        _, state = policy.predict(np.zeros((2, measurements), dtype=np.float32), None, np.ones(2, dtype=np.bool_))
        if not isinstance(state, np.ndarray) or state.ndim != 2 or len(state) != 2:
            raise ValueError(f"a candidate must remember a row for each patient, got {type(policy).__name__}")
        self.memory_size = state.shape[1]
        self.memory_dtype: type[np.generic] = state.dtype.type

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """See `Candidate.decide`."""
        actions, after = self.policy.predict(observation, memory, fresh, deterministic=True)
        return actions, after


class PlannerMemory(NamedTuple):
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
    finalists: int = 1  # candidates of each patient, the best of the first look, that are simulated again
    looks: int = 1  # simulations of a finalist, the first look included, each on copies with new luck

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"{name} must be >= 1, got {value}")


class RulePlanner(ABC):
    """Follows, patient by patient, the rule that does best in simulation.

    Args:
        env: the vector environment that is treated, in `AutoresetMode.DISABLED`.
        candidates: the rules to choose from.
        budget: how much is simulated.
        seed: of the copies' luck, >= 0.
        scenario: what is simulated. None: that of `env`.
        policies: candidates beside the rules, each with a row of memory per patient.
    """

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        candidates: Sequence[Entry],
        *,
        budget: Budget,
        seed: int = 0,
        scenario: Scenario | None = None,
        policies: Sequence[Policy] = (),
    ) -> None:
        if not candidates:
            raise ValueError("candidates must hold a rule or more, got none")
        inside: Any = env.unwrapped
        self.env, self.budget, self.seed = inside, budget, seed
        self.clinic = Clinic.of(env)
        self.rules: list[Candidate] = [make_rule(name, self.clinic, **parameters) for name, parameters in candidates]
        self.rules += [PolicyCandidate(policy, self.clinic.layout.size) for policy in policies]
        self.patients = env.num_envs
        self.simulator: Any = gym.make_vec(
            inside.spec.id,
            num_envs=self.patients * budget.copies,
            vectorization_mode="vector_entry_point",
            autoreset_mode=AutoresetMode.DISABLED,
            scenario=inside.scenario if scenario is None else scenario,
            action=self.clinic.action,
            observation="full" if self.privileged and inside.layout.full else "clinic",  # as the copies come
        )
        self.simulator.reset(seed=0)

    privileged: ClassVar[bool]  # whether it is told what no clinic knows

    @abstractmethod
    def follow(self, observation: Array, given: Array | None) -> None:
        """Take in what is seen at a visit, and what was given at the last one (None at the first)."""

    @abstractmethod
    def copies(self, observation: Array, visit: int, look: int) -> Copies:
        """Return copies of the patients as they may be now; `budget.copies` of each, with other luck at every look."""

    def predict(
        self,
        observation: Array,
        state: PlannerMemory | None = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, PlannerMemory]:
        """See `metaenv_agents.policy.Policy.predict`; all patients must start together, as in an evaluation."""
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
        return actions, PlannerMemory(course.visit + 1, actions, course.chosen, np.zeros_like(course.fresh), memories)

    def _begin(self) -> PlannerMemory:
        memories = [self._empty(rule, self.patients) for rule in self.rules]
        return PlannerMemory(0, None, np.full(self.patients, -1), np.ones(self.patients, dtype=np.bool_), memories)

    def luck(self, visit: int, look: int) -> IntArray:
        """Seeds of the copies' luck from a visit on, (patient x copy,): the same for every rule."""
        first = (self.seed + 1) * 1_000_003 + visit * 1_009 + look * self.budget.copies
        return first + np.tile(np.arange(self.budget.copies), self.patients)

    @staticmethod
    def _empty(rule: Candidate, patients: int) -> Array:
        return np.zeros((patients, rule.memory_size), dtype=rule.memory_dtype)

    def _plan(self, observation: Array, course: PlannerMemory) -> PlannerMemory:
        """Choose anew for every patient; a rule that is chosen anew begins as with a new patient."""
        stay = [STAY] if course.visit > 0 else []  # first, so that ties go to what the patient is on
        candidates = np.array([*stay, *range(len(self.rules))])
        copies = self.copies(observation, course.visit, 0)
        total = np.stack([self._try(copies, course, np.full(self.patients, each)) for each in candidates])
        first = np.where((candidates == STAY)[:, None], np.inf, total)  # who goes on is never left out
        finalists = np.argsort(-first, axis=0, kind="stable")[: self.budget.finalists]  # (finalist, patient)
        total = np.take_along_axis(total, finalists, axis=0)
        for look in range(1, self.budget.looks if len(finalists) > 1 else 1):
            copies = self.copies(observation, course.visit, look)
            total += [self._try(copies, course, candidates[each]) for each in finalists]
        best = candidates[finalists[total.argmax(axis=0), np.arange(self.patients)]]
        return course._replace(chosen=np.where(best == STAY, course.chosen, best), fresh=best != STAY)

    def _try(self, copies: Copies, course: PlannerMemory, candidate: IntArray) -> FloatArray:
        """Mean return of every patient with a candidate of its own: a rule that begins, or what it is on."""
        stays = candidate == STAY
        chosen, fresh = (
            np.repeat(each, self.budget.copies) for each in (np.where(stays, course.chosen, candidate), ~stays)
        )
        memories = [np.repeat(memory, self.budget.copies, axis=0) for memory in course.memories]
        return self._future(copies, chosen, fresh, memories)

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
