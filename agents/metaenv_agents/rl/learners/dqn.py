"""Deep Q-learning (Mnih2015): every combination of levels is one action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners.actor import Actor, copied
from metaenv_agents.rl.learners.off_policy import OffPolicySettings, learn, play, suggest_off_policy
from metaenv_agents.rl.learners.sb3_learner import SB3Learner
from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rules.search_space import Trial


@dataclass(frozen=True, kw_only=True)
class DQNSettings(OffPolicySettings):
    """Deep Q-learning's."""

    algo = "dqn"
    actions = "choices"

    target_update_interval: int = 20_000  # visits between two copies to the target network
    exploration_final_eps: float = 0.02  # share of random actions at the end
    exploration_fraction: float = 0.3  # share of all visits over which it falls from 1
    max_grad_norm: float = 10.0  # norm at which gradients are cut

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("target_update_interval")
        self.require("exploration_final_eps", 0 <= self.exploration_final_eps <= 1, "in [0, 1]")
        self.require("exploration_fraction", 0 < self.exploration_fraction <= 1, "in (0, 1]")
        self.require("max_grad_norm", self.max_grad_norm > 0, "> 0")


def actor(model: Any) -> Actor:
    """Layers of the network, whose output is the value of each combination of levels."""
    return copied(model.policy.q_net.q_net)


def search_space(trial: Trial) -> Values:
    """What is tuned."""
    return suggest_off_policy(trial) | {
        "target_update_interval": trial.suggest_categorical("target_update_interval", [5_000, 20_000, 50_000]),
        "exploration_final_eps": trial.suggest_categorical("exploration_final_eps", [0.01, 0.02, 0.05]),
    }


DQN = SB3Learner(
    settings=DQNSettings,
    algorithm="stable_baselines3.DQN",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
)
