"""One patient of a vector environment as an environment of its own, for `call`, `get_attr` and `set_attr`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from metaenv.dynamics.state import BoolArray
from metaenv.observation import Layout
from metaenv.scenario.scenario import Scenario
from metaenv.simulation import Simulation


class PatientView:
    """What a single environment of this patient would answer; what all patients share cannot be set for one.

    Args:
        env: the vector environment.
        simulation: its patients.
        row: number of the patient.
        render: shows the patient of a row, see `MetastasisVectorEnv.render_row`.
    """

    def __init__(
        self,
        env: gymnasium.vector.VectorEnv[Any, Any, Any],
        simulation: Simulation,
        row: int,
        render: Callable[[int], str | NDArray[np.uint8] | None],
    ) -> None:
        self._env, self._simulation, self._row, self._render = env, simulation, row, render

    @property
    def observation_space(self) -> gymnasium.Space[Any]:
        """Of one patient."""
        return self._env.single_observation_space

    @property
    def action_space(self) -> gymnasium.Space[Any]:
        """Of one patient."""
        return self._env.single_action_space

    @property
    def metadata(self) -> dict[str, Any]:
        """Of the vector environment."""
        return self._env.metadata

    @property
    def render_mode(self) -> str | None:
        """Of the vector environment."""
        return self._env.render_mode

    @property
    def spec(self) -> EnvSpec | None:
        """Of the vector environment."""
        return self._env.spec

    @property
    def scenario(self) -> Scenario:
        """What is simulated."""
        return self._simulation.scenario

    @property
    def layout(self) -> Layout:
        """Named parts of the observation."""
        return self._simulation.cohort.layout

    def action_masks(self) -> BoolArray:
        """What may be chosen now, (choice,)."""
        return self._simulation.mask(self._row)

    def sample_mask(self) -> Any:
        """What may be chosen now, as `action_space.sample(mask=…)` takes it."""
        return self._simulation.sample_mask(self._row)

    def render(self) -> str | NDArray[np.uint8] | None:
        """This patient's clinic note ("ansi") or picture ("rgb_array")."""
        return self._render(self._row)
