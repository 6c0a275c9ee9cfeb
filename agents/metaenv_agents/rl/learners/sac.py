"""Soft actor-critic (Haarnoja2018) on continuous doses, the temperature learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metaenv_agents.rl.learners.actor import Actor, copied
from metaenv_agents.rl.learners.off_policy import OffPolicySettings, learn, play, suggest_off_policy
from metaenv_agents.rl.learners.sb3_learner import SB3Learner, model_arguments
from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rules.search_space import Trial


@dataclass(frozen=True, kw_only=True)
class SACSettings(OffPolicySettings):
    """Soft actor-critic's."""

    algo = "sac"
    actions = "continuous"

    tau: float = 0.005  # share by which the target critics follow, per gradient step
    target_entropy: float | None = None  # of the doses, nats; None: minus the number of action entries

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require("tau", 0 < self.tau <= 1, "in (0, 1]")


def arguments(settings: SACSettings) -> Values:
    """Stable-Baselines3 says "auto" where no entropy is given."""
    target = "auto" if settings.target_entropy is None else settings.target_entropy
    return model_arguments(settings) | {"target_entropy": target}


def actor(model: Any) -> Actor:
    """Layers of the actor, whose output are means of doses before they are squashed."""
    network = model.policy.actor
    return copied([*network.latent_pi, network.mu])._replace(squashed=True)


def search_space(trial: Trial) -> Values:
    """What is tuned."""
    return suggest_off_policy(trial) | {"tau": trial.suggest_float("tau", 1e-3, 2e-2, log=True)}


SAC = SB3Learner(
    settings=SACSettings,
    algorithm="stable_baselines3.SAC",
    arguments=arguments,
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
)
