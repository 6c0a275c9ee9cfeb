"""A model acts in the clinic as it did in the environment that it was trained in."""

from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest
from sb3_contrib import RecurrentPPO
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.vec_env import VecFrameStack, VecNormalize

from metaenv_agents.rl.sb3_policy import SB3Policy, action_of, is_sb3_model
from metaenv_agents.rl.vec_env import VectorBridge

PATIENTS, VISITS = 4, 12


def plain(toy):
    return VectorBridge(toy(PATIENTS))


def normalised_history(toy):
    return VecNormalize(VectorBridge(toy(PATIENTS), history=3))


def stacked_normalised(toy):
    return VecFrameStack(VecNormalize(VectorBridge(toy(PATIENTS))), 3)


def choices(toy):
    return VectorBridge(toy(PATIENTS), choices=True)


def unit_doses(toy):
    return VectorBridge(toy(PATIENTS, action="continuous"), unit_actions=True)


def bounded_doses(toy):
    return VectorBridge(toy(PATIENTS, action="continuous"))


SMALL = {"device": "cpu", "seed": 0}


@pytest.mark.parametrize(
    ("algorithm", "network", "wrapped"),
    [
        (PPO, "MlpPolicy", plain),
        (PPO, "MlpPolicy", normalised_history),
        (PPO, "MlpPolicy", stacked_normalised),
        (PPO, "MlpPolicy", bounded_doses),
        (RecurrentPPO, "MlpLstmPolicy", normalised_history),
        (DQN, "MlpPolicy", choices),
        (SAC, "MlpPolicy", unit_doses),
    ],
)
def test_a_model_gives_its_patients_what_it_gave_those_it_learned_with(toy, algorithm, network, wrapped):
    venv = wrapped(toy)
    model = algorithm(network, venv, **SMALL)
    seen = venv.reset()
    for _ in range(3 * VISITS):  # so that the normalisation is no longer the one it began with
        seen = venv.step(np.array([venv.action_space.sample() for _ in range(PATIENTS)]))[0]
    bridge = venv.unwrapped
    if isinstance(venv, VecNormalize | VecFrameStack) and (normalise := model.get_vec_normalize_env()) is not None:
        normalise.training = False
        assert np.abs(normalise.obs_rms.mean).max() > 0.1
    seen, fresh, remember, memory = venv.reset(), np.ones(PATIENTS, dtype=bool), None, None
    native = toy(PATIENTS, action=action_of(model))
    observation, _ = native.reset(seed=0)
    policy = SB3Policy(model, native)
    for _ in range(VISITS):
        chosen, remember = model.predict(seen, remember, fresh, deterministic=True)
        mine, memory = policy.predict(observation, memory, fresh, deterministic=True)
        seen, _, done, _ = venv.step(chosen)
        assert np.array_equal(bridge._actions, mine)
        observation, _, terminated, truncated, _ = native.step(mine)
        fresh = terminated | truncated
        assert np.array_equal(fresh, done)
    one, _ = policy.predict(observation[0], deterministic=True)
    assert native.single_action_space.contains(one.astype(native.single_action_space.dtype))


def test_a_model_is_known_by_its_spaces(toy):
    model = PPO("MlpPolicy", VectorBridge(toy(PATIENTS)), **SMALL)
    assert is_sb3_model(model) and action_of(model) == "levels"
    assert not is_sb3_model(SimpleNamespace(predict=print))


def test_a_model_of_other_measurements_or_actions_is_refused(toy):
    def of(seen, act):
        return SimpleNamespace(predict=print, observation_space=seen, action_space=act)

    form, doses = gym.spaces.Box(0.0, 1.0, (44,)), gym.spaces.MultiDiscrete([3, 3, 3])
    SB3Policy(of(form, doses), toy(1))
    with pytest.raises(ValueError, match="model must see 22 measurements, or so many of several visits, got Box"):
        SB3Policy(of(gym.spaces.Box(0.0, 1.0, (23,)), doses), toy(1))
    for other in (gym.spaces.MultiDiscrete([3, 3]), gym.spaces.MultiDiscrete([3, 3, 2]), gym.spaces.Discrete(26)):
        with pytest.raises(ValueError, match="model must act in MultiDiscrete"):
            SB3Policy(of(form, other), toy(1))
