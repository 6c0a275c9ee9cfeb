"""Wrappers for other libraries' forms of reward and cost: nothing that is paid changes."""

import copy
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv
from metaenv.clinic.codes import COMPONENTS
from metaenv.scenario.variation import vary
from metaenv.wrappers import BatchedVectorReward, CostReturn, VectorReward

ROOT = Path(__file__).resolve().parents[2]
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)


def episode(env, seed, visits=40):
    """(observation, reward, ..., info) of every visit until the end, full doses now and then."""
    env.reset(seed=seed)
    env.action_space.seed(seed)
    results = []
    for _ in range(visits):
        results.append(env.step(env.action_space.sample()))
        if any(flag is True for flag in results[-1][1:-1]):
            break
    return results


@EVERY
def test_components_sum_to_the_reward_and_lie_in_their_space(identifier, brief):
    scenario = brief(identifier, 8)
    plain, env = gym.make(identifier, scenario=scenario), VectorReward(gym.make(identifier, scenario=scenario))
    assert env.reward_space.shape == (len(COMPONENTS),) and env.reward_space.dtype == np.float32
    assert env.unwrapped.reward_space == env.reward_space  # where MO-Gymnasium looks for it
    for scalar, vector in zip(episode(plain, 3), episode(env, 3), strict=True):
        reward = vector[1]
        assert reward.dtype == np.float32 and env.reward_space.contains(reward)
        assert reward.sum(dtype=float) == pytest.approx(scalar[1], abs=1e-7)
        assert [float(part) for part in reward] == pytest.approx([scalar[-1][f"reward/{n}"] for n in COMPONENTS])
        assert (vector[0] == scalar[0]).all() and vector[2:4] == scalar[2:4]


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_components_of_many_sum_to_their_rewards_in_every_mode(mode, brief, vector):
    identifier, size = "metaenv/Prostate-v1", 12
    scenario = brief(identifier, 4, 0.05)
    plain = vector(identifier, size, mode, scenario=scenario)
    env = BatchedVectorReward(vector(identifier, size, mode, scenario=scenario))
    assert env.reward_space == env.unwrapped.reward_space and env.reward_space.shape == (len(COMPONENTS),)
    plain.reset(seed=4)
    env.reset(seed=4)
    plain.action_space.seed(0)
    ended = 0
    for _ in range(9):
        action = plain.action_space.sample()
        _, scalars, terminated, truncated, _ = plain.step(action)
        rewards = env.step(action)[1]
        assert rewards.shape == (size, len(COMPONENTS)) and rewards.dtype == np.float32
        assert rewards.sum(axis=1, dtype=float) == pytest.approx(scalars, abs=1e-7)
        assert all(map(env.reward_space.contains, rewards))
        ended += (terminated | truncated).sum()
    assert ended > 0


def test_nobody_loses_more_than_was_lived(brief):
    """Not even where everything that can be lost weighs a hundred times."""
    reward = metaenv.Reward(symptoms=100.0, treatment=100.0, toxicity=100.0, procedure=100.0)
    scenario = replace(brief("metaenv/Prostate-v1", 8), reward=reward)
    env = VectorReward(gym.make("metaenv/Prostate-v1", scenario=scenario))
    rewards = [result[1] for result in episode(env, 1)]
    assert all(map(env.reward_space.contains, rewards))
    assert any(part[1:].sum() < -0.5 * part[0] for part in rewards)


def test_cost_stands_behind_the_reward_for_safety_gymnasium(brief):
    scenario = vary(brief("metaenv/Prostate-v1", 8), {"host.sepsis_level": 100.0})  # whatever the marrow does, costs
    plain, env = (
        gym.make("metaenv/Prostate-v1", scenario=scenario),
        CostReturn(gym.make("metaenv/Prostate-v1", scenario=scenario)),
    )
    costs = []
    for five, six in zip(episode(plain, 5), episode(env, 5), strict=True):
        assert len(six) == 6 and type(six[2]) is float
        assert (six[1], six[2], six[3:5]) == (five[1], five[-1]["cost"], five[2:4])
        costs.append(six[2])
    assert max(costs) > 0.0


@pytest.mark.parametrize("wrapper", [VectorReward, CostReturn])
def test_a_wrapped_environment_can_be_made_anew_from_its_spec(wrapper):
    spec = wrapper(gym.make("metaenv/Strobl2021-v1")).spec
    env = gym.make(gym.envs.registration.EnvSpec.from_json(spec.to_json()))
    assert isinstance(env, wrapper) and json.loads(spec.to_json())["kwargs"]["disease"] == "strobl2021"


def test_a_wrapped_environment_goes_on_after_a_copy():
    env = VectorReward(gym.make("metaenv/Prostate-v1"))
    env.reset(seed=0)
    other = copy.deepcopy(env)
    action = np.full(env.action_space.shape, 2)
    assert (env.step(action)[1] == other.step(action)[1]).all()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda: VectorReward(gym.make("CartPole-v1")),
        lambda: CostReturn(gym.make("CartPole-v1")),
        lambda: BatchedVectorReward(gym.make_vec("CartPole-v1", num_envs=2)),
    ],
)
def test_another_environment_is_refused(wrap):
    with pytest.raises(ValueError, match=r"env must be an environment of metaenv, got .*CartPole"):
        wrap()


def test_importing_the_wrappers_needs_gymnasium_and_numpy_alone():
    code = "import sys, metaenv.wrappers; print(*{name.partition('.')[0] for name in sys.modules})"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    foreign = set(result.stdout.split()) - set(sys.stdlib_module_names)
    assert {"numba", "torch", "scipy", "matplotlib"}.isdisjoint(foreign)
