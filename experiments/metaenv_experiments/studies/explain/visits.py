"""What a policy saw and gave, visit by visit, in the terms that a clinician asks about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Array, FloatArray, Policy
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.visit_recorder import record


class Visits(NamedTuple):
    """Visits of living patients, one row each, one patient after the other."""

    patient: NDArray[np.int64]  # row among the patients
    visit: NDArray[np.int64]
    answers: FloatArray  # (row, question)
    actions: NDArray[np.int64]  # (row, entry)
    episodes: pd.DataFrame  # one row per patient


def visits_of(policy: NamedPolicy, task: Task, questions: Questions, *, driver: Policy | None = None) -> Visits:
    """Let the policy treat the task's patients once, and keep every visit at which they lived.

    With a driver, who treats them instead, the actions are those that the policy would have given, the episodes the
    driver's.
    """
    found = record(task, policy.make, lambda env: _answers(questions), driver=driver)
    patient, visit = np.nonzero(found.lived)
    actions = found.actions[found.lived].astype(np.int64)
    return Visits(patient, visit, found.notes[found.lived], actions, found.episodes)


def _answers(questions: Questions) -> Callable[[Array, Any, Array], FloatArray]:
    """Answer the questions at every visit, which ask about the visit before too."""
    before: FloatArray | None = None

    def answer(observation: Array, memory: Any, actions: Array) -> FloatArray:
        nonlocal before
        answers = questions.ask(observation, np.full(len(observation), np.nan) if before is None else before)
        before = questions.remember(observation)
        return answers

    return answer
