"""What every user of Stable-Baselines3 types first: by id, with its own wrappers and callbacks."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv, VecNormalize, VecVideoRecorder

import metaenv
from metaenv_agents.rl.vec_env import VectorBridge

PROSTATE = "metaenv/Prostate-v1"
FEW = {"n_steps": 8, "batch_size": 8, "n_epochs": 1, "device": "cpu"}  # as little as it takes to learn once


@pytest.mark.parametrize("algorithm", [PPO, A2C])
def test_algorithm_learns_by_id(algorithm):
    arguments = FEW if algorithm is PPO else {"n_steps": 8, "device": "cpu"}
    model = algorithm("MlpPolicy", PROSTATE, **arguments)
    model.learn(16)
    assert model.num_timesteps >= 16 and model.get_env().render_mode == "rgb_array"


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_environments_are_made_by_id(identifier):
    envs = make_vec_env(identifier, n_envs=4, seed=0)
    observations = envs.reset()
    assert observations.shape == (4, *envs.observation_space.shape)
    actions = np.array([envs.action_space.sample() for _ in range(4)])
    observations, rewards, _, infos = envs.step(actions)
    assert np.isfinite(observations).all() and np.isfinite(rewards).all() and len(infos) == 4


def test_environments_made_by_id_can_be_looked_at():
    envs = make_vec_env(PROSTATE, n_envs=3, env_kwargs={"render_size": (320, 240)})
    envs.reset()
    assert [image.shape for image in envs.get_images()] == [(240, 320, 3)] * 3
    assert envs.render().shape == (480, 640, 3)  # side by side


@pytest.mark.slow  # every process starts Python and numba for itself
def test_environments_are_made_by_id_in_processes_of_their_own():
    kwargs = {"start_method": "spawn"}
    envs = make_vec_env("metaenv:" + PROSTATE, n_envs=2, seed=0, vec_env_cls=SubprocVecEnv, vec_env_kwargs=kwargs)
    here = make_vec_env(PROSTATE, n_envs=2, seed=0)
    try:
        assert np.array_equal(envs.reset(), here.reset())
        actions = np.array([[1, 0], [2, 2]])
        for one, other in zip(envs.step(actions)[:3], here.step(actions)[:3], strict=True):
            assert np.allclose(one, other, rtol=1e-7)  # a process keeps rewards in another precision
        assert np.array_equal(envs.render(), here.render())
    finally:
        envs.close()


def test_evaluation_and_normalisation_run_by_id(tmp_path):
    envs = VecNormalize(make_vec_env(PROSTATE, n_envs=2, seed=0))
    judged = VecNormalize(make_vec_env(PROSTATE, n_envs=1, seed=9), training=False, norm_reward=False)
    callback = EvalCallback(judged, n_eval_episodes=1, eval_freq=8, log_path=str(tmp_path), verbose=0)
    PPO("MlpPolicy", envs, **FEW).learn(16, callback=callback)
    kept = np.load(tmp_path / "evaluations.npz")
    assert kept["results"].shape == (1, 1) and kept["results"][0, 0] > 0.0


def test_policy_is_evaluated_by_id():
    model = PPO("MlpPolicy", PROSTATE, **FEW)
    mean, _ = evaluate_policy(model, make_vec_env(PROSTATE, n_envs=1, seed=0), n_eval_episodes=2)
    assert 0.0 < mean < 20.0


def test_checker_of_stable_baselines3_has_nothing_to_say(recwarn):
    check_env(gym.make(PROSTATE, render_mode="rgb_array").unwrapped, skip_render_check=False)
    ours = [str(warning.message) for warning in recwarn if "MultiDiscrete" not in str(warning.message)]
    assert not ours


def test_film_is_recorded_by_stable_baselines3(tmp_path):
    pytest.importorskip("moviepy")
    envs = make_vec_env(PROSTATE, n_envs=2, env_kwargs={"render_size": (320, 240)})
    assert isinstance(envs, DummyVecEnv)
    envs = VecVideoRecorder(envs, str(tmp_path), lambda step: step == 0, video_length=3)
    envs.reset()
    for _ in range(4):
        envs.step(np.array([[1, 0]] * 2))
    envs.close()
    assert (tmp_path / "rl-video-step-0-to-step-3.mp4").stat().st_size > 1000


@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_bridge_shows_pictures_where_the_environment_draws_them(render_mode):
    venv = gym.make_vec(
        PROSTATE,
        num_envs=3,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        render_mode=render_mode,
    )
    bridge = VectorBridge(venv)
    bridge.reset()
    images = bridge.get_images()
    if render_mode is None:
        assert images == [None] * 3
    else:
        assert all(np.array_equal(one, other) for one, other in zip(images, venv.render(), strict=True))
        assert bridge.render().shape == (960, 1280, 3) and bridge.metadata["render_fps"] == 4
