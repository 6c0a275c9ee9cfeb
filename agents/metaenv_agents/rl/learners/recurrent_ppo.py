"""PPO with an LSTM in the actor and one in the critic: memory that the network shapes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners import on_policy
from metaenv_agents.rl.learners.actor import Actor, array
from metaenv_agents.rl.learners.on_policy import learn, play, suggest_on_policy
from metaenv_agents.rl.learners.sb3_learner import SB3Learner
from metaenv_agents.rl.learners.sb3_ppo import SB3PPOSettings
from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rules.search_space import Trial

WIDTHS = {"64": (64,), "128": (128,), "64 64": (64, 64)}  # behind the LSTM


@dataclass(frozen=True, kw_only=True)
class RecurrentPPOSettings(SB3PPOSettings):
    """PPO's and those of the LSTM."""

    algo = "recurrent_ppo"

    net_arch: tuple[int, ...] = (64,)  # tanh units per layer, behind the LSTM
    history: int = 1  # visits side by side
    lstm_hidden_size: int = 64  # units of each LSTM

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("lstm_hidden_size")


def actor(model: Any) -> Actor:
    """The LSTM and the layers behind it."""
    lstm = model.policy.lstm_actor
    biases = array(lstm.bias_ih_l0) + array(lstm.bias_hh_l0)
    return on_policy.actor(model)._replace(lstm=(array(lstm.weight_ih_l0), array(lstm.weight_hh_l0), biases))


def search_space(trial: Trial) -> Values:
    """As PPO's, with units of the LSTM instead of visits side by side."""
    return suggest_on_policy(trial) | {
        "net_arch": WIDTHS[trial.suggest_categorical("net_arch", list(WIDTHS))],
        "lstm_hidden_size": trial.suggest_categorical("lstm_hidden_size", [32, 64, 128]),
    }


RECURRENT_PPO = SB3Learner(
    settings=RecurrentPPOSettings,
    algorithm="sb3_contrib.RecurrentPPO",
    network="MlpLstmPolicy",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
)
