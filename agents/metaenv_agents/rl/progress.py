"""Progress of a training: where it stands after an update, its scores so far, and what it ends with."""

from __future__ import annotations

from dataclasses import dataclass, field

from metaenv_agents.rl.policy import TrainedPolicy


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where training stands after an update."""

    steps: int  # visits played
    total: int  # visits to play
    updates: int
    mean_return: float | None  # of the last episodes that ended, with exploration
    mean_visits: float | None  # their length
    score: float | None  # of the last evaluation
    evaluated: int  # visits played until then, 0 if there was none
    best_score: float | None
    losses: dict[str, float]  # by name, as Stable-Baselines3 has them: "train/value_loss", ...


@dataclass(frozen=True, kw_only=True)
class Training:
    """What training leaves."""

    policy: TrainedPolicy  # the best evaluated; the last, if none was evaluated
    last: TrainedPolicy
    steps: int  # visits played
    finished: bool  # False if `on_update` stopped it
    scores: tuple[tuple[int, float], ...]  # (visits played, score) of every evaluation


@dataclass
class TrainingLog:
    """What training remembers beside the model."""

    updates: int = 0
    scores: list[tuple[int, float]] = field(default_factory=list)
    best: TrainedPolicy | None = None

    @property
    def best_score(self) -> float | None:
        """The highest score so far."""
        return max((score for _, score in self.scores), default=None)

    @property
    def score(self) -> float | None:
        """The last score."""
        return self.scores[-1][1] if self.scores else None
