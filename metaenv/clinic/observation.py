"""Writing what the agent sees: measurements, and for an oracle the true state. Their names: `metaenv.observation`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.chart import Chart
from metaenv.clinic.rules import Clinic
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.state import CIRCULATING, TRANSITS, IntArray, State

RATIO_CEILING = 10.0  # marker ratios above are reported as this
GRADES = 4.0  # CTCAE grades 0 to 4 while alive; score 1 is grade 3
INTENSITY_CEILING = 4.0  # full doses; an infusion may fall several times between visits


@compiled_inside
def observe(state: State, clinic: Clinic, chart: Chart, i: int, out: NDArray[np.float32], offsets: IntArray) -> None:
    """Write the observation of one patient; with more offsets than measurements also the true state."""
    note, rules = chart.note[i], clinic.rules[0]
    day = state.host[i].day
    out[offsets[0]] = math.log10(max(1e-4, note.marker))
    ratio = note.marker / note.baseline_marker if note.baseline_marker > 0.0 else 1.0
    out[offsets[1]] = min(RATIO_CEILING, ratio)
    out[offsets[2]] = 1.0 if note.sampled else 0.0
    out[offsets[3]] = 1.0 if note.scanned else 0.0
    out[offsets[4]] = (day - note.scan_day) / 365.25
    for organ in range(chart.seen.shape[1]):
        out[offsets[5] + organ] = chart.diameters[i, organ] / 100.0
        out[offsets[6] + organ] = chart.seen[i, organ] / 10.0
    for response in range(4):
        out[offsets[7] + response] = 1.0 if note.response == response else 0.0
    for trait in range(chart.alleles.shape[1]):
        out[offsets[8] + trait] = chart.alleles[i, trait]
    out[offsets[9]] = 1.0 if note.sequenced else 0.0
    out[offsets[10]] = state.neutrophils[i, CIRCULATING] / 10.0
    for kind in range(state.toxicity.shape[1]):
        out[offsets[11] + kind] = min(GRADES, math.floor(3.0 * state.toxicity[i, kind] + 1e-9)) / GRADES
    for drug in range(chart.dose_given.shape[1]):
        out[offsets[12] + drug] = min(INTENSITY_CEILING, chart.dose_given[i, drug])
        out[offsets[13] + drug] = chart.held[i, drug]
    for choice in range(3):
        out[offsets[14] + choice] = 1.0 if note.procedure == choice else 0.0
    out[offsets[15]] = day / rules.horizon
    if offsets.shape[0] > 16:
        observe_truth(state, i, out, offsets)


@compiled_inside
def observe_truth(state: State, i: int, out: NDArray[np.float32], offsets: IntArray) -> None:
    """Write the true state of one patient behind the measurements."""
    lesions, clones = state.proliferating.shape[1], state.proliferating.shape[2]
    for lesion in range(lesions):
        for clone in range(clones):
            at = lesion * clones + clone
            out[offsets[16] + at] = math.log10(1.0 + state.proliferating[i, lesion, clone]) / 10.0
            out[offsets[17] + at] = math.log10(1.0 + state.dormant[i, lesion, clone]) / 10.0
        here = state.organ[i, lesion] >= 0
        out[offsets[18] + lesion] = math.log10(1.0 + state.capacity[i, lesion]) / 10.0 if here else 0.0
        out[offsets[19] + lesion] = (state.organ[i, lesion] + 1.0) / 10.0
        out[offsets[20] + lesion] = 1.0 if here and state.vascular[i, lesion] else 0.0
        out[offsets[21] + lesion] = 1.0 if here and state.niche_open[i, lesion] else 0.0
    for organ in range(state.disseminated_cells.shape[1]):
        for clone in range(clones):
            out[offsets[22] + organ * clones + clone] = (
                math.log10(1.0 + state.disseminated_cells[i, organ, clone]) / 10.0
            )
    for drug in range(state.concentration.shape[1]):
        out[offsets[23] + 2 * drug] = state.concentration[i, drug, 0]
        out[offsets[23] + 2 * drug + 1] = state.concentration[i, drug, 1]
    for stage in range(TRANSITS):
        out[offsets[24] + stage] = state.neutrophils[i, stage] / 10.0
    for kind in range(state.toxicity.shape[1]):
        out[offsets[25] + kind] = state.toxicity[i, kind]
    out[offsets[26]] = state.host[i].immunity
