"""Patients are followed as anywhere else; what a snapshot tells is told right."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv.scenario import Scenario
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.targets.follow import (
    Found,
    Patients,
    WithCourses,
    imaged,
    irradiating,
    without_visible,
)

LUNG = replace(Scenario.of(metaenv.DISEASES["lung"]), horizon=1260.0)
PATIENTS = Patients(scenario=LUNG, count=12, seed=3)
IRRADIATED = replace(PATIENTS, scenario=replace(irradiating(metaenv.DISEASES["lung"]), horizon=1260.0))


def osimertinib(clinic):
    return make_rule("standard_of_care", clinic)


def test_patients_meet_what_they_meet_in_a_benchmark():
    task = Task(disease="lung", cohort="test", patients=12, seed=3)
    played = rule("standard_of_care", task).play(task, task.ids).episodes
    course = replace(PATIENTS, scenario=Scenario.of(metaenv.DISEASES["lung"])).follow(osimertinib)
    np.testing.assert_array_equal(course.survival, played["survival_days"])
    np.testing.assert_array_equal(course.progression, played["progression_days"])
    np.testing.assert_array_equal(course.died, played["died"])
    np.testing.assert_allclose(course.returns, played["return"])


def test_responses_and_new_lesions_are_those_of_the_scans():
    course = PATIENTS.follow(osimertinib)
    assert 0.3 < course.response <= 1.0 and (course.best[np.isfinite(course.best)] >= 0.0).all()
    assert not (course.new_lesion & ~course.progressed).any()
    untreated = PATIENTS.follow(lambda clinic: make_rule("no_treatment", clinic))
    assert untreated.response == 0.0
    assert untreated.median_survival < np.nan_to_num(course.median_survival, nan=np.inf)  # nan: not reached
    assert untreated.progression_free_at(0.5) == 1.0 and untreated.progression_free_at(30.0) == 0.0


def test_courses_are_given_at_the_first_visits_alone():
    done = []
    IRRADIATED.follow(
        lambda clinic: WithCourses(clinic, osimertinib(clinic), 2),
        look=lambda now: done.append(np.where(now.alive, now.infos["procedure"], -1)),
    )
    procedures = np.array(done)
    assert (procedures[:2] == metaenv.PROCEDURES.index("radiotherapy")).mean() > 0.9
    assert set(np.unique(procedures[2:])) == {metaenv.PROCEDURES.index("none"), -1}


def test_courses_are_refused_where_drugs_alone_are_offered():
    with pytest.raises(ValueError, match="local_therapy=True, got drugs alone"):
        PATIENTS.follow(lambda clinic: WithCourses(clinic, osimertinib(clinic), 2))


def test_who_irradiates_needs_numbers_of_local_therapy():
    with pytest.raises(ValueError, match="must have numbers of local therapy, got 'breast'"):
        irradiating(metaenv.DISEASES["breast"])


def test_without_what_can_be_seen_the_hidden_lesions_are_left_and_grow():
    before = PATIENTS.begin().env.snapshot().cohort.state
    start = without_visible(PATIENTS.begin())
    after = start.env.snapshot().cohort.state
    least = LUNG.disease.sensors.detection_cells
    assert (imaged(before) >= least).any() and not (imaged(after) >= least).any()
    hidden = (before.organ >= 0) & (imaged(before) < least)
    np.testing.assert_array_equal(after.organ >= 0, hidden)
    np.testing.assert_array_equal(after.proliferating[hidden], before.proliferating[hidden])
    course = PATIENTS.follow(osimertinib, start=start)
    assert course.median_survival > PATIENTS.follow(osimertinib).median_survival or np.isnan(course.median_survival)


@pytest.mark.parametrize(("value", "met"), [(0.5, True), (0.9, True), (0.49, False), (np.nan, False)])
def test_a_target_is_met_within_its_band(value, met):
    found = Found("ratio", value, 0.5, 0.9, "guess")
    assert found.met is met and found.band == "0.5 to 0.9"
