"""A network that begins as a rule: it plays as the rule does, knows what that is worth, and resumes to the bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from metaenv_agents.policy import Clinic
from metaenv_agents.rl import imitation
from metaenv_agents.rl.checkpoint import CheckpointFolder
from metaenv_agents.rl.imitation import _returns
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.learners.recurrent_ppo import RecurrentPPOSettings
from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv
from metaenv_agents.rl.train import train
from metaenv_agents.rules import make_rule

SIZES = {
    "total_timesteps": 12 * 256,
    "n_envs": 256,
    "n_steps": 8,
    "batch_size": 256,
    "n_epochs": 1,
    "net_arch": (32,),
    "history": 2,
    "learning_rate": 3e-3,
    "checkpoint_every": 1,
}
SETTINGS = PPOSettings(**SIZES)
OF_EITHER = pytest.mark.parametrize("algo", ["ppo", "sb3_ppo"])


def containment(env):
    return make_rule("containment", Clinic.of(env), threshold=1.0)


def agreement(policy, env, teacher):
    """Share of the teacher's visits at which the policy would have given the same."""
    observation, _ = env.reset(seed=1_000)
    starts, memory, own, same = np.ones(env.num_envs, dtype=bool), None, None, []
    for _ in range(18):
        actions, memory = teacher.predict(observation, memory, starts)
        mine, own = policy.predict(observation, own, starts)
        same.append((mine == actions).all(axis=1))
        observation, _, terminated, truncated, _ = env.step(actions)
        starts = terminated | truncated
    return float(np.mean(same))


@OF_EITHER
def test_the_network_plays_as_its_teacher_before_it_learns_by_itself(toy, algo):
    env, judged, told, settings = toy(256), [], [], LEARNERS[algo].settings(**SIZES)
    taught = train(
        env,
        settings,
        seed=0,
        teacher=containment(env),
        evaluate=lambda policy: judged.append(policy) or -float(len(judged)),
        on_update=lambda progress: told.append(progress.steps) or False,
    )
    copy = judged[0]
    assert taught.policy is copy, "the copy is judged too, and kept where it is the best"
    assert told == [6 * 256 + settings.visits_per_update], "the visits of imitation count"
    untaught = train(toy(256), settings, seed=0, on_update=lambda _: False).last
    other = toy(256)
    assert agreement(copy, other, containment(other)) > 0.95
    assert agreement(untaught, other, containment(other)) < 0.6


def test_one_network_plays_in_each_disease_as_the_teacher_of_that_disease(toy):
    copies, env = [], SeveralDiseasesEnv([toy(256), toy(256)])
    low, high = (make_rule("containment", Clinic.of(env.parts[0]), threshold=threshold) for threshold in (0.5, 2.0))
    train(
        env,
        replace(SETTINGS, total_timesteps=12 * 512, n_envs=512),
        seed=0,
        teacher=env.together([low, high]),
        evaluate=lambda policy: copies.append(policy) or 0.0,
        on_update=lambda _: False,
    )
    shares = [env.part_of(copies[0], k) for k in range(2)]
    assert agreement(shares[0], toy(256), low) > 0.95 and agreement(shares[1], toy(256), high) > 0.95
    assert agreement(shares[0], toy(256), high) < 0.9 and agreement(shares[1], toy(256), low) < 0.9


def begun(algo, env):
    settings = LEARNERS[algo].settings(**SIZES)
    return LEARNERS[algo].begin(env, settings, 0)


@OF_EITHER
def test_the_critic_knows_what_the_visits_to_come_are_worth(toy, algo):
    env = toy(256)
    model = begun(algo, env)
    model.imitate(containment(env), seed=0)
    values, left = [], []
    for _ in range(6):
        with torch.no_grad():
            inputs = torch.as_tensor(model.normal_inputs(model.seen()))
            values.append(model.judge(inputs, torch.zeros(256, 3, dtype=torch.int64))[0].numpy())
        left.append(6.0 - env.visit)
        model.treat(containment(env).predict(env._observe())[0])
    assert np.corrcoef(np.concatenate(values), np.concatenate(left))[0, 1] > 0.9


@OF_EITHER
def test_the_critic_learns_rewards_on_the_scale_on_which_ppo_will_see_them(toy, monkeypatch, algo):
    model = begun(algo, toy(256))
    told, played, real = [], [], imitation._play
    monkeypatch.setattr(imitation, "_play", lambda *given: played.append(real(*given)) or played[-1])
    monkeypatch.setattr(
        imitation, "_returns", lambda rewards, *given: told.append(rewards) or _returns(rewards, *given)
    )
    model.imitate(containment(toy(256)), seed=0)
    np.testing.assert_array_equal(told[0], model.normal_rewards(played[0].rewards))
    assert not np.allclose(told[0], played[0].rewards)


def test_imitation_takes_half_of_all_visits_at_most(toy):
    env, told = toy(256), []
    few = replace(SETTINGS, total_timesteps=4 * 256)
    train(env, few, seed=0, teacher=containment(env), on_update=lambda progress: told.append(progress.steps) or False)
    assert told == [2 * 256 + SETTINGS.visits_per_update]


def test_returns_are_discounted_to_the_end_of_an_episode_and_unknown_beyond_the_last():
    rewards = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 4.0], [8.0, 8.0]])
    ended = np.array([[False, False], [True, False], [False, True], [False, False]])
    returns, known = _returns(rewards, ended, 0.5)
    np.testing.assert_array_equal(known, [[True, True], [True, True], [False, True], [False, False]])
    np.testing.assert_allclose(returns[known], [2.0, 3.0, 2.0, 4.0, 4.0])


@OF_EITHER
def test_taught_stopped_and_resumed_equals_uninterrupted_bit_for_bit(toy, tmp_path, algo):
    longer = replace(LEARNERS[algo].settings(**SIZES), total_timesteps=6 * 256 + 6 * 256 * 8)
    env = toy(256)
    through = train(env, longer, seed=4, teacher=containment(env))
    for stop in (2, None):
        env = toy(256)
        resumed = train(
            env,
            longer,
            seed=4,
            teacher=containment(env),
            checkpoints=CheckpointFolder(path=tmp_path),
            on_update=None if stop is None else lambda progress: progress.updates < 2,
            resume=stop is None,
        )
        assert resumed.finished is (stop is None)
    assert resumed.last.to_bytes() == through.last.to_bytes()


def test_a_teacher_is_refused_where_it_cannot_be_imitated(toy):
    env = toy(8)
    with pytest.raises(ValueError, match="ppo and sb3_ppo and maskable_ppo only, got one for recurrent_ppo"):
        train(env, RecurrentPPOSettings(n_envs=8, n_steps=8, batch_size=64), seed=0, teacher=containment(env))
    with pytest.raises(ValueError, match="needs an environment of dose levels, got Box"):
        train(toy(256, action="continuous"), SETTINGS, seed=0, teacher=containment(env))
    with pytest.raises(ValueError, match="a mixture is for ppo and sb3_ppo only, got recurrent_ppo"):
        train(SeveralDiseasesEnv([toy(4), toy(4)]), RecurrentPPOSettings(n_envs=8, n_steps=8, batch_size=64), seed=0)
