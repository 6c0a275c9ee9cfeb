"""PPO of Stable-Baselines3, with the last visits side by side as its memory."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.on_policy import OnPolicySettings, actor, learn, play, search_space
from metaenv_agents.rl.learners.sb3_learner import SB3Learner


@dataclass(frozen=True, kw_only=True)
class SB3PPOSettings(OnPolicySettings):
    """For dose levels and for continuous doses; PPO's without a limit of cost."""

    algo = "sb3_ppo"

    log_std_init: float = -0.5  # initial log standard deviation of continuous doses, on [-1, 1]


SB3_PPO = SB3Learner(
    settings=SB3PPOSettings,
    algorithm="stable_baselines3.PPO",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
    imitates=True,
    several_diseases=True,
)
