"""What the agent sees: measurements by name, or everything for an oracle.

Rules and learners read a named slice, `observation[..., layout.marker_ratio]`, never a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaenv import registration
from metaenv.clinic.observation import INTENSITY_CEILING, RATIO_CEILING
from metaenv.dynamics.state import TRANSITS, IntArray
from metaenv.scenario.scenario import Scenario

NEAR_SINCE = 1  # version of the ids from which bounds are near the data


class Part(NamedTuple):
    """One named part of an observation."""

    size: int
    low: float
    high: float  # of version 0
    near: float  # of later versions; what is above is reported as this
    unit: str


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
        dormant_cells (lesion, clone), capacity, organ (index + 1) / 10, vascular, niche_open (lesion),
        disseminated_cells (organ, clone), concentration (drug, plasma and tissue), neutrophil_chain (5) 1e10/L,
        toxicity_score (kind), immunity.
    """

    def __init__(self, scenario: Scenario, full: bool) -> None:
        parts = _measured(scenario) | (_true(scenario) if full else {})
        ends = np.cumsum([part.size for part in parts.values()])
        starts = np.concatenate([[0], ends[:-1]])
        self._parts = parts
        self._slices = {name: slice(int(a), int(b)) for name, a, b in zip(parts, starts, ends, strict=True)}
        self.size = int(ends[-1])
        self.full = full
        self.near = registration.VERSION >= NEAR_SINCE
        self.offsets: IntArray = starts.astype(np.int64)
        highs = [part.near if self.near else part.high for part in parts.values()]
        sizes = [part.size for part in parts.values()]
        self.low = np.repeat(np.array([part.low for part in parts.values()], np.float32), sizes)
        self.high = np.repeat(np.array(highs, np.float32), sizes)

    def within(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        """A copy of observations, (…, size), with what lies above near bounds reported as the bound."""
        return np.minimum(observation, self.high) if self.near else observation.copy()

    def __repr__(self) -> str:
        """A table: names, slices, bounds and units of the parts."""
        rows = [("part", "slice", "low", "high", "unit")]
        for name, part in self._slices.items():
            if part.stop > part.start:
                low, high = self.low[part.start], self.high[part.start]
                rows.append((name, f"{part.start}:{part.stop}", f"{low:g}", f"{high:g}", self._parts[name].unit))
            else:
                rows.append((name, f"{part.start}:{part.stop}", "", "", f"none here; {self._parts[name].unit}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([f"Layout of {self.size} numbers", *lines])

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


def _measured(scenario: Scenario) -> dict[str, Part]:
    """What the clinic measures.

    Near bounds are those that the patients of every disease keep under no, half, full and random treatment, with room
    (in 400 patients each: diameters 5.1, neutrophils 1.8, visible 1.9, marker -4 to 3.2), or that follow from the
    calendar.
    """
    disease, drugs = scenario.disease, len(scenario.drugs)
    organs, traits, kinds = len(disease.organs), len(disease.traits), len(disease.toxicities)
    years, most = math.ceil(scenario.horizon / 365.25) + 1.0, disease.lesions / 10.0
    age = max(disease.sensors.scan_interval, scenario.visit_interval) / 365.25  # then a scan is due
    return {
        "marker": Part(1, -4.0, 8.0, 5.0, f"log10 {disease.sensors.marker_unit}"),
        "marker_ratio": Part(1, 0.0, RATIO_CEILING, RATIO_CEILING, "of the first visit"),
        "marker_measured": Part(1, 0.0, 1.0, 1.0, "0 or 1"),
        "scan_measured": Part(1, 0.0, 1.0, 1.0, "0 or 1"),
        "scan_age": Part(1, 0.0, years, age, "years"),
        "diameters": Part(organs, 0.0, 1e3, 10.0, "100 mm"),
        "visible": Part(organs, 0.0, most, most, "10 lesions"),
        "response": Part(4, 0.0, 1.0, 1.0, "one-hot CR, PR, SD, PD"),
        "allele_fraction": Part(traits, 0.0, 1.0, 1.0, "share of tumour DNA"),
        "allele_measured": Part(1, 0.0, 1.0, 1.0, "0 or 1"),
        "neutrophils": Part(1, 0.0, 1e3, 3.0, "1e10/L"),
        "toxicity": Part(kinds, 0.0, 1.0, 1.0, "CTCAE grade / 4"),
        "dose_given": Part(drugs, 0.0, INTENSITY_CEILING, INTENSITY_CEILING, "full dose"),
        "held": Part(drugs, 0.0, 1.0, 1.0, "0 or 1"),
        "local_therapy": Part(3, 0.0, 1.0, 1.0, "one-hot none, resection, radiotherapy"),
        "day": Part(1, 0.0, 2.0, 1.0, "of the follow-up"),
    }


def _true(scenario: Scenario) -> dict[str, Part]:
    """The true state, for oracles. Near bounds as above (cells 1.22, single 0.25, capacity 2.3, concentration 7.6)."""
    disease, drugs = scenario.disease, len(scenario.drugs)
    lesions, clones, organs = disease.lesions, 1 << len(disease.traits), len(disease.organs)
    return {
        "proliferating_cells": Part(lesions * clones, 0.0, 2.0, 1.5, "log10(1 + cells) / 10"),
        "dormant_cells": Part(lesions * clones, 0.0, 2.0, 1.5, "log10(1 + cells) / 10"),
        "capacity": Part(lesions, 0.0, 4.0, 2.5, "log10(1 + cells) / 10"),
        "organ": Part(lesions, 0.0, 2.0, organs / 10.0, "(index + 1) / 10, 0 = no lesion"),
        "vascular": Part(lesions, 0.0, 1.0, 1.0, "0 or 1"),
        "niche_open": Part(lesions, 0.0, 1.0, 1.0, "0 or 1"),
        "disseminated_cells": Part(organs * clones, 0.0, 2.0, 1.0, "log10(1 + cells) / 10"),
        "concentration": Part(drugs * 2, 0.0, 1e3, 15.0, "mean at full dose; plasma, tissue"),
        "neutrophil_chain": Part(TRANSITS, 0.0, 1e3, 4.0, "1e10/L"),
        "toxicity_score": Part(len(disease.toxicities), 0.0, 1e3, 3.0, "1 = dose-limiting"),
        "immunity": Part(1, 0.0, 1e3, 5.0, "of the untreated"),
    }
