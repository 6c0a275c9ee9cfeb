"""A network that begins as a rule: it plays as the rule does, knows what that is worth, and resumes to the bit."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents.policy import Clinic
from agents.rl.checkpoint import CheckpointFolder
from agents.rl.imitation import _returns
from agents.rl.settings import PPOSettings, RecurrentPPOSettings
from agents.rl.train import train
from agents.rules import make_rule

SETTINGS = PPOSettings(
    steps=6 * 256,
    patients=256,
    visits=8,
    batch=256,
    epochs=1,
    hidden=(32,),
    history=2,
    learning_rate=3e-3,
    checkpoint_every=1,
)


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


def test_the_network_plays_as_its_teacher_before_it_learns_by_itself(toy):
    env = toy(256)
    taught = train(env, SETTINGS, seed=0, teacher=containment(env), on_update=lambda _: pytest.fail("no update is due"))
    untaught = train(toy(256), SETTINGS, seed=0, on_update=lambda _: False)
    other = toy(256, mode=AutoresetMode.SAME_STEP)
    assert taught.steps >= SETTINGS.steps, "the visits of imitation count"
    assert agreement(taught.last, other, containment(other)) > 0.95
    assert agreement(untaught.last, other, containment(other)) < 0.6


def test_returns_are_discounted_to_the_end_of_an_episode_and_unknown_beyond_the_last():
    rewards = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, 4.0], [8.0, 8.0]])
    ended = np.array([[False, False], [True, False], [False, True], [False, False]])
    returns, known = _returns(rewards, ended, 0.5)
    np.testing.assert_array_equal(known, [[True, True], [True, True], [False, True], [False, False]])
    np.testing.assert_allclose(returns[known], [2.0, 3.0, 2.0, 4.0, 4.0])


def test_taught_stopped_and_resumed_equals_uninterrupted_bit_for_bit(toy, tmp_path):
    longer = PPOSettings(**{**vars(SETTINGS), "steps": 6 * 256 + 6 * 256 * 8})
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
    with pytest.raises(ValueError, match="ppo and maskable_ppo only, got one for recurrent_ppo"):
        train(env, RecurrentPPOSettings(patients=8, visits=8, batch=64), seed=0, teacher=containment(env))
