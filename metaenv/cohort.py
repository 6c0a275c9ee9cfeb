"""The patients under treatment and every array of them that changes. Admit, treat, snapshot, restore."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.chart import Chart, allocate_chart
from metaenv.clinic.codes import LEVELS, PROCEDURES
from metaenv.clinic.report import Report, allocate_report
from metaenv.clinic.visit import Ward, admit_each, visit_each
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray, Patients, State, World, allocate_scratch
from metaenv.observation import Layout
from metaenv.population.patients import Drawing, draw_patients
from metaenv.scenario.biology import build_biology, clones
from metaenv.scenario.clinic_settings import build_clinic
from metaenv.scenario.scenario import Scenario
from metaenv.threads import share


@dataclass(frozen=True)
class Snapshot:
    """A copy of a cohort's arrays. Restoring it continues bit-identically: chance needs no generator state."""

    scenario: Scenario
    state: State
    patients: Patients
    chart: Chart
    report: Report


class Cohort:
    """Patients of a scenario, treated together.

    Attributes:
        scenario: what is simulated.
        layout: names of the parts of an observation.
        state, patients, chart, report: arrays with the patient axis first; written into, never replaced.
        ward: all of it as the kernels read it.

    Args:
        scenario: what is simulated.
        size: number of patients, >= 1.
        full: whether observations hold the true state.
    """

    def __init__(self, scenario: Scenario, size: int, full: bool = False) -> None:
        disease = scenario.disease
        self.scenario = scenario
        self.layout = Layout(scenario, full)
        self.biology = build_biology(scenario)
        self.clinic = build_clinic(scenario)
        count, drugs = clones(disease), len(scenario.drugs)
        self._drawing = Drawing(scenario)
        self.patients, self.state = draw_patients(
            scenario, np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64), self._drawing
        )
        self.chart = allocate_chart(size, disease.lesions, len(disease.organs), len(disease.traits), drugs)
        choices = drugs * LEVELS + len(PROCEDURES) * scenario.local_therapy
        self.report = allocate_report(size, self.layout.size, choices, len(disease.traits))
        self._scratch = allocate_scratch(size, count, drugs)
        self._make_views()

    def _make_views(self) -> None:
        """Make the views of this object's arrays, which it keeps for life."""
        self._drawn = [_raw(array) for array in (*self.patients, *self.state)]
        self._blank = [_raw(array) for array in self.chart]
        self.ward = Ward(
            world=World(self.state, self.patients, self.biology, self._scratch),
            clinic=self.clinic,
            chart=self.chart,
            report=self.report,
            columns=self.layout.columns,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the views of the arrays: a copy makes its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("ward", "_drawn", "_blank")}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Make the views of this copy's arrays."""
        self.__dict__.update(values)
        self._make_views()

    @property
    def size(self) -> int:
        """Number of patients."""
        return int(self.state.organ.shape[0])

    def admit(self, rows: IntArray, identities: IntArray, keys: IntArray) -> None:
        """Put new patients into some rows and see them for the first time.

        Args:
            rows: (k,) rows to overwrite.
            identities: (k,) ids.
            keys: (k,) what chance will do to them.
        """
        patients, state = draw_patients(self.scenario, identities, keys, self._drawing)
        where: Any = slice(None) if self.size == 1 else rows  # quicker
        for mine, drawn in zip(self._drawn, (*patients, *state), strict=True):
            mine[where] = _raw(drawn)
        for array in self._blank:
            array[where] = 0
        admit_each(self.ward, rows)

    def treat(self, actions: FloatArray, active: BoolArray) -> None:
        """Treat the active patients until their next visit; the report then holds what it brought.

        Args:
            actions: (patient, choice) fraction of full dose per drug, then local therapy where offered.
            active: (patient,) whom to treat; the others stay as they are.
        """
        size = self.size
        if size == 1:  # nobody to share with
            visit_each(self.ward, actions, active, 0, 1)
        else:
            share(lambda first, last: visit_each(self.ward, actions, active, first, last), size)

    def snapshot(self) -> Snapshot:
        """A copy of everything that changes."""
        return copy.deepcopy(Snapshot(self.scenario, self.state, self.patients, self.chart, self.report))

    def restore(self, snapshot: Snapshot) -> None:
        """Return to a snapshot of a cohort of the same scenario, size and kind of observation.

        Raises:
            ValueError: the snapshot is of another kind of cohort; nothing is changed then.
        """
        if not isinstance(snapshot, Snapshot):
            raise ValueError(f"snapshot must be what snapshot() returned, got {type(snapshot).__name__}")
        if snapshot.scenario != self.scenario:
            raise ValueError(
                f"snapshot must be of this scenario ({self.scenario.disease.name}), got one of another "
                f"({snapshot.scenario.disease.name}, or with other settings)"
            )
        pairs = [
            (mine, kept)
            for name in ("state", "patients", "chart", "report")
            for mine, kept in zip(getattr(self, name), getattr(snapshot, name), strict=True)
        ]
        for mine, kept in pairs:
            if mine.shape != kept.shape or mine.dtype != kept.dtype:
                raise ValueError(f"snapshot must be of arrays of shape {mine.shape}, got {kept.shape}")
        for mine, kept in pairs:
            mine[...] = kept


def _raw(array: NDArray[Any]) -> NDArray[Any]:
    """An array; records as bytes, (record, byte), which are copied ten times as fast."""
    return array if array.dtype.names is None else array.view(np.ndarray).view(np.uint8).reshape(array.size, -1)
