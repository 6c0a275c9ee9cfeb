"""A policy that is recorded acts as it does alone, and every visit is kept."""

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.visit_recorder import Recorded, record

TASK = Task(disease="prostate", cohort="test", patients=3, seed=0)


class Counting:
    """Gives as many doses as visits were remembered."""

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        visits = np.zeros(len(observation)) if state is None else state
        return np.tile(visits[:, None], (1, 2)), visits + 1.0


def seen(env):
    """Note what was observed."""
    return lambda observation, memory, actions: observation.copy()


def test_recording_changes_nothing_and_keeps_what_was_given_at_every_visit():
    policy = rule("at50", TASK)
    found = record(TASK, policy.make, seen)
    plain = policy.play(TASK, TASK.ids, watch=TASK.ids.tolist())
    pd.testing.assert_frame_equal(found.episodes, plain.episodes)
    patients, visits = found.lived.shape
    assert found.actions.shape[:2] == found.notes.shape[:2] == (patients, visits) == (3, int(found.lived.sum(1).max()))
    prescribed = plain.courses[plain.courses["visit"] > 0].groupby("patient")
    for row, (_, course) in enumerate(prescribed):
        given = found.actions[row][found.lived[row]]
        assert (given[:, 0] / 2 == course["prescribed_abiraterone"].to_numpy()).all()
    assert found.lived[:, 0].all() and (np.diff(found.lived.astype(int), axis=1) <= 0).all(), "the dead stay so"


def test_a_note_is_taken_of_what_was_seen_remembered_and_done():
    told = []
    recorded = Recorded(Counting(), lambda *what: told.append(what) or len(told))
    observations = np.arange(4.0).reshape(2, 2)
    actions, memory = recorded.predict(observations)
    actions, memory = recorded.predict(observations + 1, memory)
    assert recorded.notes == [1, 2]
    np.testing.assert_array_equal(told[1][0], observations + 1)
    np.testing.assert_array_equal(told[1][1], [2.0, 2.0])
    np.testing.assert_array_equal(told[1][2], actions)
    np.testing.assert_array_equal(recorded.actions, [np.zeros((2, 2)), np.ones((2, 2))])


def test_where_another_drives_his_doses_are_given_and_those_of_the_policy_are_kept():
    class Nothing:
        """Remembers something of its own."""

        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return np.full((len(observation), 2), -1.0), (state or 0) + 10

    recorded = Recorded(Counting(), lambda *what: None, Nothing())
    memory = None
    for visit in range(3):
        given, memory = recorded.predict(np.zeros((2, 1)), memory)
        assert (given == -1.0).all() and (recorded.actions[visit] == visit).all()
    own, others = memory
    assert own.tolist() == [3.0, 3.0] and others == 30


def test_a_driver_decides_the_course_of_the_patients():
    nothing = rule("no_treatment", TASK)
    found = record(TASK, rule("at50", TASK).make, seen, driver=nothing.make(TASK.vector_env(1)))
    pd.testing.assert_frame_equal(found.episodes, nothing.play(TASK, TASK.ids).episodes)
    assert found.actions[:, 0, 0].tolist() == [2, 2, 2], "at50 would treat who was never treated"


@pytest.mark.parametrize("state", [None, (None, None)])
def test_nothing_remembered_is_nothing_for_both(state):
    actions, _ = Recorded(Counting(), lambda *what: None, Counting()).predict(np.zeros((2, 1)), state)
    assert (actions == 0.0).all()
