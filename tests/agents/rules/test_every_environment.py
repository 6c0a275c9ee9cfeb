"""The rules in the environments themselves."""

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv_agents.policy import Clinic
from metaenv_agents.rules import RULES, make_rule
from metaenv_agents.rules.standard_of_care import STANDARDS

PATIENTS = 3
WITH_PROCEDURES = ("local_first", "multimodal")


@pytest.fixture(params=metaenv.REGISTERED)
def environment(request):
    return request.param


@pytest.mark.parametrize("action", ["levels", "continuous"])
@pytest.mark.parametrize("name", sorted(RULES))
def test_rule_treats_one_and_many_alike(environment, name, action):
    procedures = name in WITH_PROCEDURES
    if procedures and metaenv.DISEASES[gym.spec(environment).kwargs["disease"]].local_therapy is None:
        pytest.skip("no local therapy")
    offered = {"action": action, "local_therapy": procedures}
    venv = gym.make_vec(environment, PATIENTS, vectorization_mode="vector_entry_point", **offered)
    if (
        name in ("at50_with_second_line", "sequential", "alternating", "two_strikes")
        and len(Clinic.of(venv).drugs) == 1
    ):
        pytest.skip("no second drug")
    if name == "standard_of_care" and Clinic.of(venv).disease not in STANDARDS:
        pytest.skip("no standard")
    env = gym.make(environment, **offered)
    rule, lone = make_rule(name, venv), make_rule(name, env)
    assert rule.clinic.drugs == lone.clinic.drugs
    observations, _ = venv.reset(seed=[5] * PATIENTS, options={"patient": np.arange(PATIENTS)})
    observation, _ = env.reset(seed=5, options={"patient": 1})
    memory, alone = None, None
    for _ in range(4):
        actions, memory = rule.predict(observations, memory)
        single, alone = lone.predict(observation, alone)
        assert np.array_equal(single, actions[1])
        assert venv.single_action_space.contains(single)
        observations = venv.step(actions)[0]
        observation, _, terminated, truncated, _ = env.step(single)
        assert np.array_equal(observation, observations[1])
        if terminated or truncated:
            break


def test_full_observation_keeps_the_measurements_of_the_clinic():
    name = "metaenv/Prostate-v1"
    for observation in ("clinic", "full"):
        env = gym.make(name, observation=observation)
        seen, _ = env.reset(seed=0)
        rule = make_rule("at50", env)
        assert rule.clinic.marker_ratio(seen[None])[0] == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(set(RULES) - {"random"}))  # whose draws are addressed by all that is seen
def test_a_rule_prescribes_the_same_whether_or_not_the_true_state_is_shown(name):
    returns, actions = {}, {}
    for form in ("clinic", "full"):
        env = gym.make_vec(
            "metaenv/Prostate-v1",
            PATIENTS,
            vectorization_mode="vector_entry_point",
            observation=form,
            local_therapy=name in WITH_PROCEDURES,
            autoreset_mode="Disabled",
        )
        seen, _ = env.reset(seed=[0] * PATIENTS, options={"patient": np.arange(PATIENTS)})
        rule, memory, returns[form], actions[form] = make_rule(name, env), None, [], []
        for _ in range(12):
            action, memory = rule.predict(seen, memory)
            seen, reward, terminated, *_ = env.step(action)
            actions[form].append(action)
            returns[form].append(reward)
            if terminated.any():
                break
    assert np.array_equal(actions["clinic"], actions["full"])
    assert np.array_equal(returns["clinic"], returns["full"])
