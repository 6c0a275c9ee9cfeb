"""What the learners are told before they start. No torch in here, so that a command line can show it at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

TAUGHT = ("ppo", "maskable_ppo")  # learners that can begin as a copy of a rule
Actions = Literal["levels", "continuous", "choices"]  # choices: every combination of levels is one action


@dataclass(frozen=True, kw_only=True)
class Settings(ABC):
    """Hyperparameters that every learner has; a subclass per algorithm."""

    algo: ClassVar[str]
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

    def differences(self, other: Settings) -> dict[str, tuple[object, object]]:
        """Return the fields in which two settings of one algorithm differ."""
        pairs = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, kw_only=True)
class PPOSettings(Settings):
    """PPO (Schulman2017): memory by the last visits side by side, many patients, large batches."""

    algo = "ppo"
    actions = "levels"

    n_steps: int = 64  # visits per patient between two updates
    n_epochs: int = 5  # passes over the visits of one update
    gae_lambda: float = 0.95
    clip_range: float = 0.2  # of the probability ratio
    ent_coef: float = 0.002  # weight of the entropy bonus
    vf_coef: float = 0.5  # weight of the critic's loss
    max_grad_norm: float = 0.5  # norm at which gradients are cut
    target_kl: float | None = None  # an update stops above 1.5 times this
    log_std_init: float = -0.5  # initial log standard deviation of continuous doses, on [-1, 1]

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_steps", "n_epochs")
        for name in ("clip_range", "max_grad_norm"):
            self.require(name, getattr(self, name) > 0, "> 0")
        self.require("gae_lambda", 0 < self.gae_lambda <= 1, "in (0, 1]")
        for name in ("ent_coef", "vf_coef"):
            self.require(name, getattr(self, name) >= 0, ">= 0")
        self.require(
            "batch_size", self.visits_per_update % self.batch_size == 0, f"a divisor of {self.visits_per_update}"
        )

    @property
    def visits_per_update(self) -> int:
        """See `Settings.visits_per_update`."""
        return self.n_envs * self.n_steps


@dataclass(frozen=True, kw_only=True)
class MaskablePPOSettings(PPOSettings):
    """PPO that, while it learns, never tries what cannot be given now, such as an infusion that is held (Huang2022).

    A trained policy sees no mask: what it asks for and cannot have is not given.
    """

    algo = "maskable_ppo"


@dataclass(frozen=True, kw_only=True)
class RecurrentPPOSettings(PPOSettings):
    """PPO with an LSTM in the actor and one in the critic: memory that the network shapes itself."""

    algo = "recurrent_ppo"

    net_arch: tuple[int, ...] = (64,)  # tanh units per layer, behind the LSTM
    history: int = 1  # visits side by side
    lstm_hidden_size: int = 64  # units of each LSTM

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("lstm_hidden_size")


@dataclass(frozen=True, kw_only=True)
class OffPolicySettings(Settings):
    """Learning from a memory of visits: few of them at a time, many gradient steps."""

    train_freq: int = 4  # visits per patient between two updates
    batch_size: int = 512  # visits per gradient step
    learning_rate: float = 3e-4  # Adam, at the start
    history: int = 4  # visits the network sees side by side; each is stored as often
    gamma: float = 0.997  # discount per visit
    gradient_steps: int = 32  # per update
    buffer_size: int = 300_000  # visits remembered
    learning_starts: int = 20_000  # visits of random doses before anything is learned
    evaluate_every: int = 100  # updates
    checkpoint_every: int = 200  # updates; each writes the buffer

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("train_freq", "gradient_steps")
        allowed = f"in 0 … {self.total_timesteps - 1}, fewer than all visits"
        self.require("learning_starts", 0 <= self.learning_starts < self.total_timesteps, allowed)
        allowed = f">= {self.visits_per_update}, one update"
        self.require("buffer_size", self.buffer_size >= self.visits_per_update, allowed)

    @property
    def visits_per_update(self) -> int:
        """See `Settings.visits_per_update`."""
        return self.n_envs * self.train_freq


@dataclass(frozen=True, kw_only=True)
class SACSettings(OffPolicySettings):
    """Soft actor-critic (Haarnoja2018) on continuous doses, the temperature learned."""

    algo = "sac"
    actions = "continuous"

    tau: float = 0.005  # share by which the target critics follow, per gradient step
    target_entropy: float | None = None  # of the doses, nats; None: minus the number of action entries

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require("tau", 0 < self.tau <= 1, "in (0, 1]")


@dataclass(frozen=True, kw_only=True)
class TQCSettings(SACSettings):
    """SAC with critics of quantiles, the highest of which are left out (Kuznetsov2020)."""

    algo = "tqc"

    n_quantiles: int = 25  # per critic
    top_quantiles_to_drop_per_net: int = 2  # highest quantiles per critic

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_quantiles")
        dropped, allowed = self.top_quantiles_to_drop_per_net, f"in 0 … {self.n_quantiles - 1}"
        self.require("top_quantiles_to_drop_per_net", 0 <= dropped < self.n_quantiles, allowed)


@dataclass(frozen=True, kw_only=True)
class DQNSettings(OffPolicySettings):
    """Deep Q-learning (Mnih2015): every combination of levels is one action."""

    algo = "dqn"
    actions = "choices"

    target_update_interval: int = 20_000  # visits between two copies to the target network
    exploration_final_eps: float = 0.02  # share of random actions at the end
    exploration_fraction: float = 0.3  # share of all visits over which it falls from 1
    max_grad_norm: float = 10.0  # norm at which gradients are cut

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("target_update_interval")
        self.require("exploration_final_eps", 0 <= self.exploration_final_eps <= 1, "in [0, 1]")
        self.require("exploration_fraction", 0 < self.exploration_fraction <= 1, "in (0, 1]")
        self.require("max_grad_norm", self.max_grad_norm > 0, "> 0")


@dataclass(frozen=True, kw_only=True)
class QRDQNSettings(DQNSettings):
    """DQN that learns quantiles of the return (Dabney2018)."""

    algo = "qr_dqn"

    n_quantiles: int = 50

    def __post_init__(self) -> None:
        """Check every range."""
        super().__post_init__()
        self.require_counts("n_quantiles")


SETTINGS: dict[str, type[Settings]] = {
    each.algo: each
    for each in (
        PPOSettings,
        MaskablePPOSettings,
        RecurrentPPOSettings,
        SACSettings,
        TQCSettings,
        DQNSettings,
        QRDQNSettings,
    )
}
