"""The patient's chart: what the clinic has measured, prescribed and concluded so far. Nothing in it is the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metaenv.dynamics.state import BoolArray, FloatArray, IntArray, RecordArray, records

NOTE = np.dtype(
    [
        ("marker", "f8"),  # last measured, units of the marker
        ("baseline_marker", "f8"),
        ("nadir_marker", "f8"),
        ("scan_day", "f8"),  # day of the last scan
        ("scanned", "?"),  # at this visit
        ("baseline_sum", "f8"),  # mm, sum of target diameters
        ("nadir_sum", "f8"),  # mm
        ("target_sum", "f8"),  # mm, at the last scan
        ("response", "i8"),  # index in codes.RESPONSES, at the last scan
        ("progressed", "?"),
        ("progression_day", "f8"),  # -1 = none
        ("suspected_day", "f8"),  # first day above the threshold, not yet confirmed; -1 = none
        ("symptoms", "f8"),  # at the last visit, 0 to 1
        ("procedure", "i8"),  # done at this visit, index in codes.PROCEDURES
        ("courses", "i8"),  # courses of radiotherapy given to the patient
        ("operations", "i8"),  # resections of the patient
        ("lived", "f8"),  # days lived since the last visit
        ("new_unmeasurable", "i8"),  # lesions seen since the baseline in organs that are not measurable
        ("new_lesion", "?"),  # seen at this visit's scan, and enough of them where they are not measurable
        ("sampled", "?"),  # blood was drawn at this visit
        ("sequenced", "?"),  # tumour DNA was found, so the allele fractions mean something
    ]
)


class Chart(NamedTuple):
    """Measurements and decisions, one row per patient."""

    note: RecordArray  # (patient,) NOTE
    diameter: FloatArray  # (patient, lesion) mm at the last scan, 0 = not seen
    site: IntArray  # (patient, lesion) organ where it was seen
    lineage: IntArray  # (patient, lesion) which of the slot's successive lesions was last looked at
    irradiated: FloatArray  # (patient, lesion) courses of radiotherapy that the lesion has had
    known: BoolArray  # (patient, lesion) seen at this or an earlier scan
    target: BoolArray  # (patient, lesion) RECIST target
    diameters: FloatArray  # (patient, organ) mm, sum at the last scan
    seen: FloatArray  # (patient, organ) lesions seen at the last scan
    alleles: FloatArray  # (patient, trait) fraction of tumour DNA with the trait
    dose: FloatArray  # (patient, drug) fraction of full dose that may now be given
    prescribed: FloatArray  # (patient, drug) fraction of full dose prescribed at the last visit
    dose_given: FloatArray  # (patient, drug) mean fraction of full dose given since the last visit
    held: FloatArray  # (patient, drug) 1 where a prescribed dose was held since the last visit


def allocate_chart(patients: int, lesions: int, organs: int, traits: int, drugs: int) -> Chart:
    """An empty chart for so many patients."""
    return Chart(
        note=records(patients, NOTE),
        diameter=np.zeros((patients, lesions)),
        site=np.zeros((patients, lesions), dtype=np.int64),
        lineage=np.zeros((patients, lesions), dtype=np.int64),
        irradiated=np.zeros((patients, lesions)),
        known=np.zeros((patients, lesions), dtype=np.bool_),
        target=np.zeros((patients, lesions), dtype=np.bool_),
        diameters=np.zeros((patients, organs)),
        seen=np.zeros((patients, organs)),
        alleles=np.zeros((patients, traits)),
        dose=np.zeros((patients, drugs)),
        prescribed=np.zeros((patients, drugs)),
        dose_given=np.zeros((patients, drugs)),
        held=np.zeros((patients, drugs)),
    )
