"""An algorithm of Stable-Baselines3 or its contrib package as a learner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from metaenv_agents.rl.learners.actor import Actor
from metaenv_agents.rl.learners.learner import Learner
from metaenv_agents.rl.learners.model import EPISODES_IN_MEAN
from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rl.learners.settings import Settings

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from metaenv_agents.rl.vec_env import VectorBridge

NO_ARGUMENTS = {"total_timesteps", "n_envs", "final_learning_rate", "history"}  # settings that no model takes
NO_ARGUMENTS |= {"torch_threads", "evaluate_every", "checkpoint_every"}
OF_NETWORK = {"net_arch", "log_std_init", "lstm_hidden_size", "n_quantiles"}  # what the network of a model takes


def model_arguments(settings: Settings) -> Values:
    """Settings as Stable-Baselines3's models take them: the names are the same, those of the network apart."""
    from stable_baselines3.common.utils import LinearSchedule
    from torch import nn

    values = {field.name: getattr(settings, field.name) for field in fields(settings) if field.name not in NO_ARGUMENTS}
    network = {name: values.pop(name) for name in OF_NETWORK & values.keys()}
    network |= {"net_arch": list(settings.net_arch), "activation_fn": nn.Tanh}
    values["learning_rate"] = LinearSchedule(settings.learning_rate, settings.final_learning_rate, 1.0)
    return values | {"stats_window_size": EPISODES_IN_MEAN, "policy_kwargs": network}


@dataclass(frozen=True, kw_only=True)
class SB3Learner(Learner):
    """A class of Stable-Baselines3, and what differs between its algorithms."""

    model: str = "metaenv_agents.rl.sb3_training:SB3Training"
    algorithm: str  # its class, such as "stable_baselines3.PPO"; imported where it is needed, as it brings torch
    network: str = "MlpPolicy"  # Stable-Baselines3's name of it
    arguments: Callable[[Any], Values] = model_arguments  # settings -> arguments of the algorithm
    actor: Callable[[Any], Actor]  # copies what acts out of the network, which may go on learning
    play: Callable[[Any, Any], None]  # lets the algorithm treat until its next update; the second is a callback
    learn: Callable[[Any], None]  # updates the algorithm once

    @property
    def algorithm_class(self) -> type[BaseAlgorithm]:
        """The class of the algorithm."""
        module, name = self.algorithm.split(".")
        found: type[BaseAlgorithm] = getattr(import_module(module), name)
        return found

    def new_algorithm(self, bridge: VectorBridge, settings: Settings, seed: int) -> Any:
        """Make an untrained one with normalised observations and rewards."""
        from stable_baselines3.common.vec_env import VecNormalize

        made: Any = self.algorithm_class
        env = VecNormalize(bridge, gamma=settings.gamma)
        return made(self.network, env, seed=seed, device="cpu", **self.arguments(settings))
