"""Soft actor-critic with critics of quantiles, the highest of which are left out (Kuznetsov2020)."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.off_policy import learn, play
from metaenv_agents.rl.learners.sac import SACSettings, actor, arguments, search_space
from metaenv_agents.rl.learners.sb3_learner import SB3Learner


@dataclass(frozen=True, kw_only=True)
class TQCSettings(SACSettings):
    """Soft actor-critic's and those of the quantiles."""

    algo = "tqc"

    n_quantiles: int = 25  # per critic
    top_quantiles_to_drop_per_net: int = 2  # highest quantiles that are left out, per critic

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_quantiles")
        dropped, allowed = self.top_quantiles_to_drop_per_net, f"in 0 … {self.n_quantiles - 1}"
        self.require("top_quantiles_to_drop_per_net", 0 <= dropped < self.n_quantiles, allowed)


TQC = SB3Learner(
    settings=TQCSettings,
    algorithm="sb3_contrib.TQC",
    arguments=arguments,
    actor=actor,
    play=play,
    learn=learn,
    search_space=search_space,
)
