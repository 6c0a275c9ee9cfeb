"""PPO in plain torch: advantages by hand, the end of the follow-up, limits of cost, the same bits on any threads."""

import subprocess
import sys
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from metaenv_agents.rl import ppo
from metaenv_agents.rl.checkpoint import CheckpointFolder, CheckpointMismatchError
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.learners.sb3_ppo import SB3PPOSettings
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.ppo import PPOModel, estimated_advantages
from metaenv_agents.rl.train import train

SETTINGS = PPOSettings(
    total_timesteps=6 * 64,
    n_envs=8,
    n_steps=8,
    batch_size=32,
    n_epochs=2,
    net_arch=(8, 6),
    history=2,
    checkpoint_every=1,
)
BANDIT = PPOSettings(
    total_timesteps=120 * 256,
    n_envs=64,
    n_steps=4,
    batch_size=256,
    n_epochs=4,
    net_arch=(4,),
    history=1,
    learning_rate=2e-2,
    final_learning_rate=2e-3,
    ent_coef=0.05,
)


SHORT = replace(BANDIT, total_timesteps=50 * 256, ent_coef=0.0)
OWN = {"cost_limit", "multiplier_learning_rate"}  # settings that Stable-Baselines3's has not


class Bandit(gym.vector.VectorEnv):
    """Episodes of one visit: the second arm pays 1 and costs 1, the first neither; the end is death or a cut."""

    def __init__(self, num_envs, *, cut=False):
        self.num_envs, self.cut = num_envs, cut
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space = gym.spaces.Box(0.0, 1.0, (1,), np.float32)
        self.single_action_space = gym.spaces.MultiDiscrete([2])

    def reset(self, *, seed=None, options=None):
        return np.ones((self.num_envs, 1), np.float32), {"cost": np.zeros(self.num_envs)}

    def step(self, actions):
        paid, over = actions[:, 0].astype(np.float64), np.ones(self.num_envs, dtype=bool)
        observations, infos = self.reset()
        infos |= {"final_obs": np.array([*observations, None], dtype=object)[:-1], "final_info": {"cost": paid}}
        return observations, paid, over & (not self.cut), over & self.cut, infos


def played(env, settings=SETTINGS, seed=0):
    model = PPOModel.begin(env, settings, seed)
    model.play()
    return model


def share_of_the_costly_arm(settings):
    """Of the last updates, whose noise is averaged out; and what the updates told."""
    model, shares, told = PPOModel.begin(Bandit(settings.n_envs), settings, 0), [], []
    while model.steps < settings.total_timesteps:
        model.play()
        shares.append(torch.cat(model.rollout.actions).double().mean().item())
        told.append(model.learn())
    return np.mean(shares[-25:]), told


# Advantages


def test_advantages_are_those_by_hand():
    rewards, values = np.array([[1.0], [2.0], [4.0]]), np.array([[0.5], [1.0], [1.5]])
    following, ended = np.array([[1.0], [0.0], [3.0]]), np.array([[False], [True], [False]])
    found = estimated_advantages(rewards, values, following, ended, gamma=0.5, gae_lambda=0.5)
    last = 4.0 + 0.5 * 3.0 - 1.5
    death = 2.0 - 1.0  # nothing follows, and nothing of the next patient flows back
    first = 1.0 + 0.5 * 1.0 - 0.5 + 0.25 * death
    np.testing.assert_allclose(found[:, 0], [first, death, last])


def test_with_a_lambda_of_1_advantages_are_returns_less_values():
    rng = np.random.default_rng(0)
    rewards, values = rng.normal(size=(5, 3)), rng.normal(size=(6, 3))
    found = estimated_advantages(
        rewards, values[:-1], values[1:], np.zeros((5, 3), dtype=bool), gamma=0.9, gae_lambda=1.0
    )
    discounts = 0.9 ** np.arange(6)
    returns = [discounts[: 5 - k] @ rewards[k:] + discounts[5 - k] * values[-1] for k in range(5)]
    np.testing.assert_allclose(found, returns - values[:-1])


def test_the_end_of_the_follow_up_is_valued_by_what_was_seen_last_and_death_by_nothing(toy):
    model = played(toy(8))
    with ppo.ThreadPoolExecutor(1) as pool:
        inputs = torch.from_numpy(model.rollout.inputs.reshape(64, -1))
        values = model._values(inputs, pool).reshape(1, 8, 8)
        following = model._following(values, pool)[0]
    cut = np.zeros((8, 8), dtype=bool)
    for visit, rows, last in model.rollout.cut:
        cut[visit, rows] = True
        with torch.no_grad():
            expected = model.network.critics[0](torch.from_numpy(last))[:, 0]
        np.testing.assert_allclose(following[visit, rows], expected, atol=1e-6)
    died = model.rollout.ended & ~cut
    assert cut.any() and died.any(), "both must happen for this to prove anything"
    assert not following[died].any()
    on = ~model.rollout.ended[:-1]
    np.testing.assert_array_equal(following[:-1][on], values[0, 1:][on])


@pytest.mark.parametrize(("cut", "worth"), [(False, 1.0), (True, 2.0)])
def test_what_is_cut_off_is_worth_what_would_have_come_and_what_dies_is_not(cut, worth):
    settings = replace(BANDIT, total_timesteps=60 * 256, gamma=0.5, gae_lambda=1.0)
    model = PPOModel.begin(Bandit(64, cut=cut), settings, 0)
    while model.steps < settings.total_timesteps:
        model.play()
        model.learn()
    inputs = torch.from_numpy(model.ward.normal(model.ward.seen[:1]))
    value = model.network.critics[0](inputs).item() * float(model.ward.rewards.moments.scale)
    assert value == pytest.approx(worth, rel=0.2)  # 1 at every visit, discounted by a half


# What is learned from


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_what_was_drawn_is_judged_as_likely_as_when_it_was_drawn(toy, action):
    model = played(toy(8, action=action))
    with torch.no_grad(), ppo.ThreadPoolExecutor(1) as pool:
        lessons, _ = model._lessons(pool)
        again, _ = model.network.choice.judge(model.network.actor(lessons.inputs), lessons.actions)
    torch.testing.assert_close(again, lessons.log_likelihoods, atol=1e-5, rtol=1e-5)


def test_the_bits_do_not_depend_on_the_number_of_threads(toy, monkeypatch):
    monkeypatch.setattr(ppo, "PART", 8)  # so that a batch has four parts
    one, two, three = (train(toy(8), replace(SETTINGS, torch_threads=count), seed=1).last for count in (1, 2, 3))
    assert one.to_bytes() == two.to_bytes() == three.to_bytes()


def test_a_batch_in_parts_has_the_gradient_of_the_whole(toy, monkeypatch):
    whole = train(toy(8), replace(SETTINGS, total_timesteps=64), seed=1).last
    monkeypatch.setattr(ppo, "PART", 8)
    parts = train(toy(8), replace(SETTINGS, total_timesteps=64), seed=1).last
    for one, other in zip(whole.weights, parts.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_an_update_stops_where_the_policy_has_moved_too_far(toy):
    model = played(toy(8), replace(SETTINGS, target_kl=1e-9, n_epochs=50))
    before = [parameter.detach().clone() for parameter in model.network.trained]
    told = model.learn()
    after = [parameter.detach() for parameter in model.network.trained]
    moved = max(float((one - two).abs().max()) for one, two in zip(before, after, strict=True))
    assert 0.0 < moved <= 2 * SETTINGS.learning_rate, "one step of Adam, or two"
    assert told["train/approx_kl"] > 0.0


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_numbers_alone_act_as_the_network_does(toy, see, action):
    model = played(toy(8, action=action))
    with torch.no_grad():
        model.network.actor.parts[-1][0].mul_(300.0)  # away from ties, and into the bounds
    policy = TrainedPolicy.from_bytes(model.policy(("abiraterone", "docetaxel")).to_bytes())
    memory, seen, starts = None, model.ward.history.empty(50), np.ones(50, dtype=bool)
    rng = np.random.default_rng(0)
    for _ in range(3):
        observations = see(rng.uniform(0.0, 3.0, 50))
        actions, memory = policy.predict(observations, memory, starts)
        seen = model.ward.history.push(seen, observations, starts)
        output = model.network.actor(torch.from_numpy(model.ward.normal(seen))).detach()
        choice = model.network.choice
        expected = output.view(50, 3, 3).argmax(dim=2) if action == "levels" else choice.given(output.numpy())
        np.testing.assert_allclose(actions, expected, atol=1e-4)
        starts = rng.uniform(size=50) < 0.3
    assert len(np.unique(actions, axis=0)) > 1


def test_it_and_that_of_stable_baselines3_leave_policies_of_one_form(toy, see):
    theirs = SB3PPOSettings(**{name: value for name, value in vars(SETTINGS).items() if name not in OWN})
    ours, other = (train(toy(8), settings, seed=0).last for settings in (SETTINGS, theirs))
    assert ours.parts()[0] == other.parts()[0]
    shapes = [
        {name: array.shape for name, array in each.parts()[1].items() if name != "choices"} for each in (ours, other)
    ]
    assert shapes[0] == shapes[1]
    assert ours.predict(see([0.5]))[0].shape == other.predict(see([0.5]))[0].shape


def test_it_needs_no_stable_baselines3():
    code = "import sys, metaenv_agents.rl.train, metaenv_agents.rl.ppo; print('stable_baselines3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_checkpoint_of_another_learner_is_refused(toy):
    with pytest.raises(CheckpointMismatchError, match=r"must hold network.pt, got \['model.zip'\]"):
        PPOModel.thaw({"model.zip": b""}, toy(8), SETTINGS)


# A limit of cost


def test_without_a_limit_the_arm_that_pays_is_taken_whatever_it_costs():
    share, told = share_of_the_costly_arm(SHORT)
    assert share > 0.95 and "train/multiplier" not in told[-1]


@pytest.mark.parametrize("limit", [0.2, 0.6])
def test_the_multiplier_brings_the_mean_cost_to_the_limit(limit):
    share, told = share_of_the_costly_arm(replace(BANDIT, cost_limit=limit))
    assert share == pytest.approx(limit, abs=0.1)
    assert told[-1]["train/mean_cost"] == pytest.approx(limit, abs=0.25)
    assert told[-1]["train/multiplier"] == pytest.approx(1.0, abs=0.5)  # where a unit of cost is worth one of reward


def test_a_limit_that_nobody_reaches_changes_nothing():
    share, told = share_of_the_costly_arm(replace(SHORT, cost_limit=2.0))
    assert share > 0.95 and all(each["train/multiplier"] == 0.0 for each in told)


def test_within_a_limit_too_stopped_and_resumed_equals_uninterrupted_bit_for_bit(toy, tmp_path):
    class Costly(toy):
        def _infos(self):
            return super()._infos() | {"cost": self.ratio}

    settings, told = replace(SETTINGS, cost_limit=0.5, torch_threads=1), []
    through = train(Costly(8), settings, seed=4, on_update=told.append)
    assert told[-1].losses["train/multiplier"] > 0.0
    folder = CheckpointFolder(path=tmp_path)
    train(Costly(8), settings, seed=4, checkpoints=folder, on_update=lambda progress: progress.updates < 3)
    resumed = train(Costly(8), settings, seed=4, checkpoints=folder, resume=True)
    assert resumed.finished and resumed.last.to_bytes() == through.last.to_bytes()
