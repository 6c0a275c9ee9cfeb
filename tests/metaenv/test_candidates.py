"""Presets in the making: they run as any disease does, and what was fitted by hand stays where it was."""

import numpy as np
import pytest

import metaenv
from metaenv.diseases.candidates.breast import BREAST, BREAST_RECURRENT
from metaenv.diseases.candidates.lung import LUNG
from metaenv.diseases.candidates.prostate import PROSTATE
from metaenv.scenario import Scenario

CANDIDATES = pytest.mark.parametrize("disease", [LUNG, PROSTATE, BREAST, BREAST_RECURRENT], ids=lambda it: it.name)


@CANDIDATES
def test_a_candidate_is_treated_as_any_disease_and_stays_inside_its_space(disease):
    env = metaenv.MetastasisVectorEnv(64, scenario=Scenario.of(disease), cohort="test")
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(40):
        observation, reward, *_, infos = env.step(env.action_space.sample())
        assert env.observation_space.contains(observation) and np.isfinite(reward).all()
    assert np.isfinite(infos["burden"]).all()


@CANDIDATES
def test_its_slots_hold_all_lesions(disease):
    """Fewer than one founder in ten patients found no slot in two untreated years."""
    env = metaenv.MetastasisVectorEnv(256, scenario=Scenario.of(disease), cohort="test", autoreset_mode="disabled")
    env.reset(seed=0)
    for _ in range(26):
        env.step(np.zeros(env.action_space.shape, dtype=np.int64))
    assert env.snapshot().cohort.state.host["overflow"].mean() < 0.1


@CANDIDATES
def test_it_is_registered_nowhere(disease):
    assert metaenv.DISEASES[disease.name] is not disease
    assert metaenv.DISEASES[disease.name].title != disease.title
