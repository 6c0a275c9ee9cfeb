"""What a policy saw and gave, visit by visit, in the terms that a clinician asks about."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.distilled import Questions
from agents.policy import Array, FloatArray, Policy
from experiments.contestants import Contestant
from experiments.rollout import play
from experiments.tasks import Task


class Habits(NamedTuple):
    """Visits of living patients, one row each, one patient after the other."""

    patient: NDArray[np.int64]  # row among the patients
    visit: NDArray[np.int64]
    answers: FloatArray  # (row, question)
    actions: NDArray[np.int64]  # (row, entry)
    episodes: pd.DataFrame  # one row per patient


class Recorder:
    """A policy that writes down what passes through it."""

    def __init__(self, policy: Policy, questions: Questions) -> None:
        self.policy, self.questions = policy, questions
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
        """As the policy."""
        before = np.full(len(observation), np.nan) if self._before is None else self._before
        actions, state = self.policy.predict(observation, state, episode_start, deterministic)
        self.answers.append(self.questions.ask(observation, before))
        self.actions.append(np.asarray(actions, dtype=np.int64))
        self._before = self.questions.remember(observation)
        return actions, state


def written_down(contestant: Contestant, task: Task, questions: Questions) -> Habits:
    """Let the policy treat the task's patients once, and keep every visit at which they lived."""
    recorders: list[Recorder] = []

    def make(env: Any) -> Policy:
        recorders.append(Recorder(contestant.make(env), questions))
        return recorders[-1]

    episodes = play(task, make, task.ids).episodes
    (recorder,) = recorders
    visits = np.ceil(episodes["survival_days"].to_numpy() / task.scenario.visit_interval).astype(np.int64)
    visits = np.clip(visits, 1, len(recorder.actions))
    answers, actions = np.stack(recorder.answers, axis=1), np.stack(recorder.actions, axis=1)  # (patient, visit, …)
    lived = np.arange(actions.shape[1]) < visits[:, None]
    patient, visit = np.nonzero(lived)
    return Habits(patient, visit, answers[lived], actions[lived], episodes)
