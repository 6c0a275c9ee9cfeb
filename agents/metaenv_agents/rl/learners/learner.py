"""What a learner is: its settings, the model that it trains, and what of its settings may be tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gymnasium.vector import VectorEnv

from metaenv_agents.rl.learners.search_space import Values
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rules.search_space import Trial

if TYPE_CHECKING:
    from metaenv_agents.rl.learners.model import Model


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A learning algorithm, and how it is used here."""

    settings: type[Settings]  # whose defaults are the learner's
    model: str  # "module:class" of a `Model`; imported where it is needed, as it brings torch
    search_space: Callable[[Trial], Values]  # suggests the settings that are tuned
    imitates: bool = False  # can begin as a copy of a rule
    several_diseases: bool = False  # can learn from a `SeveralDiseasesEnv`

    @property
    def name(self) -> str:
        """As `--algo` has it."""
        return self.settings.algo

    @property
    def model_class(self) -> type[Model]:
        """The class of the model."""
        module, name = self.model.split(":")
        found: type[Model] = getattr(import_module(module), name)
        return found

    def begin(self, venv: VectorEnv[Any, Any, Any], settings: Settings, seed: int) -> Model:
        """Make an untrained model, which resets the environment."""
        return self.model_class.begin(venv, settings, seed)

    def thaw(self, files: Mapping[str, bytes], venv: VectorEnv[Any, Any, Any], settings: Settings) -> Model:
        """Go on where `Model.freeze` left off, in an environment made with the same arguments."""
        return self.model_class.thaw(files, venv, settings)
