"""A policy that keeps what it saw and gave at every visit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_agents.policy import Array, Policy
from metaenv_experiments.evaluation.rollout import lived, play
from metaenv_experiments.evaluation.task import Task

Note = TypeVar("Note")


class Recorded(Generic[Note]):
    """Treats as a policy does, or as another one that drives it, and notes something at every visit.

    Args:
        policy: whose actions are kept.
        note: what is kept beside them, of (observation, memory after the decision, actions); an array by patient.
        driver: policy that treats instead; then the actions are those that `policy` would have given.
    """

    def __init__(self, policy: Policy, note: Callable[[Array, Any, Array], Note], driver: Policy | None = None) -> None:
        self.policy, self.driver = policy, driver
        self.notes: list[Note] = []
        self.actions: list[Array] = []  # (patient, entry) of each visit
        self._note = note

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`; the memory is that of both."""
        own, others = (None, None) if state is None else state
        actions, own = self.policy.predict(observation, own, episode_start, deterministic)
        given = actions
        if self.driver is not None:
            given, others = self.driver.predict(observation, others, episode_start, deterministic)
        self.notes.append(self._note(observation, own, actions))
        self.actions.append(np.asarray(actions))
        return given, (own, others)


class RecordedVisits(NamedTuple):
    """The visits of a rollout."""

    episodes: pd.DataFrame  # one row per patient
    notes: Any  # (patient, visit, …)
    actions: Array  # (patient, visit, entry)
    lived: NDArray[np.bool_]  # (patient, visit) at which the patient was treated


def record(
    task: Task,
    make: Callable[[Any], Policy],
    note: Callable[[Any], Callable[[Array, Any, Array], Array]],
    *,
    driver: Policy | None = None,
) -> RecordedVisits:
    """Let a policy treat the task's patients once, and keep every visit.

    Args:
        task: with the patients.
        make: builds the policy for a vector environment.
        note: builds, for a vector environment, what is kept, see `Recorded`.
        driver: see `Recorded`.
    """
    made: list[Recorded[Array]] = []

    def recorded(env: Any) -> Policy:
        made.append(Recorded(make(env), note(env), driver))
        return made[-1]

    episodes = play(task, recorded, task.ids).episodes
    (one,) = made
    notes, actions = np.stack(one.notes, axis=1), np.stack(one.actions, axis=1)
    return RecordedVisits(episodes, notes, actions, lived(task, episodes, actions.shape[1]))
