"""PPO (Schulman2017) in plain torch: the last visits side by side are its memory; it can keep within a limit of cost.

With `cost_limit` what treatment costs, `info["cost"]`, is held at a mean per episode by a multiplier of Lagrange: it
rises while patients bear more and falls while they bear less (PPO-Lagrangian, Ray2019). Doses are then learned from
the advantage in reward minus multiplier times the advantage in cost, which has a critic of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.learner import Learner
from metaenv_agents.rl.learners.on_policy import OnPolicySettings, search_space


@dataclass(frozen=True, kw_only=True)
class PPOSettings(OnPolicySettings):
    """For dose levels and for continuous doses."""

    algo = "ppo"

    n_epochs: int = 2  # passes over the visits of one update
    batch_size: int = 1024  # visits per gradient step: few passes in small steps take half the time of five in large
    torch_threads: int = 2  # that share each gradient; no bit depends on their number
    log_std_init: float = -0.5  # initial log standard deviation of continuous doses, on [-1, 1]
    cost_limit: float | None = None  # mean `info["cost"]` per episode that is allowed, expected deaths by treatment
    multiplier_learning_rate: float = 0.1  # by which the multiplier moves per update, where cost is twice the limit

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require("cost_limit", self.cost_limit is None or self.cost_limit > 0, "> 0, or none")
        self.require("multiplier_learning_rate", self.multiplier_learning_rate > 0, "> 0")


PPO = Learner(
    settings=PPOSettings,
    model="metaenv_agents.rl.ppo:PPOModel",
    search_space=search_space,
    imitates=True,
    several_diseases=True,
)
