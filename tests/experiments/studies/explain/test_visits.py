"""What a policy saw and gave, at every visit that was lived."""

import numpy as np
import pytest

from metaenv_agents.decision_tree import Questions
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain.visits import offered, visits_of

TASK = Task(disease="prostate", cohort="train", patients=48, seed=0)


def test_they_are_the_visits_that_were_lived(at50):
    visits = np.bincount(at50.patient)
    courses = rule("at50", TASK).play(TASK, TASK.ids, watch=frozenset(TASK.ids.tolist())).courses
    assert visits.tolist() == courses[courses["visit"] > 0].groupby("patient").size().tolist()
    assert at50.answers.shape == (visits.sum(), 12) and np.isfinite(at50.answers).all()
    given = at50.actions[at50.patient == 5][:, 0]
    assert np.mean(given) / 2 == pytest.approx(at50.episodes["dose_intensity_abiraterone"][5], abs=0.05)


def test_what_the_policy_would_give_is_written_down_where_another_drives(at50, clinic):
    questions = Questions(clinic=clinic)
    nothing = rule("no_treatment", TASK).make(TASK.vector_env(1))
    driven = visits_of(rule("at50", TASK), TASK, questions, driver=nothing)
    assert (driven.actions[driven.visit < 3, 0] == 2).all(), "at50 would treat a marker that never fell"
    doses = driven.answers[:, [name.startswith("abiraterone") for name in questions.names]]
    assert (doses == 0.0).all()
    untreated = rule("no_treatment", TASK).play(TASK, TASK.ids).episodes["return"]
    np.testing.assert_array_equal(driven.episodes["return"], untreated)


def test_what_cannot_be_given_counts_as_nothing():
    masks = np.array([[True, True, True, True, False, False], [True, True, False, True, True, True]])
    asked = np.array([[2, 2], [2, 1]])
    assert offered(masks, np.array([3, 3]), asked).tolist() == [[True, False], [False, True]]


def test_what_is_asked_for_without_end_is_given_while_cycles_last(clinic):
    """Docetaxel in full at every visit is held for its toxicity again and again: its visits are not all visits."""
    full = visits_of(rule("maximum_tolerated_dose", TASK, drugs=("docetaxel",)), TASK, Questions(clinic=clinic))
    share = (full.actions[:, clinic.drugs.index("docetaxel")] > 0).mean()
    assert 0.05 < share < 0.95
