"""Halving the sub-step must not change results."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv.scenario.variation import vary


def outcomes(scenario, patients, actions):
    """Mean survival (days), return (years) and, at month 6, marker or burden of some paired patients.

    The assay's noise is left out: it is drawn anew at another sub-step and says nothing of the model. Circulating DNA
    is nothing but noise where little sheds, so there the burden is looked at.
    """
    sensors = replace(scenario.disease.sensors, marker_noise=0.0)
    scenario = replace(scenario, disease=replace(scenario.disease, sensors=sensors))
    env = metaenv.MetastasisVectorEnv(patients, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=[0] * patients, options={"patient": np.arange(patients)})
    total, size = np.zeros(patients), np.zeros(patients)
    for visit in range(scenario.visits):
        _, reward, terminated, truncated, infos = env.step(np.tile(actions, (patients, 1)))
        total += reward
        if visit == 5:
            size = np.log(infos["marker"] if sensors.marker == "PSA" else 1.0 + infos["burden"])
        if (terminated | truncated).all():
            break
    return np.array([infos["day"].mean(), total.mean(), np.exp(size.mean())])


def moved(scenario, patients, actions):
    """Change of the outcomes, as a share of them, when the sub-step is halved."""
    coarse, fine = (outcomes(replace(scenario, substep=scenario.substep / k), patients, actions) for k in (1, 2))
    return np.abs(coarse / fine - 1.0)


COURSES = {
    "prostate none": ("prostate", [0, 0]),
    "prostate abiraterone": ("prostate", [2, 0]),
    "prostate both": ("prostate", [2, 2]),
    "lung none": ("lung", [0, 0, 0]),
    "lung erlotinib": ("lung", [2, 0, 0]),
    "lung osimertinib and chemotherapy": ("lung", [0, 2, 2]),
    "breast none": ("breast", [0, 0, 0]),
    "breast letrozole": ("breast", [2, 0, 0]),
    "breast letrozole and doxorubicin": ("breast", [2, 0, 2]),
    "recurrent letrozole and palbociclib": ("breast_recurrent", [2, 2, 0]),
}
EVERY = pytest.mark.parametrize(("disease", "actions"), COURSES.values(), ids=COURSES)


@EVERY
def test_halving_the_substep_moves_deterministic_means_by_less_than_two_percent(disease, actions):
    """Five years; of breast cancer twenty, with all niches open, for rare events have no mean to follow."""
    scenario, horizon = metaenv.make_scenario(disease), 1820.0
    if disease == "breast":
        scenario, horizon = vary(scenario, {"presentation.open_niche_share": 1.0}), scenario.horizon
    change = moved(replace(scenario, stochastic=False, horizon=horizon), 32, actions)
    assert change.max() < 0.02, change


@pytest.mark.slow
@EVERY
def test_halving_the_substep_moves_cohort_means_by_less_than_two_percent(disease, actions):
    change = moved(metaenv.make_scenario(disease), 2048, actions)
    assert change.max() < 0.02, change


@pytest.mark.slow
def test_halving_the_step_of_the_neutrophils_moves_cohort_means_by_less_than_two_percent():
    scenario = metaenv.make_scenario("prostate")
    coarse, fine = (outcomes(replace(scenario, host_step=scenario.host_step / k), 1024, [2, 2]) for k in (1, 2))
    assert np.abs(coarse / fine - 1.0).max() < 0.02, coarse / fine - 1.0
