from dataclasses import replace

import numpy as np
import pytest
import torch

from metaenv_agents.rl.learners.sb3_ppo import SB3_PPO, SB3PPOSettings
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.sb3_state import wrappers_of
from metaenv_agents.rl.sb3_training import trained_policy
from metaenv_agents.rl.vec_env import VectorBridge

DRUGS = ("abiraterone", "docetaxel")


def trained(toy, action, history=1):
    """A model that has seen patients: its normalisation is not the identity."""
    settings = SB3PPOSettings(n_envs=16, n_steps=8, batch_size=64, n_epochs=1, net_arch=(8, 8), history=history)
    bridge = VectorBridge(toy(16, action=action), history=history, unit_actions=action == "continuous")
    torch.manual_seed(0)
    return SB3_PPO.new_algorithm(bridge, settings, 0).learn(256)


def copied(model, history=1):
    return trained_policy(model, SB3_PPO.actor(model), history, DRUGS)


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_numbers_alone_act_as_the_network_does(toy, see, action):
    model = trained(toy, action)
    with torch.no_grad():
        model.policy.action_net.weight *= 100  # away from ties, and into the bounds
    observations = see(np.random.default_rng(0).uniform(0, 3, 400))
    policy = copied(model)
    actions, _ = policy.predict(observations)
    expected, _ = model.predict(wrappers_of(model)[0].normalize_obs(observations), deterministic=True)
    if action == "continuous":
        expected = policy.low + (expected + 1) / 2 * (policy.high - policy.low)
    assert np.allclose(actions, expected, atol=1e-4)
    assert len(np.unique(actions, axis=0)) > 1
    assert all(toy(1, action=action).single_action_space.contains(row) for row in actions)


def test_history_travels_in_the_state(toy, see):
    model = trained(toy, "levels", history=2)
    with torch.no_grad():
        model.policy.action_net.weight *= 100
    policy = copied(model, history=2)
    first, second = see([0.5, 1.5]), see([0.7, 1.2])
    _, state = policy.predict(first)
    actions, state = policy.predict(second, state, np.array([False, True]))
    stacked = np.concatenate([[first[0], np.zeros_like(first[1])], second], axis=1)
    assert np.array_equal(state, stacked.astype(np.float32))
    expected, _ = model.predict(wrappers_of(model)[0].normalize_obs(state), deterministic=True)
    assert np.array_equal(actions, expected)


def test_one_patient_gets_one_action(toy, see):
    policy = copied(trained(toy, "levels"))
    batch, _ = policy.predict(see([0.5, 1.5]))
    single, _ = policy.predict(see([1.5])[0])
    assert single.shape == (3,)
    assert np.array_equal(single, batch[1])


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_bytes_and_back_change_nothing(toy, see, action):
    policy = copied(trained(toy, action))
    again = TrainedPolicy.from_bytes(policy.to_bytes())
    observations = see(np.linspace(0, 3, 50))
    assert np.array_equal(policy.predict(observations)[0], again.predict(observations)[0])
    assert (again.drugs, again.levels, again.history) == (policy.drugs, policy.levels, policy.history)


def test_it_refuses_another_clinic(toy, clinic):
    policy = copied(trained(toy, "levels"))
    policy.check(clinic)
    with pytest.raises(ValueError, match="trained for"):
        policy.check(replace(clinic, drugs=("erlotinib", "osimertinib")))
    with pytest.raises(ValueError, match="must be"):
        policy.predict(np.zeros((2, 9)))


def test_it_stays_as_it_was_while_the_model_learns_on(toy, see):
    model = trained(toy, "levels")
    policy = copied(model)
    before = policy.to_bytes()
    model.learn(256, reset_num_timesteps=False)
    assert policy.to_bytes() == before
