"""What learners share that keep the visits they played: few of them at a time, many gradient steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners.search_space import Values, suggest_common, suggest_history
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rules.search_space import Trial


@dataclass(frozen=True, kw_only=True)
class OffPolicySettings(Settings):
    """Hyperparameters of learning from a buffer of visits."""

    train_freq: int = 4  # visits per patient between two updates
    batch_size: int = 512  # visits per gradient step
    learning_rate: float = 3e-4  # Adam, at the start
    history: int = 4  # visits the network sees side by side; each is stored as often
    gamma: float = 0.997  # discount per visit
    gradient_steps: int = 32  # per update
    buffer_size: int = 300_000  # visits remembered
    learning_starts: int = 20_000  # visits of random doses before anything is learned
    evaluate_every: int = 100  # updates
    checkpoint_every: int = 200  # updates; each writes the buffer

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("train_freq", "gradient_steps")
        allowed = f"in 0 … {self.total_timesteps - 1}, fewer than all visits"
        self.require("learning_starts", 0 <= self.learning_starts < self.total_timesteps, allowed)
        allowed = f">= {self.visits_per_update}, one update"
        self.require("buffer_size", self.buffer_size >= self.visits_per_update, allowed)

    @property
    def visits_per_update(self) -> int:
        """See `Settings.visits_per_update`."""
        return self.n_envs * self.train_freq


def play(model: Any, callback: Any) -> None:
    """Play some visits, at random while nothing is learned yet."""
    model.collect_rollouts(
        model.env, callback, model.train_freq, model.replay_buffer, learning_starts=model.learning_starts
    )


def learn(model: Any) -> None:
    """Learn from the buffer, once there is enough in it."""
    if model.num_timesteps > model.learning_starts:
        model.train(batch_size=model.batch_size, gradient_steps=model.gradient_steps)


def suggest_off_policy(trial: Trial) -> Values:
    """What is tuned of all of them."""
    steps = trial.suggest_categorical("gradient_steps", [8, 16, 32, 64])
    return suggest_common(trial) | suggest_history(trial) | {"gradient_steps": steps}
