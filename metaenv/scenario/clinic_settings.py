"""Fills the clinic's settings, `metaenv.clinic.settings`, from a scenario."""

from __future__ import annotations

import numpy as np

from metaenv.clinic.codes import OBJECTIVES
from metaenv.clinic.settings import RULES, ClinicSettings
from metaenv.dynamics.state import filled
from metaenv.scenario.scenario import Scenario


def build_clinic(scenario: Scenario) -> ClinicSettings:
    """Rules and instruments of a scenario for the kernels."""
    disease, sensors, progression = scenario.disease, scenario.disease.sensors, scenario.disease.progression
    local, weights = (disease.local_therapy if scenario.local_therapy else None), scenario.reward
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
        "most_lesions": local.most_lesions if local else 0,
        "palliated_symptoms": local.palliated_symptoms if local else 1.0,
        "objective": OBJECTIVES.index(weights.objective),
        "symptom_disutility": disease.symptom_disutility * weights.symptoms,
        "symptom_burden": disease.symptom_burden,
        "treatment_weight": weights.treatment,
        "toxicity_weight": weights.toxicity,
        "resection_loss": disease.procedure_disutility[0] * weights.procedure,
        "radiotherapy_loss": disease.procedure_disutility[1] * weights.procedure,
        "sepsis_disutility": disease.sepsis_disutility,
    }
    return ClinicSettings(
        rules=filled(RULES, values),
        measurable=np.array([organ.measurable for organ in disease.organs], dtype=np.bool_),
        urgent=np.array([organ.urgent for organ in disease.organs], dtype=np.bool_),
        drug_disutility=np.array([drug.disutility for drug in scenario.drugs]),
        toxicity_disutility=np.array([kind.disutility for kind in disease.toxicities], dtype=np.float64),
    )
