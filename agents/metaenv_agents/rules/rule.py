"""What all rules share: reading the memory in, writing the action out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray
from metaenv_agents.rules.search_space import Parameters, Trial


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A treatment rule: its parameters are frozen fields, its memory is a row per patient that travels in `state`.

    A new rule is one file with a subclass and its line in `metaenv_agents.rules.RULES`.
    """

    clinic: Clinic

    name: ClassVar[str]
    memory_size: ClassVar[int] = 0  # numbers remembered per patient
    memory_dtype: ClassVar[type[np.generic]] = np.float64

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Suggest the parameters that are tuned, by name; the others stay as they are. Here: none.

        Args:
            trial: of Optuna, which is asked for each.
            clinic: where the rule treats.
        """
        return {}

    @abstractmethod
    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Decide one visit for all patients.

        Args:
            observation: (patient, measurement).
            memory: (patient, memory_size), zero where fresh.
            fresh: (patient,) True at a patient's first visit.

        Returns:
            Actions (patient, entry) and the new memory.
        """

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = False,
    ) -> tuple[Array, Array]:
        """See `metaenv_agents.policy.Policy.predict`; the memory is (patient, memory_size) also for one patient."""
        batch = np.atleast_2d(observation)
        self._check(batch)
        memory, fresh = self._remember(state, episode_start, len(batch))
        actions, memory = self.decide(batch, memory, fresh)
        return (actions[0] if observation.ndim == 1 else actions), memory

    def _check(self, batch: Array) -> None:
        if batch.ndim != 2 or batch.shape[1] != self.clinic.layout.size:
            raise ValueError(
                f"observation must be (patient, {self.clinic.layout.size}) for this clinic, got shape {batch.shape}"
            )

    def _remember(self, state: Any, episode_start: Array | None, patients: int) -> tuple[Array, BoolArray]:
        if state is None:
            memory = np.zeros((patients, self.memory_size), dtype=self.memory_dtype)
            return memory, np.ones(patients, dtype=np.bool_)
        if np.shape(state) != (patients, self.memory_size):
            raise ValueError(
                f"state of rule '{self.name}' must be {(patients, self.memory_size)}, got shape {np.shape(state)}"
            )
        start = False if episode_start is None else np.reshape(episode_start, -1)
        fresh = np.broadcast_to(np.asarray(start, dtype=np.bool_), patients)
        return np.where(fresh[:, None], np.zeros((), dtype=self.memory_dtype), state), fresh

    def give(self, wanted: BoolArray, drugs: BoolArray) -> FloatArray:
        """Return full doses (patient, drug) of the marked `drugs` (drug,) to the patients `wanted` (patient,)."""
        return np.outer(wanted, drugs).astype(np.float64)
