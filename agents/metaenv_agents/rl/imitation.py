"""A beginning for PPO: play as a rule does, learn its doses and what they are worth, then improve by oneself.

A network that begins at random may settle on doses that no small change improves. One that begins as a good rule can
only be bettered, as the best on validation patients is kept and the copy is judged first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from metaenv_agents.policy import Array, BoolArray, FloatArray, Policy
from metaenv_agents.rl.learners.settings import Settings

MOST = 0.5  # share of all visits that may be played; guess
RANDOM = 0.1  # share of the entries of an action that are drawn at random; guess
EPOCHS = 20  # passes over what was seen; guess
BATCH = 256  # visits per gradient step; guess


class Pupil(Protocol):
    """What imitation asks of a model with dose levels that is set up to learn."""

    @property
    def levels(self) -> Array:
        """Number of levels of each entry of an action."""
        ...

    def seen(self) -> Array:
        """What the network is to see now, (patient, input), not normalised."""
        ...

    def treat(self, actions: Array) -> tuple[FloatArray, BoolArray]:
        """Play a visit, which counts: rewards, not normalised, and whose episode ended, (patient,) each."""
        ...

    def normal_inputs(self, seen: Array) -> FloatArray:
        """Normalised by all that was seen until now."""
        ...

    def normal_rewards(self, rewards: FloatArray) -> FloatArray:
        """Normalised by all that was seen until now."""
        ...

    def judge(self, inputs: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Values and log-likelihoods of actions, (visit,) each, of normalised inputs (visit, input)."""
        ...

    def parameters(self) -> Iterable[torch.nn.Parameter]:
        """Of the network."""
        ...


class Played(NamedTuple):
    """What was seen until everybody's episode ended once or more, or for as long as was allowed."""

    seen: Array  # (visit, patient, input), not normalised
    actions: Array  # (visit, patient, entry)
    rewards: FloatArray  # (visit, patient), not normalised
    ended: BoolArray  # (visit, patient) whose episode ended with this visit


def imitate(pupil: Pupil, teacher: Policy, settings: Settings, *, seed: int) -> None:
    """Teach a model, before its first update, the actions of a policy and their discounted return.

    The teacher plays with some of its entries drawn at random, so that the network also sees what follows other doses
    (as in Laskey2017, but that the network learns to try them: the drawn entries are labels too). What is played counts
    as visits, and is at most half of all. The end of the follow-up counts as an end, of which PPO thinks otherwise.

    Args:
        pupil: who learns.
        teacher: whom it imitates.
        settings: of the model.
        seed: of the random entries and of the order of learning.
    """
    rng = np.random.default_rng(seed)
    played = _play(pupil, teacher, settings, rng)
    returns, known = _returns(pupil.normal_rewards(played.rewards), played.ended, settings.gamma)
    seen = torch.as_tensor(_flat(pupil.normal_inputs(played.seen)), dtype=torch.float32)
    actions = torch.as_tensor(_flat(played.actions))
    targets, valued = torch.as_tensor(returns.ravel(), dtype=torch.float32), torch.as_tensor(known.ravel())
    parameters = list(pupil.parameters())
    optimiser = torch.optim.Adam(parameters, lr=settings.learning_rate)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.as_tensor(rng.permutation(len(seen))), BATCH):
            values, log_likelihood = pupil.judge(seen[rows], actions[rows])
            errors = (values - targets[rows])[valued[rows]]
            loss = 0.5 * errors.square().sum() / len(rows) - log_likelihood.mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()


def _play(pupil: Pupil, teacher: Policy, settings: Settings, rng: np.random.Generator) -> Played:
    memory: Any = None
    starts, never = (np.ones(settings.n_envs, dtype=np.bool_) for _ in range(2))
    visits: list[tuple[Array, Array, Array, Array]] = []
    most = max(1, int(MOST * settings.total_timesteps / settings.n_envs))
    while never.any() and len(visits) < most:
        seen = pupil.seen()
        width = seen.shape[1] // settings.history
        actions, memory = teacher.predict(seen[:, -width:], memory, starts, deterministic=True)
        drawn = rng.random(actions.shape) < RANDOM
        actions = np.where(drawn, rng.integers(pupil.levels, size=actions.shape), actions)
        rewards, starts = pupil.treat(actions)
        visits.append((seen, actions, rewards, starts))
        never &= ~starts
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
