"""Scans: which lesions are seen, and how large they are read.

Only proliferating cells show: dormant ones change nothing that imaging reads.
"""

from __future__ import annotations

import math

from metaenv.clinic.chart import Chart
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import READER, normal_quantile, uniforms
from metaenv.dynamics.state import Patients, State

CELLS_PER_MM3 = 1e6  # 1e9 cells/cm3; Source: DelMonte2009 (convention)


@compiled
def diameter_of(cells: float) -> float:
    """Diameter (mm) of a ball of so many cells."""
    return math.pow(6.0 * cells / CELLS_PER_MM3 / math.pi, 1.0 / 3.0)


@compiled_inside
def imaged_cells(state: State, i: int, lesion: int) -> float:
    """Proliferating cells of a lesion: what a scan can show."""
    cells = 0.0
    if state.organ[i, lesion] >= 0:
        for clone in range(state.proliferating.shape[2]):
            cells += state.proliferating[i, lesion, clone]
    return cells


@compiled_inside
def scan(state: State, patients: Patients, clinic: ClinicSettings, chart: Chart, i: int) -> None:
    """Read every lesion above the detection limit with the reader's noise.

    Writes: chart.note, chart.diameter, chart.lineage, chart.known, chart.target, chart.irradiated, chart.site,
    chart.diameters, chart.seen.
    """
    rules, note = clinic.rules[0], chart.note[i]
    note.scanned = True
    note.scan_day = state.host[i].day
    note.new_lesion = False
    before = note.new_unmeasurable
    for organ in range(chart.seen.shape[1]):
        chart.seen[i, organ] = 0.0
        chart.diameters[i, organ] = 0.0
    for lesion in range(chart.diameter.shape[1]):
        chart.diameter[i, lesion] = 0.0
        organ = state.organ[i, lesion]
        if chart.lineage[i, lesion] != state.lineage[i, lesion]:  # another lesion than the one looked at before
            chart.lineage[i, lesion] = state.lineage[i, lesion]
            chart.known[i, lesion] = False
            chart.target[i, lesion] = False
            chart.irradiated[i, lesion] = 0.0
        cells = imaged_cells(state, i, lesion)
        if cells < rules.detection_cells or cells <= 0.0:
            continue
        diameter = diameter_of(cells)
        if rules.diameter_noise > 0.0:
            first, _ = uniforms(patients.person[i].key, state.host[i].tick, lesion, READER, 0)
            diameter *= math.exp(rules.diameter_noise * normal_quantile(first))
        if not chart.known[i, lesion]:
            chart.known[i, lesion] = True
            note.new_lesion = note.new_lesion or clinic.measurable[organ]
            note.new_unmeasurable += not clinic.measurable[organ]
        chart.diameter[i, lesion] = diameter
        chart.site[i, lesion] = organ
        chart.diameters[i, organ] += diameter
        chart.seen[i, organ] += 1.0
    if note.new_unmeasurable > before and note.new_unmeasurable >= rules.new_unmeasurable:
        note.new_lesion = True
