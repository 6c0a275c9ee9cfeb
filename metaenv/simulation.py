"""The simulation inside both environments: patients of a scenario, admitted, treated, reported and copied."""

from __future__ import annotations

from typing import Any, cast

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from metaenv.action import ActionFormat
from metaenv.arguments import EnvironmentArguments
from metaenv.cohort import Cohort
from metaenv.diseases import Disease
from metaenv.dynamics.state import BoolArray, IntArray
from metaenv.info import Info, info_arrays
from metaenv.population.admission import Admissions
from metaenv.population.patient_queue import PatientQueue
from metaenv.scenario.make import UNCHANGED, ScenarioArguments, make_scenario
from metaenv.snapshot import EnvSnapshot

OBSERVATIONS = ("clinic", "full")


class Simulation:
    """The patients of one environment: their scenario, their cohort, who comes next, and what `info` says of them.

    Args:
        size: number of patients; None for one without a patient axis.
        disease: what `make_scenario` takes as such.
        arguments: all of `metaenv.arguments`.
    """

    def __init__(self, size: int | None, disease: str | Disease | None, arguments: EnvironmentArguments) -> None:
        observation = arguments["observation"]
        if observation not in OBSERVATIONS:
            raise ValueError(f"observation must be one of {list(OBSERVATIONS)}, got {observation!r}")
        changes = cast(ScenarioArguments, {name: arguments[name] for name in UNCHANGED})  # type: ignore[literal-required]
        self.scenario = make_scenario(disease, scenario=arguments["scenario"], **changes)
        self.action = arguments["action"]
        self.action_format = ActionFormat(self.scenario, self.action, size)
        rows = 1 if size is None else size
        self.cohort = Cohort(self.scenario, rows, full=observation == "full")
        queue = PatientQueue(rows, arguments["cohort"], arguments["patients"], arguments["shuffle"])
        self.admissions = Admissions(rows, queue)
        self.finished = np.zeros(rows, dtype=np.bool_)  # waits for a reset
        self.admitted = False  # every row has been reset once
        layout = self.cohort.layout
        self.observation_space = spaces.Box(layout.low, layout.high, dtype=np.float32)
        self._make_views()

    def _make_views(self) -> None:
        """Make the views behind `info`: of this object's own arrays, which it keeps for life."""
        self._views = info_arrays(self.cohort)
        # A truth value stays an array, of shape (): Gymnasium's vectorisers make objects of numpy.bool_.
        kept = {name: array for name, array in self._views.items() if array.ndim > 1 or array.dtype == np.bool_}
        self._scalars = [(name, array) for name, array in self._views.items() if name not in kept]
        self._arrays = [(name, array[0] if array.ndim > 1 else array[:1].reshape(())) for name, array in kept.items()]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the views: a copy must look into its own arrays."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_views", "_scalars", "_arrays")}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Make the views of this copy's arrays."""
        self.__dict__.update(values)
        self._make_views()

    def require_reset(self) -> None:
        """Raise unless every row has been reset once."""
        if not self.admitted:
            raise gymnasium.error.ResetNeeded("no patient has been admitted yet: call reset() first")

    def admit(self, rows: IntArray, identities: IntArray, keys: IntArray) -> None:
        """Put patients into some rows, where nobody waits any longer then."""
        self.cohort.admit(rows, identities, keys)
        self.finished[rows] = False
        self.admitted = self.admitted or bool((self.admissions.episodes >= 0).all())

    def snapshot(self) -> EnvSnapshot:
        """A copy of everything that changes."""
        seeds, episodes = self.admissions.seeds.copy(), self.admissions.episodes.copy()
        return EnvSnapshot(self.cohort.snapshot(), self.action, seeds, episodes, self.finished.copy())

    def restore(self, snapshot: EnvSnapshot) -> None:
        """Check everything, then return to the snapshot."""
        if not isinstance(snapshot, EnvSnapshot):
            raise ValueError(f"snapshot must be what snapshot() returned, got {type(snapshot).__name__}")
        if snapshot.action != self.action:
            raise ValueError(f"snapshot must be of an environment with action={self.action!r}, got {snapshot.action!r}")
        self.cohort.restore(snapshot.cohort)
        self.admissions.seeds[:] = snapshot.seeds
        self.admissions.episodes[:] = snapshot.episodes
        self.finished[:] = snapshot.finished
        self.admitted = bool((snapshot.episodes >= 0).all())

    def observation(self) -> NDArray[np.float32]:
        """What is seen of the patients, (patient, layout.size), copied."""
        return self.cohort.layout.within(self.cohort.report.observation)

    def masks(self) -> BoolArray:
        """What may be chosen now, (patient, choice), copied."""
        self.require_reset()
        return self.action_format.masks(self.cohort.report.mask)

    def mask(self, row: int) -> BoolArray:
        """What one patient may choose now, (choice,), copied."""
        self.require_reset()
        mask: BoolArray = self.action_format.masks(self.cohort.report.mask[row : row + 1])[0]
        return mask

    def sample_mask(self, row: int) -> Any:
        """What one patient may choose now, as the action space's `sample(mask=…)` takes it."""
        self.require_reset()
        return self.action_format.sample_mask(self.cohort.report.mask[row])

    def info(self) -> Info:
        """What is true and what was done, arrays with one row per patient, copied."""
        values = {name: array.copy() for name, array in self._views.items()}
        if self.action == "joint":
            values["action_mask"] = self.action_format.masks(self.cohort.report.mask)
        return values

    def info_of_one(self) -> Info:
        """The same of a single patient: NumPy numbers, and arrays without the patient axis."""
        values: Info = {name: array[0] for name, array in self._scalars}
        for name, array in self._arrays:
            values[name] = array.copy()
        if self.action == "joint":
            values["action_mask"] = self.action_format.masks(self.cohort.report.mask)[0]
        return values
