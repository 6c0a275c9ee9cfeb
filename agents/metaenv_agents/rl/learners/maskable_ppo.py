"""PPO that, while it learns, never tries what cannot be given now, such as an infusion that is held (Huang2022)."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.learner import Learner
from metaenv_agents.rl.learners.ppo import OnPolicySettings, actor, learn, play, search_space


@dataclass(frozen=True, kw_only=True)
class MaskablePPOSettings(OnPolicySettings):
    """PPO's; a trained policy sees no mask: what it asks for and cannot have is not given."""

    algo = "maskable_ppo"


MASKABLE_PPO = Learner(
    settings=MaskablePPOSettings,
    model="sb3_contrib.MaskablePPO",
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
    imitates=True,
)
