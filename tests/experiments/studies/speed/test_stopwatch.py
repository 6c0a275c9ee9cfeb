"""What `speed` measures, at the smallest size: the numbers are timings, so only their meaning is tested."""

import numpy as np
import pytest

from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.speed import stopwatch

TASK = Task(disease="prostate", cohort="train", patients=100, seed=0)


@pytest.mark.parametrize("measure", [stopwatch.single, lambda *rest: stopwatch.vector(rest[0], 4, 1, *rest[1:])])
def test_a_visit_counts_as_the_weeks_it_simulates(measure):
    rate = measure(TASK, 1, 0.01)
    assert rate.visits > 0
    assert rate.patient_weeks == pytest.approx(rate.visits * TASK.scenario.visit_interval / 7.0)


def test_the_dead_are_not_counted():
    course = stopwatch._vector_course(TASK, 16)
    counts = np.array([next(course)[1] for _ in range(60)])
    assert counts.max() <= 16
    assert (counts < 16).any()


def test_memory_is_counted_per_patient():
    assert 0 < stopwatch.memory_per_patient(TASK, num_envs=8) < 1024
