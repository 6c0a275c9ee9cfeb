"""PPO (Schulman2017), with the last visits side by side as its memory."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.learner import Learner
from metaenv_agents.rl.learners.on_policy import OnPolicySettings, actor, learn, play, search_space


@dataclass(frozen=True, kw_only=True)
class PPOSettings(OnPolicySettings):
    """For dose levels and for continuous doses; all but the last, such as `ent_coef`, are in `OnPolicySettings`."""

    algo = "ppo"

    log_std_init: float = -0.5  # initial log standard deviation of continuous doses, on [-1, 1]


PPO = Learner(
    settings=PPOSettings,
    model="stable_baselines3.PPO",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
    imitates=True,
    several_diseases=True,
)
