"""What a policy may be guided by: measurements by name, thresholds of them that are tried, and how they are read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metaenv.clinic.codes import DAYS_PER_YEAR
from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray

LEAST_DIAMETERS = 10.0  # mm, guess; of the baseline that later sums are divided by, where nothing or little was seen
MARKER, DIAMETERS, VISITS = range(3)  # columns of the memory: last marker ratio, first sum of diameters, visits so far


class Range(NamedTuple):
    """Thresholds of a measurement that are tried, with even steps of their logarithm."""

    low: float
    high: float


MEASUREMENTS = {  # name -> thresholds that are tried; all guess. Symptoms are nowhere in what a clinic writes down
    "marker": Range(0.02, 5.0),  # of baseline
    "diameters": Range(0.05, 3.0),  # sum of diameters, of baseline
    "lesions": Range(1.0, 15.0),  # seen at the last scan
    "resistance": Range(0.005, 0.95),  # largest share of tumour DNA in blood that carries one trait
    "toxicity": Range(0.5, 3.5),  # worst grade, CTCAE
    "neutrophils": Range(0.5, 5.0),  # 1e9/L
    "years": Range(0.25, 8.0),  # since the first visit
}


def measured(name: str, clinic: Clinic, observation: Array, memory: FloatArray, fresh: BoolArray) -> FloatArray:
    """A measurement as of the last time it was taken, (patient,).

    Writes: memory, but for the number of visits.

    Args:
        name: one of `MEASUREMENTS`.
        clinic: where they treat.
        observation: (patient, measurement).
        memory: (patient, column), see `MARKER`; 0 where fresh; further columns are not read.
        fresh: (patient,) True at a patient's first visit.
    """
    if name == "marker":
        ratio, last = clinic.marker_ratio(observation), np.where(fresh, 1.0, memory[:, MARKER])
        memory[:, MARKER] = np.where(np.isnan(ratio), last, ratio)
        return memory[:, MARKER]
    if name == "diameters":
        total = clinic.sum_of_diameters(observation)
        memory[:, DIAMETERS] = np.where(fresh, np.maximum(total, LEAST_DIAMETERS), memory[:, DIAMETERS])
        return total / memory[:, DIAMETERS]
    if name == "resistance":
        shares = [clinic.allele_fraction(observation, trait) for trait in clinic.traits]
        largest: FloatArray = np.max([np.zeros(len(observation)), *shares], axis=0)
        return largest
    if name == "years":
        return memory[:, VISITS] * clinic.visit_interval / DAYS_PER_YEAR
    read = {"lesions": clinic.lesions_seen, "toxicity": clinic.worst_toxicity, "neutrophils": clinic.neutrophils}
    return read[name](observation)
