"""Settings of the clinic as the kernels read them: calendar, instruments, progression, limits of local therapy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metaenv.dynamics.state import BoolArray, FloatArray, RecordArray

RULES = np.dtype(
    [
        ("interval", "f8"),  # days between visits
        ("horizon", "f8"),  # days
        ("scan_interval", "f8"),  # days
        ("detection_cells", "f8"),  # cells
        ("diameter_noise", "f8"),  # coefficient of variation
        ("circulating_dna", "?"),  # marker is ctDNA, else PSA
        ("marker_per_cell", "f8"),
        ("marker_noise", "f8"),
        ("marker_limit", "f8"),
        ("allele_depth", "f8"),  # genome equivalents sequenced at most, 0 = not sequenced
        ("blood_volume", "f8"),  # mL
        ("by_marker", "?"),  # progression by marker, else by RECIST
        ("from_baseline", "?"),  # reference of progression, else the nadir
        ("progression_factor", "f8"),
        ("confirmation", "f8"),  # days
        ("new_unmeasurable", "f8"),  # how many new lesions count as progression where they are not measurable
        ("ends_at_progression", "?"),
        ("lesion_courses", "f8"),  # courses of radiotherapy that one lesion's surroundings tolerate
        ("patient_courses", "f8"),  # courses that one patient tolerates
        ("operations", "f8"),  # resections that one patient tolerates
        ("course_mortality", "f8"),  # probability of dying of a course of radiotherapy
        ("operation_mortality", "f8"),  # probability of dying of a resection
        ("local", "?"),  # local therapy is offered
        ("most_lesions", "f8"),  # seen at the last scan, up to which any of them may be treated
        ("palliated_symptoms", "f8"),  # 0 to 1, from which any of them may be
        ("objective", "i8"),  # index in codes.OBJECTIVES
        ("symptom_disutility", "f8"),
        ("symptom_burden", "f8"),  # weighted cells
        ("treatment_weight", "f8"),
        ("toxicity_weight", "f8"),
        ("resection_loss", "f8"),  # quality-adjusted years
        ("radiotherapy_loss", "f8"),  # quality-adjusted years
        ("sepsis_disutility", "f8"),  # quality lost in fever, see clinic.reward.FEBRILE_SHARE
    ]
)


class ClinicSettings(NamedTuple):
    """Rules and instruments that all patients of a scenario share."""

    rules: RecordArray  # (1,) RULES
    measurable: BoolArray  # (organ,) lesions there can be targets
    urgent: BoolArray  # (organ,) a lesion there may be treated locally, however many others are seen
    drug_disutility: FloatArray  # (drug,) quality lost at full dose
    toxicity_disutility: FloatArray  # (kind,) quality lost at score 1
