"""What a policy saw and gave, visit by visit, in the terms that a clinician asks about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Array, BoolArray, FloatArray, Policy
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.visit_recorder import record


class Visits(NamedTuple):
    """Visits of living patients, one row each, one patient after the other."""

    patient: NDArray[np.int64]  # row among the patients
    visit: NDArray[np.int64]
    answers: FloatArray  # (row, question)
    actions: NDArray[np.int64]  # (row, entry); 0 where what was asked for could not be given
    episodes: pd.DataFrame  # one row per patient


def visits_of(policy: NamedPolicy, task: Task, questions: Questions, *, driver: Policy | None = None) -> Visits:
    """Let the policy treat the task's patients once, and keep every visit at which they lived.

    What is asked for while it is held (toxicity, no cycles left, no such procedure) counts as nothing, which it is: a
    policy learns nothing of such requests, and would be said to do what nobody gets.

    With a driver, who treats them instead, the actions are those that the policy would have given, the episodes the
    driver's.
    """
    found = record(task, policy.make, lambda env: _answers(questions, env.unwrapped), driver=driver)
    patient, visit = np.nonzero(found.lived)
    asked, notes = found.actions[found.lived].astype(np.int64), found.notes[found.lived]
    entries = asked.shape[1]
    return Visits(patient, visit, notes[:, entries:], np.where(notes[:, :entries] > 0.0, asked, 0), found.episodes)


def offered(masks: BoolArray, levels: NDArray[np.int64], actions: Array) -> BoolArray:
    """Whether each level that is asked for may be chosen, (patient, entry).

    Args:
        masks: (patient, choice) what may be chosen, one entry's levels after the other's.
        levels: (entry,) number of levels.
        actions: (patient, entry).
    """
    starts = np.cumsum(levels) - levels
    found: BoolArray = np.take_along_axis(masks, starts + np.asarray(actions, dtype=np.int64), axis=1)
    return found


def _answers(questions: Questions, env: Any) -> Callable[[Array, Any, Array], FloatArray]:
    """What may be given of what is asked for, and the answers at every visit, which are about the one before too."""
    before: FloatArray | None = None

    def answer(observation: Array, memory: Any, actions: Array) -> FloatArray:
        nonlocal before
        answers = questions.ask(observation, np.full(len(observation), np.nan) if before is None else before)
        before = questions.remember(observation)
        allowed = offered(env.action_masks(), env.single_action_space.nvec, actions)
        return np.concatenate([allowed, answers], axis=1)

    return answer
