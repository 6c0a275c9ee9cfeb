"""Deep Q-learning of quantiles of the return (Dabney2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners.actor import Actor, copied
from metaenv_agents.rl.learners.dqn import DQNSettings, search_space
from metaenv_agents.rl.learners.off_policy import learn, play
from metaenv_agents.rl.learners.sb3_learner import SB3Learner


@dataclass(frozen=True, kw_only=True)
class QRDQNSettings(DQNSettings):
    """Deep Q-learning's and those of the quantiles."""

    algo = "qr_dqn"

    n_quantiles: int = 50

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_quantiles")


def actor(model: Any) -> Actor:
    """Layers of the network with the mean over quantiles put into the last: an action's value is linear in it."""
    weights, biases, *_ = copied(model.policy.quantile_net.quantile_net)
    quantiles, (last, bias) = model.policy.n_quantiles, (weights[-1], biases[-1])
    mean = last.reshape(quantiles, -1, last.shape[1]).mean(axis=0)
    return Actor((*weights[:-1], mean), (*biases[:-1], bias.reshape(quantiles, -1).mean(axis=0)))


QR_DQN = SB3Learner(
    settings=QRDQNSettings,
    algorithm="sb3_contrib.QRDQN",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
)
