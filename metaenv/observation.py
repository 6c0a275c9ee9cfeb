"""What the agent sees: measurements by name, or everything for an oracle.

Rules and learners read a named slice, `observation[..., layout.marker_ratio]`, never a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from metaenv.chart import Chart, Clinic
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.state import TRANSITS, IntArray, State
from metaenv.scenario import Scenario

RATIO_CEILING = 10.0  # marker ratios above are reported as this
GRADES = 4.0  # CTCAE grades 0 to 4 while alive; score 1 is grade 3
INTENSITY_CEILING = 4.0  # full doses; an infusion may fall several times between visits


class Layout:
    """Names of the parts of an observation, each a slice into its last axis.

    Attributes:
        size: length of an observation.
        full: whether the true state is part of it.
        names: names of the parts, in order.
        low: (size,) lower bounds.
        high: (size,) upper bounds.
        offsets: start of each part, in the order of the kernel.

    Parts and units (kept in [low, high]):
        marker: log10 of the tumour marker (ng/mL, or genome equivalents/mL).
        marker_ratio: marker / marker at the first visit, reported up to 10.
        marker_measured, scan_measured: 1 if measured at this visit, else the last value is shown.
        scan_age: years since the last scan.
        diameters: per organ, sum of diameters at the last scan, in 100 mm.
        visible: per organ, lesions seen at the last scan, in 10.
        response: one-hot CR, PR, SD, PD at the last scan.
        allele_fraction: per trait, share of circulating tumour DNA, 0..1.
        allele_measured: 1 if tumour DNA was found in the blood sample.
        neutrophils: 1e10/L.
        toxicity: per kind, CTCAE grade / 4.
        dose_given: per drug, mean fraction of full dose given since the last visit.
        held: per drug, 1 if a prescribed dose was held.
        local_therapy: one-hot none, resection, radiotherapy done at the last visit.
        day: fraction of the follow-up.
        With observation="full", also (log10(1 + cells) / 10 where cells are counted): proliferating_cells and
        dormant_cells (lesion, clone), capacity, organ (index + 1) / 10, vascular, niche_open (lesion), seeds (organ,
        clone), concentration (drug, plasma and tissue), neutrophil_chain (5) 1e10/L, toxicity_score (kind), immunity.
    """

    def __init__(self, scenario: Scenario, full: bool) -> None:
        disease, drugs = scenario.disease, len(scenario.drugs)
        organs, traits, kinds = len(disease.organs), len(disease.traits), len(disease.toxicities)
        lesions, clones = disease.lesions, 1 << traits
        years = math.ceil(scenario.horizon / 365.25) + 1.0
        shapes = {
            "marker": (1, -4.0, 8.0),
            "marker_ratio": (1, 0.0, RATIO_CEILING),
            "marker_measured": (1, 0.0, 1.0),
            "scan_measured": (1, 0.0, 1.0),
            "scan_age": (1, 0.0, years),
            "diameters": (organs, 0.0, 1e3),
            "visible": (organs, 0.0, lesions / 10.0),
            "response": (4, 0.0, 1.0),
            "allele_fraction": (traits, 0.0, 1.0),
            "allele_measured": (1, 0.0, 1.0),
            "neutrophils": (1, 0.0, 1e3),
            "toxicity": (kinds, 0.0, 1.0),
            "dose_given": (drugs, 0.0, INTENSITY_CEILING),
            "held": (drugs, 0.0, 1.0),
            "local_therapy": (3, 0.0, 1.0),
            "day": (1, 0.0, 2.0),
        }
        if full:
            shapes |= {
                "proliferating_cells": (lesions * clones, 0.0, 2.0),
                "dormant_cells": (lesions * clones, 0.0, 2.0),
                "capacity": (lesions, 0.0, 4.0),
                "organ": (lesions, 0.0, 2.0),
                "vascular": (lesions, 0.0, 1.0),
                "niche_open": (lesions, 0.0, 1.0),
                "seeds": (organs * clones, 0.0, 2.0),
                "concentration": (drugs * 2, 0.0, 1e3),
                "neutrophil_chain": (TRANSITS, 0.0, 1e3),
                "toxicity_score": (kinds, 0.0, 1e3),
                "immunity": (1, 0.0, 1e3),
            }
        ends = np.cumsum([count for count, _, _ in shapes.values()])
        starts = np.concatenate([[0], ends[:-1]])
        self._slices = {name: slice(int(a), int(b)) for name, a, b in zip(shapes, starts, ends, strict=True)}
        self.size = int(ends[-1])
        self.full = full
        self.offsets: IntArray = starts.astype(np.int64)
        self.low = np.concatenate([np.full(count, low, np.float32) for count, low, _ in shapes.values()])
        self.high = np.concatenate([np.full(count, high, np.float32) for count, _, high in shapes.values()])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, in order."""
        return tuple(self._slices)

    def __getattr__(self, name: str) -> slice:
        slices = self.__dict__.get("_slices", {})
        if name in slices:
            part: slice = slices[name]
            return part
        raise AttributeError(f"no part {name!r} in this observation; parts: {list(slices)}")

    def __iter__(self) -> Iterator[tuple[str, slice]]:
        """Names and slices, in order."""
        return iter(self._slices.items())


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
    out[offsets[10]] = state.neutrophils[i, 4] / 10.0
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
    for organ in range(state.seeds.shape[1]):
        for clone in range(clones):
            out[offsets[22] + organ * clones + clone] = math.log10(1.0 + state.seeds[i, organ, clone]) / 10.0
    for drug in range(state.concentration.shape[1]):
        out[offsets[23] + 2 * drug] = state.concentration[i, drug, 0]
        out[offsets[23] + 2 * drug + 1] = state.concentration[i, drug, 1]
    for stage in range(TRANSITS):
        out[offsets[24] + stage] = state.neutrophils[i, stage] / 10.0
    for kind in range(state.toxicity.shape[1]):
        out[offsets[25] + kind] = state.toxicity[i, kind]
    out[offsets[26]] = state.host[i].immunity
