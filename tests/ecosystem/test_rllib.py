"""RLlib, with the Gymnasium that it pins, trains on the registered vector environment. Run by `make ecosystem`."""

import importlib.metadata
import importlib.util
from pathlib import Path

import gymnasium
import numpy as np
import pytest

import metaenv

pytestmark = pytest.mark.ecosystem

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "rllib_ppo.py"


@pytest.fixture(scope="module")
def example():
    ray = pytest.importorskip("ray")
    spec = importlib.util.spec_from_file_location("rllib_ppo", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield module
    ray.shutdown()


def weights(algorithm):
    return {name: value.numpy(force=True).copy() for name, value in algorithm.get_module().state_dict().items()}


@pytest.mark.parametrize("env_runners", [0, 1])
def test_the_example_learns_from_as_many_visits_as_it_says(example, env_runners):
    algorithm = example.config(patients=8, visits=512, minibatch=128, env_runners=env_runners).build_algo()
    before = weights(algorithm)
    played = algorithm.train()["env_runners"]
    after = weights(algorithm)
    algorithm.stop()
    assert 512 <= played["num_env_steps_sampled_lifetime"] < 600
    assert 0.0 < played["episode_return_mean"] < 10.0
    assert any(not np.array_equal(before[name], after[name]) for name in before)


def test_no_episode_holds_a_visit_of_the_next_patient(example):
    algorithm = example.config(patients=8, visits=512, minibatch=128).build_algo()
    episodes = algorithm.env_runner.sample(num_episodes=16, random_actions=True)
    algorithm.stop()
    layout = gymnasium.make("metaenv/Prostate-v1").unwrapped.layout
    interval = metaenv.make_scenario("prostate").visit_interval
    assert len(episodes) >= 16
    for episode in episodes:
        days = np.array([seen[layout.day][0] for seen in episode.get_observations()])
        assert days[0] == 0.0 and (np.diff(days[:-1]) > 0.0).all(), "a patient's days go on from the first visit"
        assert days[-1] >= days[-2], "who dies of a procedure dies on the day of the visit"
        assert len(episode.get_rewards()) == len(days) - 1
        assert (np.array(episode.get_rewards()) <= interval / 365.25 + 1e-6).all()


def test_gymnasium_is_the_one_that_rllib_pins():
    needs = [need for need in importlib.metadata.requires("ray") if need.startswith("gymnasium==")]
    pinned = next(need for need in needs if "rllib" in need)
    assert pinned.split(";")[0].strip() == f"gymnasium=={gymnasium.__version__}"
