"""What a learner is: its settings, its model of Stable-Baselines3, what of it acts, and what of it may be tuned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import TYPE_CHECKING, Any

from metaenv_agents.rl.learners.actor import Actor
from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rules.search_space import Trial

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from metaenv_agents.rl.vec_env import VectorBridge

NO_ARGUMENTS = {"total_timesteps", "n_envs", "final_learning_rate", "history"}  # settings that no model takes
NO_ARGUMENTS |= {"torch_threads", "evaluate_every", "checkpoint_every"}
OF_NETWORK = {"net_arch", "log_std_init", "lstm_hidden_size", "n_quantiles"}  # what the network of a model takes
EPISODES_IN_MEAN = 1_000


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
class Learner:
    """An algorithm of Stable-Baselines3 or its contrib package, and how it is used here."""

    settings: type[Settings]  # whose defaults are the learner's
    model: str  # its class, such as "stable_baselines3.PPO"; imported where it is needed, as it brings torch
    policy: str = "MlpPolicy"  # Stable-Baselines3's name of the network
    arguments: Callable[[Any], Values] = model_arguments  # settings -> arguments of the model
    actor: Callable[[Any], Actor]  # copies what acts out of the network, which may go on learning
    play: Callable[[Any, Any], None]  # lets a model treat until its next update; the second is a callback
    learn: Callable[[Any], None]  # updates a model once
    search_space: Callable[[Trial], Values]  # suggests the settings that are tuned
    imitates: bool = False  # can begin as a copy of a rule
    several_diseases: bool = False  # can learn from a `SeveralDiseasesEnv`

    @property
    def name(self) -> str:
        """As `--algo` has it."""
        return self.settings.algo

    @property
    def model_class(self) -> type[BaseAlgorithm]:
        """The class of the model."""
        module, name = self.model.split(".")
        found: type[BaseAlgorithm] = getattr(import_module(module), name)
        return found

    def new_model(self, bridge: VectorBridge, settings: Settings, seed: int) -> Any:
        """Make an untrained model with normalised observations and rewards."""
        from stable_baselines3.common.vec_env import VecNormalize

        made: Any = self.model_class
        env = VecNormalize(bridge, gamma=settings.gamma)
        return made(self.policy, env, seed=seed, device="cpu", **self.arguments(settings))
