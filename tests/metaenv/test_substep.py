"""Halving the sub-step must not change results."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv


def outcomes(scenario, patients, actions):
    """Mean survival (days), return (years) and marker at month 6 of some paired patients.

    The assay's noise is left out: it is drawn anew at another sub-step and says nothing of the model.
    """
    sensors = replace(scenario.disease.sensors, marker_noise=0.0)
    scenario = replace(scenario, disease=replace(scenario.disease, sensors=sensors))
    env = metaenv.MetastasisVectorEnv(patients, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=[0] * patients, options={"patient": np.arange(patients)})
    total, marker = np.zeros(patients), np.zeros(patients)
    for visit in range(scenario.visits):
        _, reward, terminated, truncated, infos = env.step(np.tile(actions, (patients, 1)))
        total += reward
        if visit == 5:
            marker = np.log(infos["marker"])
        if (terminated | truncated).all():
            break
    return np.array([infos["day"].mean(), total.mean(), np.exp(marker.mean())])


POLICIES = pytest.mark.parametrize("actions", [[0, 0, 0], [2, 0, 0], [2, 2, 0]], ids=["none", "abiraterone", "both"])


@POLICIES
def test_halving_the_substep_moves_deterministic_means_by_less_than_two_percent(actions):
    scenario = replace(metaenv.make_scenario("prostate"), stochastic=False, horizon=28.0 * 65)
    coarse, fine = (outcomes(replace(scenario, substep=scenario.substep / k), 32, actions) for k in (1, 2))
    assert np.abs(coarse / fine - 1.0).max() < 0.02, coarse / fine - 1.0


@pytest.mark.slow
@POLICIES
def test_halving_the_substep_moves_cohort_means_by_less_than_two_percent(actions):
    scenario = metaenv.make_scenario("prostate")
    coarse, fine = (outcomes(replace(scenario, substep=scenario.substep / k), 2048, actions) for k in (1, 2))
    assert np.abs(coarse / fine - 1.0).max() < 0.02, coarse / fine - 1.0


@pytest.mark.slow
def test_halving_the_step_of_the_neutrophils_moves_cohort_means_by_less_than_two_percent():
    scenario = metaenv.make_scenario("prostate")
    coarse, fine = (outcomes(replace(scenario, host_step=scenario.host_step / k), 1024, [2, 2, 0]) for k in (1, 2))
    assert np.abs(coarse / fine - 1.0).max() < 0.02, coarse / fine - 1.0
