"""The patients under treatment: owns every array that changes. Admit, treat, snapshot, restore."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.biology import build_biology, clones
from metaenv.chart import CLINIC, Chart, Clinic, allocate_chart
from metaenv.dosing import LEVELS
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray, Patients, State, allocate_scratch, records
from metaenv.observation import Layout
from metaenv.patients import Drawing, draw_patients
from metaenv.reward import OBJECTIVES
from metaenv.scenario import Scenario
from metaenv.sharing import share
from metaenv.visit import Report, Ward, admit_each, allocate_report, visit_each


@dataclass(frozen=True)
class Snapshot:
    """A copy of a cohort's arrays. Restoring it continues bit-identically: chance needs no generator state."""

    scenario: Scenario
    state: State
    patients: Patients
    chart: Chart
    report: Report


class Cohort:
    """So many patients of a scenario, treated together.

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
        self.report = allocate_report(
            size, self.layout.size, drugs * LEVELS + 3 * scenario.local_therapy, len(disease.traits)
        )
        self._scratch = allocate_scratch(size, count, drugs)
        self._open()

    def _open(self) -> None:
        """Look into the arrays of this object, which it keeps for life."""
        self._drawn = [_raw(array) for array in (*self.patients, *self.state)]
        self._blank = [_raw(array) for array in self.chart]
        self.ward = Ward(
            state=self.state,
            patients=self.patients,
            biology=self.biology,
            clinic=self.clinic,
            chart=self.chart,
            scratch=self._scratch,
            report=self.report,
            offsets=self.layout.offsets,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what looks into the arrays: a copy has its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("ward", "_drawn", "_blank")}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Look into the arrays of this copy."""
        self.__dict__.update(values)
        self._open()

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


def build_clinic(scenario: Scenario) -> Clinic:
    """Rules and instruments of a scenario for the kernels."""
    disease, sensors, progression = scenario.disease, scenario.disease.sensors, scenario.disease.progression
    local, weights = disease.local_therapy, scenario.reward
    values = {
        "interval": scenario.visit_interval,
        "horizon": scenario.horizon,
        "scan_interval": sensors.scan_interval,
        "detection_cells": sensors.detection_cells,
        "diameter_noise": sensors.diameter_noise,
        "circulating_dna": sensors.marker == "ctDNA",
        "marker_per_cell": sensors.marker_per_cell,
        "marker_noise": sensors.marker_noise,
        "marker_limit": sensors.marker_limit,
        "allele_depth": sensors.allele_depth,
        "blood_volume": sensors.blood_volume,
        "by_marker": progression.by == "marker",
        "from_baseline": progression.reference == "baseline",
        "progression_factor": progression.factor,
        "confirmation": progression.confirmation,
        "new_unmeasurable": progression.new_unmeasurable,
        "ends_at_progression": progression.ends_episode,
        "lesion_courses": local.courses if local else 0,
        "patient_courses": local.patient_courses if local else 0,
        "operations": local.operations if local else 0,
        "course_mortality": local.course_mortality if local else 0.0,
        "operation_mortality": local.operation_mortality if local else 0.0,
        "local": local is not None,
        "objective": OBJECTIVES.index(weights.objective),
        "symptom_disutility": disease.symptom_disutility * weights.symptoms,
        "symptom_burden": disease.symptom_burden,
        "treatment_weight": weights.treatment,
        "toxicity_weight": weights.toxicity,
        "resection_loss": disease.procedure_disutility[0] * weights.procedure,
        "radiotherapy_loss": disease.procedure_disutility[1] * weights.procedure,
        "sepsis_disutility": disease.sepsis_disutility,
    }
    rules = records(1, CLINIC)
    for name, value in values.items():
        rules[name] = value
    return Clinic(
        rules=rules,
        measurable=np.array([organ.measurable for organ in disease.organs], dtype=np.bool_),
        drug_disutility=np.array([drug.disutility for drug in scenario.drugs]),
        toxicity_disutility=np.array([kind.disutility for kind in disease.toxicities], dtype=np.float64),
    )
