"""Patients as a network sees them: normalised as by Stable-Baselines3, the end of an episode told for what it is."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env import VecNormalize

from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv
from metaenv_agents.rl.vec_env import VectorBridge
from metaenv_agents.rl.ward import Moments, Ward, costs_in


def test_moments_are_those_of_all_rows():
    rows, moments = np.random.default_rng(0).normal(3.0, 2.0, size=(60, 4)), Moments(4)
    for batch in np.split(rows, 3):
        moments.add(batch)
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(moments.variance, rows.var(axis=0), rtol=1e-4)


def test_what_is_seen_and_paid_is_normalised_as_by_stable_baselines3(toy):
    ward = Ward(toy(16), history=3, discount=0.9, costs=False)
    theirs = VecNormalize(VectorBridge(toy(16), history=3), gamma=0.9)
    theirs.seed(7)
    expected = theirs.reset()
    ward.reset(7)
    rng, ended = np.random.default_rng(0), 0
    for _ in range(20):
        np.testing.assert_allclose(ward.normal(ward.seen), expected, atol=1e-4)
        actions = rng.integers(3, size=(16, 3))
        brought = ward.visit(actions)
        expected, rewards, done, infos = theirs.step(actions)
        np.testing.assert_allclose(ward.rewards.normal(brought.rewards), rewards, rtol=1e-5)
        np.testing.assert_array_equal(brought.ended, done)
        np.testing.assert_array_equal(brought.cut, [k for k in range(16) if infos[k].get("TimeLimit.truncated")])
        for row, last in zip(brought.cut, brought.last, strict=True):
            ended += 1
            np.testing.assert_allclose(ward.normal(last), infos[row]["terminal_observation"], atol=1e-4)
    assert ended > 0, "somebody's follow-up must end for this to prove anything"


def test_episodes_are_told_as_they_ended(toy):
    ward = Ward(toy(4), history=1, discount=1.0, costs=False)
    ward.reset(0)
    paid = np.sum([ward.visit(np.full((4, 3), 2)).rewards for _ in range(6)], axis=0)
    assert [episode.visits for episode in ward.episodes] == [6] * 4
    np.testing.assert_allclose([episode.total for episode in ward.episodes], paid)


def test_the_cost_of_who_has_ended_is_the_last_visits_own():
    infos = {"cost": np.array([1.0, 2.0]), "final_info": {"cost": np.array([0.0, 5.0])}}
    np.testing.assert_array_equal(costs_in(infos, np.array([False, True])), [1.0, 5.0])
    np.testing.assert_array_equal(costs_in({"cost": np.array([1.0, 2.0])}, np.zeros(2, dtype=bool)), [1.0, 2.0])


def test_a_mixture_tells_the_costs_of_each_disease(toy):
    class Costly(toy):
        def _infos(self):
            return super()._infos() | {"cost": self.ratio}

    parts, mixture = [Costly(4), Costly(4)], SeveralDiseasesEnv([Costly(4), Costly(4)])
    ward = Ward(mixture, history=1, discount=1.0, costs=True)
    ward.reset(3)
    alone = [Ward(part, history=1, discount=1.0, costs=True) for part in parts]
    for each in alone:
        each.reset(3)
    for _ in range(7):
        actions = np.zeros((8, 3), dtype=np.int64)
        expected = np.concatenate([each.visit(actions[:4]).costs for each in alone])
        np.testing.assert_array_equal(ward.visit(actions).costs, expected)
    assert expected.max() > 0


def test_another_reset_and_missing_costs_are_refused(toy):
    with pytest.raises(ValueError, match="autoreset_mode must be"):
        Ward(toy(2, mode=AutoresetMode.NEXT_STEP), history=1, discount=1.0, costs=False)
    with pytest.raises(ValueError, match="cost_limit needs an environment that tells"):
        Ward(toy(2), history=1, discount=1.0, costs=True).reset(0)
