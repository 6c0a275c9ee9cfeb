"""What a training asks of the model that it trains, whichever library that comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

from gymnasium.vector import VectorEnv

from metaenv_agents.policy import Policy
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rl.policy import TrainedPolicy

EPISODES_IN_MEAN = 1_000  # that ended last


class Episode(NamedTuple):
    """One that has ended."""

    total: float  # sum of its rewards
    visits: int


class Model(Protocol):
    """A network in the midst of its training, with the patients whom it treats."""

    @classmethod
    def begin(cls, venv: VectorEnv[Any, Any, Any], settings: Settings, seed: int) -> Self:
        """An untrained model, whose patients are those of the seed."""
        ...

    @classmethod
    def thaw(cls, files: Mapping[str, bytes], venv: VectorEnv[Any, Any, Any], settings: Settings) -> Self:
        """What `freeze` wrote, as it was."""
        ...

    def freeze(self) -> dict[str, bytes]:
        """Everything that the training's future depends on, between two updates."""
        ...

    @property
    def steps(self) -> int:
        """Visits played."""
        ...

    def imitate(self, teacher: Policy, seed: int) -> None:
        """Learn to play as a rule does, before the first update; of learners that imitate."""
        ...

    def play(self) -> None:
        """Treat until the next update."""
        ...

    def learn(self) -> dict[str, float]:
        """Update the network once; losses by name."""
        ...

    def policy(self, drugs: tuple[str, ...]) -> TrainedPolicy:
        """Copy what acts; the model may go on learning."""
        ...

    def episodes(self) -> Sequence[Episode]:
        """The last that ended, `EPISODES_IN_MEAN` at most."""
        ...
