"""What tests of explaining share."""

import pytest

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Clinic
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain.visits import visits_of

TASK = Task(disease="prostate", cohort="train", patients=48, seed=0, local_therapy=True)


@pytest.fixture(scope="session")
def clinic():
    return Clinic.of(TASK.vector_env(1))


@pytest.fixture(scope="session")
def at50(clinic):
    """The visits of train patients under at50, which one question can state."""
    return visits_of(rule("at50", TASK), TASK, Questions(clinic=clinic))
