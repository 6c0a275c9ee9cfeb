"""A beginning for PPO: play as a rule does, learn its doses and what they are worth, then improve by oneself.

A network that begins at random may settle on doses that no small change improves. One that begins as a good rule can
only be bettered, as the best on validation patients is kept and the copy is judged first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from metaenv_agents.policy import Array, BoolArray, FloatArray, Policy
from metaenv_agents.rl.learners.settings import Settings

MOST = 0.5  # share of all visits that may be played; guess
RANDOM = 0.1  # share of the entries of an action that are drawn at random; guess
EPOCHS = 20  # passes over what was seen; guess
BATCH = 256  # visits per gradient step; guess


class Played(NamedTuple):
    """What was seen until everybody's episode ended once or more, or for as long as was allowed."""

    seen: Array  # (visit, patient, input), not normalised
    actions: Array  # (visit, patient, entry)
    rewards: FloatArray  # (visit, patient), not normalised
    ended: BoolArray  # (visit, patient) whose episode ended with this visit


def imitate(model: Any, teacher: Policy, settings: Settings, *, seed: int) -> None:
    """Teach a model, before its first update, the actions of a policy and their discounted return.

    The teacher plays with some of its entries drawn at random, so that the network also sees what follows other doses
    (as in Laskey2017, but that the network learns to try them: the drawn entries are labels too). What is played counts
    as visits, and is at most half of all. The end of the follow-up counts as an end, of which PPO thinks otherwise.

    Args:
        model: of PPO, with dose levels, set up to learn.
        teacher: whom it imitates.
        settings: of the model.
        seed: of the random entries and of the order of learning.
    """
    rng = np.random.default_rng(seed)
    played = _play(model, teacher, settings, rng)
    torch.set_num_threads(settings.torch_threads)
    returns, known = _returns(model.env.normalize_reward(played.rewards), played.ended, settings.gamma)
    seen = torch.as_tensor(_flat(model.env.normalize_obs(played.seen)), dtype=torch.float32)
    actions = torch.as_tensor(_flat(played.actions))
    targets, valued = torch.as_tensor(returns.ravel(), dtype=torch.float32), torch.as_tensor(known.ravel())
    optimiser = torch.optim.Adam(model.policy.parameters(), lr=settings.learning_rate)
    model.policy.set_training_mode(True)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.as_tensor(rng.permutation(len(seen))), BATCH):
            values, log_likelihood, _ = model.policy.evaluate_actions(seen[rows], actions[rows])
            errors = (values.flatten() - targets[rows])[valued[rows]]
            loss = 0.5 * errors.square().sum() / len(rows) - log_likelihood.mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.policy.parameters(), 1.0)
            optimiser.step()


def _play(model: Any, teacher: Policy, settings: Settings, rng: np.random.Generator) -> Played:
    env, levels = model.env, np.asarray(model.action_space.nvec)
    width = env.observation_space.shape[0] // settings.history
    memory, starts = None, np.ones(env.num_envs, dtype=np.bool_)
    never = np.ones(env.num_envs, dtype=np.bool_)
    visits: list[tuple[Array, Array, Array, Array]] = []
    most = max(1, int(MOST * settings.total_timesteps / env.num_envs))
    while never.any() and len(visits) < most:
        seen = env.get_original_obs()
        actions, memory = teacher.predict(seen[:, -width:], memory, starts, deterministic=True)
        drawn = rng.random(actions.shape) < RANDOM
        actions = np.where(drawn, rng.integers(levels, size=actions.shape), actions)
        model._last_obs, _, starts, infos = env.step(actions)
        model._update_info_buffer(infos, starts)
        visits.append((seen, actions, env.get_original_reward(), starts))
        never &= ~starts
    model._last_episode_starts = starts
    model.num_timesteps += len(visits) * env.num_envs
    return Played(*map(np.stack, zip(*visits, strict=True)))


def _flat(values: Array) -> Array:
    """Visits and patients in one row."""
    return values.reshape(-1, values.shape[-1])


def _returns(rewards: FloatArray, ended: BoolArray, discount: float) -> tuple[FloatArray, BoolArray]:
    """Discounted return from each visit on, (visit, patient), and where it is known: where the episode ended."""
    returns = np.zeros_like(rewards)
    known = np.zeros(ended.shape, dtype=np.bool_)
    after, ends = np.zeros(rewards.shape[1]), np.zeros(rewards.shape[1], dtype=np.bool_)
    for visit in reversed(range(len(rewards))):
        after = rewards[visit] + discount * np.where(ended[visit], 0.0, after)
        ends |= ended[visit]
        returns[visit], known[visit] = after, ends
    return returns, known
