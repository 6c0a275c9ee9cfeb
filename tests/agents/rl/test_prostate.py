"""The bridge and the training on the simulator itself, in the smallest sizes."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from sb3_contrib.common.maskable.utils import get_action_masks
from stable_baselines3.common.env_checker import check_env

import metaenv
from metaenv_agents.rl.checkpoint import CheckpointFolder
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.train import train
from metaenv_agents.rl.vec_env import VectorBridge

PATIENTS = 4
SETTINGS = PPOSettings(total_timesteps=4 * 32, n_envs=4, n_steps=8, batch_size=32, n_epochs=1, net_arch=(8,))


def ward(name="metaenv/Prostate-v1", **arguments):
    return gym.make_vec(
        name,
        PATIENTS,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        **arguments,
    )


@pytest.mark.parametrize("name", metaenv.REGISTERED)
def test_single_environment_passes_the_check_of_stable_baselines(name, recwarn):
    check_env(gym.make(name).unwrapped)
    assert not recwarn.list


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_bridge_equals_the_native_environment_over_whole_episodes(action):
    native, bridge = ward(action=action), VectorBridge(ward(action=action))
    bridge.seed(3)
    expected, _ = native.reset(seed=3)
    assert np.array_equal(bridge.reset(), expected)
    space, ended = native.single_action_space, 0
    space.seed(0)
    for _ in range(140):
        actions = np.stack([space.sample() for _ in range(PATIENTS)])
        seen, rewards, terminated, truncated, infos = native.step(actions)
        observations, given, done, listed = bridge.step(actions)
        assert np.array_equal(observations, seen)
        assert np.array_equal(given, rewards.astype(np.float32))
        assert np.array_equal(done, terminated | truncated)
        for patient in np.flatnonzero(done):
            assert np.array_equal(listed[patient]["terminal_observation"], infos["final_obs"][patient])
            assert listed[patient]["TimeLimit.truncated"] is bool(truncated[patient])
            ended += 1
    assert ended > 0


def test_full_info_of_an_ended_patient_is_the_last_of_that_patient():
    bridge = VectorBridge(ward(), full_info=True)
    bridge.seed(0)
    bridge.reset()
    ended = 0
    for _ in range(140):
        _, _, done, infos = bridge.step(np.zeros((PATIENTS, bridge.action_space.shape[0]), dtype=np.int64))
        for patient in np.flatnonzero(done):
            assert infos[patient]["day"] > 0
            assert metaenv.CAUSES[infos[patient]["cause"]] in ("cancer", "other_causes")
            ended += 1
        assert all(infos[patient]["day"] > 0 for patient in range(PATIENTS))
    assert ended >= PATIENTS


def test_masks_are_the_native_ones():
    bridge = VectorBridge(ward())
    bridge.seed(0)
    bridge.reset()
    assert np.array_equal(get_action_masks(bridge), bridge.inside.action_masks())


def test_resumed_training_equals_uninterrupted_bit_for_bit(tmp_path):
    through = train(ward(), SETTINGS, seed=2)
    folder = CheckpointFolder(path=tmp_path)
    train(ward(), SETTINGS, seed=2, checkpoints=folder, on_update=lambda progress: progress.updates < 2)
    resumed = train(ward(), SETTINGS, seed=2, checkpoints=folder, resume=True)
    assert resumed.last.to_bytes() == through.last.to_bytes()
