"""What the single and the vector environment share: scenario, cohort, register, and the facts that `info` reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from metaenv.action import Prescription
from metaenv.admission import Register
from metaenv.clinic.codes import COMPONENTS
from metaenv.cohort import Cohort, Snapshot
from metaenv.dynamics.state import COSTS, BoolArray, IntArray
from metaenv.patients import fates
from metaenv.scenario import Scenario
from metaenv.waiting import LARGEST, WaitingList

OBSERVATIONS = ("clinic", "full")
Info = dict[str, Any]


@dataclass(frozen=True)
class EnvSnapshot:
    """A copy of an environment: its cohort, its seeds and episodes, and who waits for a reset."""

    cohort: Snapshot
    action: str
    seeds: IntArray
    episodes: IntArray
    finished: BoolArray

    def copies(self, rows: IntArray, luck: IntArray | None = None) -> EnvSnapshot:
        """Patients of this snapshot, for an environment of as many: where may they go from here?

        Args:
            rows: (copy,) row of each copy's patient; a row may be named many times.
            luck: (copy,) whole numbers in [0, 2**62), seeds of what chance does to each copy from here on. None: what
                chance does to the patient itself, so that a copy has the very future of its patient.

        Returns:
            A snapshot for `restore` of an environment of the same scenario and `len(rows)` patients.

        Raises:
            ValueError: a row is none of this snapshot's, or luck is not one such number for each copy.
        """
        kept, size = self.cohort, self.seeds.size
        places, seeds = np.asarray(rows), None if luck is None else np.asarray(luck)
        if places.ndim != 1 or places.dtype.kind not in "iu" or not np.all((places >= 0) & (places < size)):
            raise ValueError(f"rows must be a list of numbers in 0 … {size - 1}, got {rows}")
        whole = seeds is None or (seeds.dtype.kind in "iu" and np.all((seeds >= 0) & (seeds < LARGEST)))
        if not whole or (seeds is not None and seeds.shape != places.shape):
            raise ValueError(f"luck must be {len(rows)} whole numbers in [0, 2**62), one for each copy, got {luck}")

        def of_rows(arrays: Any) -> Any:
            return type(arrays)(*(array[rows] for array in arrays))

        state, patients = of_rows(kept.state), of_rows(kept.patients)
        if seeds is not None:
            person = patients.person
            person["key"] = fates(seeds.astype(np.int64), self.episodes[rows], person["identity"])
            if kept.scenario.stochastic:  # a new threshold is one from here on: what was survived does not count again
                state.host["hazard"] = 0.0
        cohort = Snapshot(kept.scenario, state, patients, of_rows(kept.chart), of_rows(kept.report))
        return EnvSnapshot(cohort, self.action, self.seeds[rows], self.episodes[rows], self.finished[rows])


class Practice:
    """What both shells share: scenario, cohort, register and the dictionary of what is true.

    Args:
        size: number of patients; None for one without a patient axis.
        scenario: what is simulated.
        action: kind of action, of `metaenv.action.KINDS`.
        observation: "clinic" or "full".
        waiting: who comes where no option of a reset says otherwise.
    """

    def __init__(
        self, size: int | None, scenario: Scenario, action: str, observation: str, waiting: WaitingList
    ) -> None:
        if observation not in OBSERVATIONS:
            raise ValueError(f"observation must be one of {list(OBSERVATIONS)}, got {observation!r}")
        self.scenario = scenario
        self.prescription = Prescription(self.scenario, action, size)
        self.action = action
        rows = 1 if size is None else size
        self.cohort = Cohort(self.scenario, rows, full=observation == "full")
        self.register = Register(rows, waiting)
        self.finished = np.zeros(rows, dtype=np.bool_)  # waits for a reset
        self.admitted = False  # every row has been reset once
        layout = self.cohort.layout
        self.observation_space = spaces.Box(layout.low, layout.high, dtype=np.float32)
        self._look()

    def _look(self) -> None:
        """Make the views behind `info`: of this object's own arrays, which it keeps for life."""
        self._facts = _facts(self.cohort)
        # A truth value stays an array, of shape (): Gymnasium's vectorisers make objects of numpy.bool_.
        kept = {name: array for name, array in self._facts.items() if array.ndim > 1 or array.dtype == np.bool_}
        self._scalars = [(name, array) for name, array in self._facts.items() if name not in kept]
        self._arrays = [(name, array[0] if array.ndim > 1 else array[:1].reshape(())) for name, array in kept.items()]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the views: a copy must look into its own arrays."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_facts", "_scalars", "_arrays")}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Look into the arrays of this copy."""
        self.__dict__.update(values)
        self._look()

    def require_reset(self) -> None:
        """Raise unless every row has been reset once."""
        if not self.admitted:
            raise gymnasium.error.ResetNeeded("no patient has been admitted yet: call reset() first")

    def admit(self, rows: IntArray, identities: IntArray, keys: IntArray) -> None:
        """Put patients into some rows, where nobody waits any longer then."""
        self.cohort.admit(rows, identities, keys)
        self.finished[rows] = False
        self.admitted = self.admitted or bool((self.register.episodes >= 0).all())

    def snapshot(self) -> EnvSnapshot:
        """A copy of everything that changes."""
        register = self.register
        return EnvSnapshot(
            self.cohort.snapshot(), self.action, register.seeds.copy(), register.episodes.copy(), self.finished.copy()
        )

    def restore(self, snapshot: EnvSnapshot) -> None:
        """Check everything, then return to the snapshot."""
        if not isinstance(snapshot, EnvSnapshot):
            raise ValueError(f"snapshot must be what snapshot() returned, got {type(snapshot).__name__}")
        if snapshot.action != self.action:
            raise ValueError(f"snapshot must be of an environment with action={self.action!r}, got {snapshot.action!r}")
        self.cohort.restore(snapshot.cohort)
        self.register.seeds[:] = snapshot.seeds
        self.register.episodes[:] = snapshot.episodes
        self.finished[:] = snapshot.finished
        self.admitted = bool((snapshot.episodes >= 0).all())

    def observation(self) -> NDArray[np.float32]:
        """What is seen of the patients, (patient, layout.size), copied."""
        return self.cohort.layout.within(self.cohort.report.observation)

    def masks(self) -> BoolArray:
        """What may be chosen now, (patient, choice), copied."""
        self.require_reset()
        return self.prescription.masks(self.cohort.report.mask)

    def mask(self, row: int) -> BoolArray:
        """What one patient may choose now, (choice,), copied."""
        self.require_reset()
        mask: BoolArray = self.prescription.masks(self.cohort.report.mask[row : row + 1])[0]
        return mask

    def sample_mask(self, row: int) -> Any:
        """What one patient may choose now, as the action space's `sample(mask=…)` takes it."""
        self.require_reset()
        return self.prescription.sample_mask(self.cohort.report.mask[row])

    def info(self) -> Info:
        """What is true and what was done, arrays with one row per patient, copied."""
        values = {name: array.copy() for name, array in self._facts.items()}
        if self.action == "joint":
            values["action_mask"] = self.prescription.masks(self.cohort.report.mask)
        return values

    def info_of_one(self) -> Info:
        """The same of a single patient: NumPy numbers, and arrays without the patient axis."""
        values: Info = {name: array[0] for name, array in self._scalars}
        for name, array in self._arrays:
            values[name] = array.copy()
        if self.action == "joint":
            values["action_mask"] = self.prescription.masks(self.cohort.report.mask)[0]
        return values


def _facts(cohort: Cohort) -> dict[str, NDArray[Any]]:
    """The arrays behind `info`: views into the cohort, which keeps them for life."""
    report, chart = cohort.report, cohort.chart
    host, truth, file = (records.view(np.ndarray) for records in (cohort.state.host, report.truth, chart.note))
    facts = {
        "patient": cohort.patients.person.view(np.ndarray)["identity"],
        "day": host["day"],
        "burden": truth["burden"],
        "visible_burden": truth["visible_burden"],
        "dormant": truth["dormant"],
        "resistant_fraction": report.resistant,
        "lesions": truth["lesions"],
        "visible_lesions": truth["visible_lesions"],
        "cured": truth["cured"],
        "dose_given": chart.dose_given,
        "dose_prescribed": chart.prescribed,
        "held": chart.held,
        "procedure": file["procedure"],
        "response": file["response"],
        "progressed": file["progressed"],
        "progression_day": file["progression_day"],
        "cause": host["cause"],
        "toxicity": cohort.state.toxicity,
        "neutrophils": cohort.state.neutrophils[:, -1],
        "marker": file["marker"],
        "overflow": host["overflow"],
    }
    facts |= {f"reward/{name}": report.components[:, k] for k, name in enumerate(COMPONENTS)}
    cost = report.cost.view(np.ndarray)
    facts |= {"cost": cost["total"]} | {f"cost/{name}": cost[name] for name in COSTS}
    facts["action_mask"] = report.mask
    return facts
