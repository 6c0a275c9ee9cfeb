"""Write what the agent sees: measurements, or everything for an oracle. The parts stand in `observation_table`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import PROCEDURES, RESPONSES
from metaenv.clinic.observation_table import HIGHEST_GRADE, INTENSITY_CEILING, MARKER_FLOOR, RATIO_CEILING, Columns
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.exposure import cycles_spent
from metaenv.dynamics.state import CIRCULATING, TRANSITS, Biology, State


@compiled_inside
def observe(
    state: State,
    biology: Biology,
    clinic: ClinicSettings,
    chart: Chart,
    i: int,
    out: NDArray[np.float32],
    columns: Columns,
) -> None:
    """The observation of one patient.

    Writes: out.

    Args:
        state: the true state, read where it is observed.
        biology: shared constants.
        clinic: rules and instruments.
        chart: what was measured.
        i: patient.
        out: (size,) the observation.
        columns: where the parts stand.
    """
    note, at, by = chart.note[i], columns.at[0], columns.by[0]
    day = state.host[i].day
    out[at.marker] = math.log10(max(MARKER_FLOOR, note.marker))
    ratio = note.marker / note.baseline_marker if note.baseline_marker > 0.0 else 1.0
    out[at.marker_ratio] = min(RATIO_CEILING, ratio)
    out[at.marker_measured] = 1.0 if note.sampled else 0.0
    out[at.scan_measured] = 1.0 if note.scanned else 0.0
    out[at.scan_age] = (day - note.scan_day) / by.scan_age
    for organ in range(chart.seen.shape[1]):
        out[at.diameters + organ] = chart.diameters[i, organ] / by.diameters
        out[at.visible + organ] = chart.seen[i, organ] / by.visible
    for response in range(len(RESPONSES)):
        out[at.response + response] = 1.0 if note.response == response else 0.0
    for trait in range(chart.alleles.shape[1]):
        out[at.allele_fraction + trait] = chart.alleles[i, trait]
    out[at.allele_measured] = 1.0 if note.sequenced else 0.0
    out[at.neutrophils] = state.neutrophils[i, CIRCULATING] / by.neutrophils
    for kind in range(state.toxicity.shape[1]):
        grade = min(HIGHEST_GRADE, math.floor(3.0 * state.toxicity[i, kind] + 1e-9))
        out[at.toxicity + kind] = grade / by.toxicity
    for drug in range(chart.dose_given.shape[1]):
        out[at.dose_given + drug] = min(INTENSITY_CEILING, chart.dose_given[i, drug])
        out[at.held + drug] = chart.held[i, drug]
        out[at.cycles + drug] = cycles_spent(state, biology, i, drug)
    for procedure in range(len(PROCEDURES)):
        out[at.local_therapy + procedure] = 1.0 if note.procedure == procedure else 0.0
    out[at.day] = day / by.day
    if at.proliferating_cells >= 0:
        observe_truth(state, i, out, columns)


@compiled_inside
def _decades(cells: float, by: float) -> float:
    return math.log10(1.0 + cells) / by


@compiled_inside
def observe_truth(state: State, i: int, out: NDArray[np.float32], columns: Columns) -> None:
    """The true state of one patient, behind the measurements. Writes: out."""
    at, by = columns.at[0], columns.by[0]
    lesions, clones = state.proliferating.shape[1], state.proliferating.shape[2]
    for lesion in range(lesions):
        for clone in range(clones):
            k = lesion * clones + clone
            cells = state.proliferating[i, lesion, clone]
            out[at.proliferating_cells + k] = _decades(cells, by.proliferating_cells)
            out[at.dormant_cells + k] = _decades(state.dormant[i, lesion, clone], by.dormant_cells)
        here = state.organ[i, lesion] >= 0
        out[at.capacity + lesion] = _decades(state.capacity[i, lesion], by.capacity) if here else 0.0
        out[at.organ + lesion] = (state.organ[i, lesion] + 1.0) / by.organ
        out[at.vascular + lesion] = 1.0 if here and state.vascular[i, lesion] else 0.0
        out[at.niche_open + lesion] = 1.0 if here and state.niche_open[i, lesion] else 0.0
    for organ in range(state.disseminated_cells.shape[1]):
        for clone in range(clones):
            out[at.disseminated_cells + organ * clones + clone] = _decades(
                state.disseminated_cells[i, organ, clone], by.disseminated_cells
            )
    for drug in range(state.concentration.shape[1]):
        out[at.concentration + 2 * drug] = state.concentration[i, drug, 0]
        out[at.concentration + 2 * drug + 1] = state.concentration[i, drug, 1]
    for stage in range(TRANSITS):
        out[at.neutrophil_chain + stage] = state.neutrophils[i, stage] / by.neutrophil_chain
    for kind in range(state.toxicity.shape[1]):
        out[at.toxicity_score + kind] = state.toxicity[i, kind]
    out[at.immunity] = state.host[i].immunity
