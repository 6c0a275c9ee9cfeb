"""What PPO is told before it starts. No torch in here, so that a command line can show it at once."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class PPOSettings:
    """Hyperparameters of PPO (Schulman2017): memory by the last visits side by side, many patients, large batches."""

    steps: int = 1_000_000  # visits to play in all, rounded up to whole updates
    patients: int = 256  # treated side by side
    visits: int = 64  # per patient between two updates, half of a long course
    batch: int = 4096  # visits per gradient step
    epochs: int = 5  # passes over the visits of one update
    hidden: tuple[int, ...] = (128, 128)  # tanh units per layer, of the actor and of the critic
    learning_rate: float = 7e-4  # Adam, at the start
    final_learning_rate: float = 5e-5  # at `steps`, linear in between
    discount: float = 0.999  # per visit; 130 visits of 28 d make ten years
    gae_lambda: float = 0.95
    clip_range: float = 0.2  # of the probability ratio
    entropy: float = 0.002  # weight of the entropy bonus
    value_weight: float = 0.5  # of the critic's loss
    max_gradient: float = 0.5  # norm at which gradients are cut
    target_kl: float | None = None  # an update stops above 1.5 times this
    log_std: float = -0.5  # initial log standard deviation of continuous doses, on [-1, 1]
    history: int = 8  # visits the network sees side by side; 1 is no memory
    torch_threads: int = 1
    evaluate_every: int = 10  # updates
    checkpoint_every: int = 10  # updates

    def __post_init__(self) -> None:
        """Check every range."""
        for name in ("steps", "patients", "visits", "batch", "epochs", "history", "torch_threads"):
            self._require(name, getattr(self, name) >= 1, ">= 1")
        for name in ("evaluate_every", "checkpoint_every"):
            self._require(name, getattr(self, name) >= 1, ">= 1 update")
        for name in ("learning_rate", "final_learning_rate", "clip_range", "max_gradient"):
            self._require(name, getattr(self, name) > 0, "> 0")
        for name in ("discount", "gae_lambda"):
            self._require(name, 0 < getattr(self, name) <= 1, "in (0, 1]")
        for name in ("entropy", "value_weight"):
            self._require(name, getattr(self, name) >= 0, ">= 0")
        self._require("hidden", bool(self.hidden) and min(self.hidden) >= 1, "one or more layers of >= 1 unit")
        self._require("batch", self.visits_per_update % self.batch == 0, f"a divisor of {self.visits_per_update}")

    def _require(self, name: str, holds: bool, allowed: str) -> None:
        if not holds:
            raise ValueError(f"{name} must be {allowed}, got {getattr(self, name)}")

    @property
    def visits_per_update(self) -> int:
        """Visits played between two updates."""
        return self.patients * self.visits

    def differences(self, other: PPOSettings) -> dict[str, tuple[object, object]]:
        """Return the fields in which two settings differ."""
        pairs = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
