"""Every learner alike: trains, resumes to the same bits, and acts in NumPy as in torch."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from metaenv_agents.rl.checkpoint import CheckpointFolder, CheckpointMismatchError
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.off_policy import OffPolicySettings
from metaenv_agents.rl.learners.sb3_learner import SB3Learner
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.sb3_state import wrappers_of
from metaenv_agents.rl.sb3_training import trained_policy
from metaenv_agents.rl.train import train
from metaenv_agents.rl.vec_env import VectorBridge

DRUGS = ("abiraterone", "docetaxel")
SMALL = {
    "total_timesteps": 6 * 64,
    "n_envs": 8,
    "batch_size": 32,
    "net_arch": (8,),
    "history": 2,
    "checkpoint_every": 1,
}
OWN = {"n_steps": 8, "n_epochs": 2, "lstm_hidden_size": 5, "n_quantiles": 6}  # of some learners
OWN |= {"train_freq": 8, "learning_starts": 64, "buffer_size": 256, "gradient_steps": 4}

OF_SB3 = [name for name, learner in LEARNERS.items() if isinstance(learner, SB3Learner)]
OFF_POLICY = [name for name, learner in LEARNERS.items() if issubclass(learner.settings, OffPolicySettings)]


def small(algo, **changes):
    kind = LEARNERS[algo].settings
    fields = kind.__dataclass_fields__
    return kind(**{name: value for name, value in (SMALL | OWN | changes).items() if name in fields})


def ward(toy, settings, patients=8):
    return toy(patients, action="continuous" if settings.actions == "continuous" else "levels")


def bridge(toy, settings):
    unit, choices = settings.actions == "continuous", settings.actions == "choices"
    return VectorBridge(ward(toy, settings), history=settings.history, unit_actions=unit, choices=choices)


@pytest.fixture(autouse=True)
def masks(toy, monkeypatch):
    """The toy patients may be given anything but a second procedure in a row."""
    allowed = np.ones((8, 9), dtype=bool)
    allowed[:, -1] = False
    monkeypatch.setattr(toy, "action_masks", lambda self: allowed[: self.num_envs], raising=False)


@pytest.mark.parametrize("algo", LEARNERS)
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(toy, tmp_path, algo):
    settings = small(algo)
    through = train(ward(toy, settings), settings, seed=4)
    folder = CheckpointFolder(path=tmp_path)
    stop = {"checkpoints": folder, "on_update": lambda progress: progress.updates < 3}
    assert not train(ward(toy, settings), settings, seed=4, **stop).finished
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002
    torch.manual_seed(99)
    resumed = train(ward(toy, settings), settings, seed=4, checkpoints=folder, resume=True)
    assert resumed.finished and resumed.last.to_bytes() == through.last.to_bytes()
    assert train(ward(toy, settings), settings, seed=5).last.to_bytes() != through.last.to_bytes()


@pytest.mark.parametrize("algo", OFF_POLICY)
def test_stopped_while_it_still_draws_its_doses_at_random_it_resumes_to_the_same_bits(toy, tmp_path, algo):
    settings = small(algo, learning_starts=3 * 64)
    through = train(ward(toy, settings), settings, seed=4)
    folder = CheckpointFolder(path=tmp_path)
    train(ward(toy, settings), settings, seed=4, checkpoints=folder, on_update=lambda progress: False)
    resumed = train(ward(toy, settings), settings, seed=4, checkpoints=folder, resume=True)
    assert resumed.finished and resumed.last.to_bytes() == through.last.to_bytes()


@pytest.mark.parametrize("algo", OF_SB3)
def test_numbers_alone_act_as_the_network_does(toy, see, algo):
    settings = small(algo)
    torch.manual_seed(0)
    model = LEARNERS[settings.algo].new_algorithm(bridge(toy, settings), settings, 0).learn(256)
    policy = trained_policy(model, LEARNERS[settings.algo].actor(model), settings.history, DRUGS)
    policy = TrainedPolicy.from_bytes(policy.to_bytes())
    normalise, told = wrappers_of(model)
    state, memory, starts = None, None, np.ones(50, dtype=bool)
    seen = told.history.empty(50)
    generator, given = np.random.default_rng(0), []
    for _ in range(5):
        observations = see(generator.uniform(0, 3, 50))
        actions, memory = policy.predict(observations, memory, starts)
        seen = told.history.push(seen, observations, starts)
        expected, state = model.predict(normalise.normalize_obs(seen), state, starts, deterministic=True)
        if settings.actions == "continuous":
            expected = policy.low + (expected + 1) / 2 * (policy.high - policy.low)
        if settings.actions == "choices":
            expected = told.choices[expected]
        np.testing.assert_allclose(actions, expected, atol=1e-4)
        starts = generator.uniform(size=50) < 0.2
        given.append(actions)
    assert all(toy(1, action=policy.action).single_action_space.contains(row) for row in np.concatenate(given))


@pytest.mark.parametrize("algo", OF_SB3)
def test_settings_reach_the_model_under_their_own_names(toy, algo):
    settings = small(algo, gamma=0.9, gae_lambda=0.7, ent_coef=0.03, tau=0.01, exploration_final_eps=0.4)
    model = LEARNERS[algo].new_algorithm(bridge(toy, settings), settings, 0)
    names = {"gamma", "batch_size", "n_steps", "n_epochs", "gae_lambda", "ent_coef", "max_grad_norm", "buffer_size"}
    names |= {"learning_starts", "gradient_steps", "tau", "target_update_interval", "exploration_final_eps"}
    names |= {"top_quantiles_to_drop_per_net"}
    held = names & settings.__dataclass_fields__.keys()
    assert {name: getattr(model, name) for name in held} == {name: getattr(settings, name) for name in held}
    assert model.env.num_envs == settings.n_envs and model.policy_kwargs["net_arch"] == [8]
    assert model.learning_rate(1.0) == settings.learning_rate
    assert model.learning_rate(0.0) == pytest.approx(settings.final_learning_rate)


def test_resuming_with_another_algorithm_is_refused(toy, tmp_path):
    settings = small("ppo")
    folder = CheckpointFolder(path=tmp_path)
    train(toy(8), settings, seed=0, checkpoints=folder, on_update=lambda progress: False)
    with pytest.raises(CheckpointMismatchError, match="got algo ppo -> maskable_ppo"):
        train(toy(8), small("maskable_ppo"), seed=0, checkpoints=folder, resume=True)


@pytest.mark.parametrize(("algo", "action"), [("sac", "levels"), ("dqn", "continuous")])
def test_an_environment_of_other_doses_is_refused(toy, algo, action):
    with pytest.raises(ValueError, match=f"{algo} needs an environment of"):
        train(toy(8, action=action), small(algo), seed=0)


def test_masked_actions_are_never_tried(toy):
    settings = small("maskable_ppo")
    tried = []
    env = toy(8)
    step = env.step
    env.step = lambda actions: (tried.append(np.array(actions)), step(actions))[1]
    train(env, settings, seed=0)
    assert {int(each) for each in np.concatenate(tried)[:, 2]} == {0, 1}


def test_choices_are_every_combination_of_levels_once(toy):
    table = bridge(toy, small("dqn")).choices
    assert len({tuple(row) for row in table}) == len(table) == 27
    assert all(toy(1).single_action_space.contains(row) for row in table)


def test_what_an_lstm_remembers_changes_what_is_given_and_ends_with_the_patient(toy, see):
    settings = small("recurrent_ppo", history=1)
    torch.manual_seed(0)
    model = LEARNERS[settings.algo].new_algorithm(bridge(toy, settings), settings, 0).learn(64)
    policy = trained_policy(model, LEARNERS[settings.algo].actor(model), settings.history, DRUGS)
    policy = replace(policy, weights=tuple(100 * weight for weight in policy.weights))
    _, memory = policy.predict(see([0.3, 0.3]), None, np.array([True, True]))
    _, memory = policy.predict(see([2.5, 2.5]), memory, np.array([False, True]))
    first, second = memory[:, len(policy.mean) :]
    assert not np.allclose(first, second)
    np.testing.assert_allclose(second, policy.predict(see([2.5]))[1][0, len(policy.mean) :], rtol=1e-12)


@pytest.mark.parametrize(
    ("algo", "wrong"),
    [
        ("sac", {"tau": 0.0}),
        ("sac", {"buffer_size": 3}),
        ("tqc", {"top_quantiles_to_drop_per_net": 25}),
        ("dqn", {"exploration_final_eps": 2.0}),
        ("dqn", {"learning_starts": -1}),
        ("sac", {"learning_starts": 1_000_000}),
        ("qr_dqn", {"n_quantiles": 0}),
        ("recurrent_ppo", {"lstm_hidden_size": 0}),
    ],
)
def test_a_setting_out_of_range_is_refused(algo, wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        LEARNERS[algo].settings(**wrong)
