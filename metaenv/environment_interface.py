"""Seeds, snapshots, attributes and pictures that the single and the vector environment share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ClosedEnvironmentError

from metaenv.arguments import DEFAULTS, EnvironmentArguments
from metaenv.cohort import Cohort
from metaenv.diseases import Disease
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray
from metaenv.errors import check_render_mode
from metaenv.keyword_arguments import checked
from metaenv.observation import Layout
from metaenv.scenario.scenario import Scenario
from metaenv.simulation import Simulation
from metaenv.snapshot import EnvSnapshot
from metaenv.spec import Spec, check_id

if TYPE_CHECKING:
    from metaenv.pictures.renderer import Renderer


class SharedInterface:
    """Snapshots, attributes, spec and pictures of both environments; each wraps a `Simulation`."""

    metadata: dict[str, Any]
    render_mode: str | None
    _simulation: Simulation
    _truth: bool
    _renderer: Renderer | None
    _spec: Spec | None = None

    def _set_up(self, size: int | None, disease: str | Disease | None, arguments: EnvironmentArguments) -> None:
        """What both constructors do: check the arguments, make the patients, prepare pictures."""
        asked: EnvironmentArguments = {**DEFAULTS, **checked(type(self).__name__, DEFAULTS, arguments)}
        check_render_mode(asked["render_mode"], self.metadata["render_modes"])
        self.render_mode = asked["render_mode"]
        self._truth = check_truth(asked["truth"]) or asked["observation"] == "full"
        self._simulation = Simulation(size, disease, asked)
        self._prepare_pictures(asked["render_size"])

    @property
    def spec(self) -> EnvSpec | None:
        """How Gymnasium made this environment; None where it did not. See `metaenv.spec.Spec`."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        if spec is not None:
            check_id(spec)
        self._spec = None if spec is None else Spec.of(spec, self._visits_to_state())

    def _visits_to_state(self) -> int | None:
        return self._simulation.scenario.visits

    @property
    def scenario(self) -> Scenario:
        """What is simulated."""
        return self._simulation.scenario

    @property
    def layout(self) -> Layout:
        """Named parts of the observation."""
        return self._simulation.cohort.layout

    @property
    def cohort(self) -> Cohort:
        """The patients' true state; for oracles and tests."""
        return self._simulation.cohort

    def snapshot(self) -> EnvSnapshot:
        """A picklable copy; `restore` continues bit-identically."""
        return self._simulation.snapshot()

    def restore(self, snapshot: EnvSnapshot) -> None:
        """Return to a snapshot of an environment of the same scenario and size; another one changes nothing.

        Raises:
            ValueError: the snapshot is of another kind of environment.
        """
        self._simulation.restore(snapshot)
        if self._renderer is not None:
            self._renderer.restored()

    def _admit(self, rows: IntArray, identities: IntArray, keys: IntArray) -> None:
        """Put patients into some rows."""
        self._simulation.admit(rows, identities, keys)
        if self._renderer is not None:
            self._renderer.admitted(rows)

    def _treat(self, doses: FloatArray, active: BoolArray) -> None:
        """Treat the active patients until their next visit."""
        self._simulation.cohort.treat(doses, active)
        if self._renderer is not None:
            self._renderer.visited(active)

    def _prepare_pictures(self, size: Sequence[int] | None) -> None:
        """Keep what pictures need, where pictures are wanted."""
        pictured = self.render_mode in ("human", "rgb_array")
        self._renderer = None
        if pictured or size is not None:  # an impossible size is refused where nobody will see it, too
            from metaenv.pictures.renderer import Renderer

            renderer = Renderer(self._simulation.cohort, size, self._truth, self.metadata["render_fps"])
            self._renderer = renderer if pictured else None

    def _show(self) -> None:
        """The window shows every visit by itself."""
        if self.render_mode == "human" and self._renderer is not None:
            self._renderer.show()

    def _require_open(self, closed: bool) -> None:
        if closed:
            raise ClosedEnvironmentError("the environment has been closed")


def check_truth(truth: bool) -> bool:
    """Whether the truth may be shown; raises unless True or False."""
    if not isinstance(truth, (bool, np.bool_)):
        raise ValueError(f"truth must be True or False, got {truth!r}")
    return bool(truth)
