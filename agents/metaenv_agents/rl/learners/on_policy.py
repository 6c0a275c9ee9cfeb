"""What learners share that learn from the visits just played and forget them: PPO (Schulman2017) and its kin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners.actor import Actor, copied
from metaenv_agents.rl.learners.search_space import Values, suggest_common, suggest_history
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rules.search_space import Trial


@dataclass(frozen=True, kw_only=True)
class OnPolicySettings(Settings):
    """PPO's hyperparameters: many patients, large batches."""

    actions = "levels"  # or doses, where the environment has them

    n_steps: int = 64  # visits per patient between two updates
    n_epochs: int = 5  # passes over the visits of one update
    gae_lambda: float = 0.95
    clip_range: float = 0.2  # of the probability ratio
    ent_coef: float = 0.002  # weight of the entropy bonus
    vf_coef: float = 0.5  # weight of the critic's loss
    max_grad_norm: float = 0.5  # norm at which gradients are cut
    target_kl: float | None = None  # an update stops above 1.5 times this

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_steps", "n_epochs")
        for name in ("clip_range", "max_grad_norm"):
            self.require(name, getattr(self, name) > 0, "> 0")
        self.require("gae_lambda", 0 < self.gae_lambda <= 1, "in (0, 1]")
        for name in ("ent_coef", "vf_coef"):
            self.require(name, getattr(self, name) >= 0, ">= 0")
        visits = self.visits_per_update
        self.require("batch_size", visits % self.batch_size == 0, f"a divisor of {visits}")

    @property
    def visits_per_update(self) -> int:
        """See `Settings.visits_per_update`."""
        return self.n_envs * self.n_steps


def suggest_on_policy(trial: Trial) -> Values:
    """What is tuned with or without an LSTM."""
    return suggest_common(trial) | {
        "ent_coef": trial.suggest_float("ent_coef", 1e-4, 2e-2, log=True),
        "gae_lambda": trial.suggest_categorical("gae_lambda", [0.8, 0.9, 0.95, 0.98]),
        "n_epochs": trial.suggest_int("n_epochs", 2, 10),
        "clip_range": trial.suggest_categorical("clip_range", [0.1, 0.2, 0.3]),
    }


def search_space(trial: Trial) -> Values:
    """What is tuned where the memory is the last visits side by side."""
    return suggest_on_policy(trial) | suggest_history(trial)


# Of Stable-Baselines3's algorithms


def actor(model: Any) -> Actor:
    """Layers of the actor, whose output are the logits of levels or the means of doses."""
    network = model.policy
    return copied([*network.mlp_extractor.policy_net, network.action_net])


def play(model: Any, callback: Any) -> None:
    """Fill the buffer."""
    model.collect_rollouts(model.env, callback, model.rollout_buffer, model.n_steps)


def learn(model: Any) -> None:
    """Learn from the buffer."""
    model._update_current_progress_remaining(model.num_timesteps, model._total_timesteps)
    model.train()
