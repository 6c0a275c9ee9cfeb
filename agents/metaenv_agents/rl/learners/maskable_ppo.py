"""PPO that, while it learns, never tries what cannot be given now, such as an infusion that is held (Huang2022)."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.on_policy import OnPolicySettings, actor, learn, play, search_space
from metaenv_agents.rl.learners.sb3_learner import SB3Learner


@dataclass(frozen=True, kw_only=True)
class MaskablePPOSettings(OnPolicySettings):
    """PPO's; a trained policy sees no mask: what it asks for and cannot have is not given."""

    algo = "maskable_ppo"


MASKABLE_PPO = SB3Learner(
    settings=MaskablePPOSettings,
    algorithm="sb3_contrib.MaskablePPO",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
    imitates=True,
)
