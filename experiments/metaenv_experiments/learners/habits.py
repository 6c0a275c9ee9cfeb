"""What a policy saw and gave, visit by visit, in the terms that a clinician asks about."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Array, FloatArray, Policy
from metaenv_experiments.trials.contestants import Contestant
from metaenv_experiments.trials.rollout import lived, play
from metaenv_experiments.trials.tasks import Task


class Habits(NamedTuple):
    """Visits of living patients, one row each, one patient after the other."""

    patient: NDArray[np.int64]  # row among the patients
    visit: NDArray[np.int64]
    answers: FloatArray  # (row, question)
    actions: NDArray[np.int64]  # (row, entry)
    episodes: pd.DataFrame  # one row per patient


class Recorder:
    """Writes down what a policy would give at every visit, and gives it, or what another policy gives instead."""

    def __init__(self, policy: Policy, questions: Questions, driver: Policy | None = None) -> None:
        self.policy, self.questions, self.driver = policy, questions, driver
        self.answers: list[FloatArray] = []
        self.actions: list[Array] = []
        self._before: FloatArray | None = None

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """As the driver, if there is one, else as the policy; the memory is that of both."""
        before = np.full(len(observation), np.nan) if self._before is None else self._before
        own, others = (None, None) if state is None else state
        actions, own = self.policy.predict(observation, own, episode_start, deterministic)
        given = actions
        if self.driver is not None:
            given, others = self.driver.predict(observation, others, episode_start, deterministic)
        self.answers.append(self.questions.ask(observation, before))
        self.actions.append(np.asarray(actions, dtype=np.int64))
        self._before = self.questions.remember(observation)
        return given, (own, others)


def written_down(contestant: Contestant, task: Task, questions: Questions, *, driver: Policy | None = None) -> Habits:
    """Let the policy treat the task's patients once, and keep every visit at which they lived.

    With a driver, who treats them instead, the actions are those that the policy would have given, the episodes the
    driver's.
    """
    recorders: list[Recorder] = []

    def make(env: Any) -> Policy:
        recorders.append(Recorder(contestant.make(env), questions, driver))
        return recorders[-1]

    episodes = play(task, make, task.ids).episodes
    (recorder,) = recorders
    answers, actions = np.stack(recorder.answers, axis=1), np.stack(recorder.actions, axis=1)  # (patient, visit, …)
    treated = lived(task, episodes, len(recorder.actions))
    patient, visit = np.nonzero(treated)
    return Habits(patient, visit, answers[treated], actions[treated], episodes)
