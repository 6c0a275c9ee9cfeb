"""What the single and the vector environment share: scenario, cohort, register, and the facts that `info` reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from metaenv.action import Prescription
from metaenv.admission import LARGEST, Register
from metaenv.chart import COMPONENTS
from metaenv.cohort import Cohort, Snapshot
from metaenv.dynamics.state import BoolArray, IntArray
from metaenv.observation import Layout
from metaenv.patients import fates
from metaenv.scenario import Scenario, make_scenario
from metaenv.shift import shift_scenario

if TYPE_CHECKING:
    from metaenv.pictures.lightbox import Lightbox

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
    """What both shells share: scenario, cohort, register and the dictionary of what is true."""

    def __init__(
        self,
        size: int,
        disease: str | None,
        action: str,
        observation: str,
        without: Iterable[str],
        drugs: Iterable[str] | None,
        shift: str | None,
        scenario: Any,
    ) -> None:
        if observation not in OBSERVATIONS:
            raise ValueError(f"observation must be one of {list(OBSERVATIONS)}, got {observation!r}")
        if scenario is not None and not isinstance(scenario, Scenario):
            raise ValueError(f"scenario must be a metaenv.Scenario or None, got {type(scenario).__name__}")
        if scenario is not None and disease not in (None, scenario.disease.name):
            raise ValueError(f"scenario must be of disease {disease!r}, got one of {scenario.disease.name!r}")
        wanted: Scenario = (scenario or make_scenario(disease or "prostate")).without(without)
        if drugs is not None:
            wanted = wanted.with_drugs(drugs)
        self.scenario = wanted if shift is None else shift_scenario(wanted, shift)
        self.prescription = Prescription(self.scenario, action)
        self.action = action
        self.cohort = Cohort(self.scenario, size, full=observation == "full")
        self.register = Register(size)
        self.finished = np.zeros(size, dtype=np.bool_)  # waits for a reset
        self._facts = _facts(self.cohort)
        layout = self.cohort.layout
        self.observation_space = spaces.Box(layout.low, layout.high, dtype=np.float32)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the views behind `info`: a copy must look into its own arrays."""
        return {name: value for name, value in self.__dict__.items() if name != "_facts"}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Look into the arrays of this copy."""
        self.__dict__.update(values)
        self._facts = _facts(self.cohort)

    def require_reset(self) -> None:
        """Raise unless every row has been reset once."""
        if (self.register.episodes < 0).any():
            raise gymnasium.error.ResetNeeded("no patient has been admitted yet: call reset() first")

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

    def info(self) -> Info:
        """What is true and what was done, arrays with one row per patient, copied."""
        return {name: array.copy() for name, array in self._facts.items()}

    def info_of_one(self) -> Info:
        """The same of a single patient: Python numbers where a row is one number."""
        return {name: array[0].copy() if array.ndim > 1 else array.item(0) for name, array in self._facts.items()}


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
    facts["action_mask"] = report.mask
    return facts


class Doors:
    """Doors that both environments have."""

    metadata: dict[str, Any]
    render_mode: str | None
    _practice: Practice
    _truth: bool
    _lightbox: Lightbox | None

    @property
    def scenario(self) -> Scenario:
        """What is simulated."""
        return self._practice.scenario

    @property
    def layout(self) -> Layout:
        """Named parts of the observation."""
        return self._practice.cohort.layout

    @property
    def cohort(self) -> Cohort:
        """The patients' true state; for oracles and tests."""
        return self._practice.cohort

    def snapshot(self) -> EnvSnapshot:
        """A picklable copy; `restore` continues bit-identically."""
        return self._practice.snapshot()

    def restore(self, snapshot: EnvSnapshot) -> None:
        """Return to a snapshot of an environment of the same scenario and size; another one changes nothing.

        Raises:
            ValueError: the snapshot is of another kind of environment.
        """
        self._practice.restore(snapshot)
        if self._lightbox is not None:
            self._lightbox.restored()

    def _hang(self, size: Sequence[int] | None) -> None:
        """Keep what pictures need, where pictures are wanted."""
        self._lightbox = None
        if self.render_mode in ("human", "rgb_array"):
            from metaenv.pictures.lightbox import Lightbox

            self._lightbox = Lightbox(self._practice.cohort, size, self._truth, self.metadata["render_fps"])

    def _show(self) -> None:
        """The window shows every visit by itself."""
        if self.render_mode == "human" and self._lightbox is not None:
            self._lightbox.show()
