"""Hyperparameters that every learner has, under Stable-Baselines3's own names wherever it has one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

Actions = Literal["levels", "continuous", "choices"]  # choices: every combination of levels is one action


@dataclass(frozen=True, kw_only=True)
class Settings(ABC):
    """Hyperparameters that every learner has; a subclass per learner."""

    algo: ClassVar[str]  # name of the learner
    actions: ClassVar[Actions]

    total_timesteps: int = 1_000_000  # visits to play in all, rounded up to whole updates
    n_envs: int = 256  # patients treated side by side
    batch_size: int = 4096  # visits per gradient step
    net_arch: tuple[int, ...] = (128, 128)  # tanh units per layer, of the actor and of the critic
    learning_rate: float = 7e-4  # Adam, at the start
    final_learning_rate: float = 5e-5  # at `total_timesteps`, linear in between
    gamma: float = 0.999  # discount per visit; 130 visits of 28 d make ten years
    history: int = 8  # visits the network sees side by side; 1 is no memory
    torch_threads: int = 1
    evaluate_every: int = 10  # updates
    checkpoint_every: int = 10  # updates

    def __post_init__(self) -> None:
        """Check every range."""
        self.require_counts("total_timesteps", "n_envs", "batch_size", "history", "torch_threads")
        for name in ("evaluate_every", "checkpoint_every"):
            self.require(name, getattr(self, name) >= 1, ">= 1 update")
        for name in ("learning_rate", "final_learning_rate"):
            self.require(name, getattr(self, name) > 0, "> 0")
        self.require("gamma", 0 < self.gamma <= 1, "in (0, 1]")
        self.require("net_arch", bool(self.net_arch) and min(self.net_arch) >= 1, "one or more layers of >= 1 unit")

    def require(self, name: str, holds: bool, allowed: str) -> None:
        """Raise ValueError that names the setting, unless it holds."""
        if not holds:
            raise ValueError(f"{name} must be {allowed}, got {getattr(self, name)}")

    def require_counts(self, *names: str) -> None:
        """Raise ValueError unless these are at least one."""
        for name in names:
            self.require(name, getattr(self, name) >= 1, ">= 1")

    @property
    @abstractmethod
    def visits_per_update(self) -> int:
        """Visits played between two updates, over all patients."""
