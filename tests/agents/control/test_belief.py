"""A belief is a probability over particles, finds its own kind, and reads nothing but what the clinic sees."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv
from metaenv_agents.control.belief import Belief
from metaenv_agents.control.mpc import ModelPredictive
from metaenv_agents.control.planning import Budget
from metaenv_agents.rules import make_rule

NAME = "metaenv/Prostate-v1"


def make(size):
    return gym.make_vec(
        NAME, num_envs=size, vectorization_mode="vector_entry_point", autoreset_mode=AutoresetMode.DISABLED
    )


def followed(patients, visits, particles=40):
    """A belief about train patients, some of whom are particles themselves, after some visits of AT50."""
    env = make(len(patients))
    belief = Belief(env.unwrapped, len(patients), particles=particles)
    observation, _ = env.reset(seed=[77] * len(patients), options={"patient": patients})
    belief.begin(observation)
    rule, memory = make_rule("at50", env), None
    for _ in range(visits):
        actions, memory = rule.predict(observation, memory)
        observation, *_ = env.step(actions)
        belief.follow(actions, observation)
    return belief


def test_weights_are_a_probability_and_evidence_sharpens_it():
    early, late = followed([1, 2], 0), followed([1, 2], 6)
    for belief in (early, late):
        np.testing.assert_allclose(belief.weight.sum(axis=1), 1.0)
    effective = [(1.0 / (belief.weight**2).sum(axis=1)).mean() for belief in (early, late)]
    assert 1.0 - 1e-9 <= effective[1] < effective[0] <= 40.0 + 1e-9


def test_a_patient_who_is_among_the_particles_is_found():
    """The luck differs, so the patient itself is only likely to lead, not certain."""
    patients = np.arange(0, 40, 5)
    belief = followed(patients, 8)
    place = (-belief.log_weight).argsort(axis=1).argsort(axis=1)[np.arange(len(patients)), patients]
    assert np.median(place) <= 4  # of 40; 20 would be chance
    rows, weight = belief.likeliest(3)
    assert rows.shape == weight.shape == (len(patients), 3)
    assert (rows // 40 == np.arange(len(patients))[:, None]).all()
    np.testing.assert_allclose(weight.sum(axis=1), 1.0)


def test_the_planner_acts_on_what_it_is_shown_alone():
    """Other patients behind the same measurements: the same doses."""
    drugs = (("abiraterone",), ("docetaxel",), ("abiraterone", "docetaxel"))
    candidates = [("no_treatment", {}), *(("maximum_tolerated_dose", {"drugs": each}) for each in drugs)]
    given, shown = [], None
    for first in (3, 200_005):
        env = make(12)
        observation, _ = env.reset(seed=[5] * 12, options={"patient": np.arange(first, first + 12)})
        shown = observation if shown is None else shown
        planner = ModelPredictive(env, candidates, budget=Budget(every=1, copies=2), particles=8)
        actions, _ = planner.predict(shown)
        given.append(actions)
    assert len(np.unique(given[0], axis=0)) > 1, "else anything would be the same"
    assert np.array_equal(*given)


def test_a_particle_counts_as_much_as_it_is_likely():
    """Where one of two copies has all the weight, the mean return of a rule is that copy's."""
    returns = []
    for weight in ([1.0, 0.0], [0.0, 1.0], [0.25, 0.75]):
        env = make(3)
        observation, _ = env.reset(seed=[5] * 3, options={"patient": [3, 4, 5]})
        planner = ModelPredictive(env, [("no_treatment", {})], budget=Budget(every=1, copies=2), particles=8)
        planner.follow(observation, None)
        copies = planner.copies(observation, 0, 0)._replace(weight=np.tile(weight, (3, 1)))
        memories = [np.zeros((6, rule.memory_size), dtype=rule.memory_dtype) for rule in planner.rules]
        returns.append(planner._future(copies, np.zeros(6, dtype=int), np.ones(6, dtype=bool), memories))
    first, second, both = returns
    assert not np.allclose(first, second)
    np.testing.assert_allclose(both, 0.25 * first + 0.75 * second)


def test_impossible_numbers_are_refused():
    env = make(1)
    with pytest.raises(ValueError, match="particles must be >= 1, got 0"):
        Belief(env.unwrapped, 1, particles=0)
    with pytest.raises(ValueError, match="at least the 4 copies planned on, got 2"):
        ModelPredictive(env, [("at50", {})], budget=Budget(copies=4), particles=2)
    assert metaenv.COHORTS["train"].start == 0, "particles are train patients"
