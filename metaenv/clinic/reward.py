"""The reward of a visit: quality-adjusted time lived, one function per component: what symptoms, toxicity, … cost.

Per visit of t years the reward is t x max(0, 1 - symptoms - treatment - toxicity) less the loss by a procedure, never
below 0, and 0 after death. So the return is quality-adjusted life years, and living is never worth less than dying.
Disutilities stand with what causes them: `drugs/toxicity.py`, the file of a drug (`disutility`), that of a disease.
"""

from __future__ import annotations

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import (
    CONTROL,
    DAYS_PER_YEAR,
    LIFE,
    PROCEDURE_LOSS,
    RADIOTHERAPY,
    RESECTION,
    SURVIVAL,
    SYMPTOMS,
    TOXICITY,
    TREATMENT,
)
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.state import Biology, FloatArray, State

FEBRILE_SHARE = 0.2  # of the days with severe neutropenia; guess


@compiled_inside
def symptom_level(state: State, biology: Biology, clinic: ClinicSettings, i: int) -> float:
    """Symptoms now, 0 to 1: rise with the organ-weighted burden, half of the most at `symptom_burden`."""
    rules = clinic.rules[0]
    if rules.symptom_disutility == 0.0 and not rules.local:  # nobody asks
        return 0.0
    weighted = 0.0
    for lesion in range(state.organ.shape[1]):
        organ = state.organ[i, lesion]
        if organ >= 0:
            for clone in range(state.proliferating.shape[2]):
                cells = state.proliferating[i, lesion, clone] + state.dormant[i, lesion, clone]
                weighted += biology.organs[organ].weight * cells
    return float(weighted / (weighted + rules.symptom_burden)) if weighted > 0.0 else 0.0


@compiled_inside
def treatment_loss(chart: Chart, clinic: ClinicSettings, i: int) -> float:
    """Quality lost to the drugs given, in proportion to their dose."""
    loss = 0.0
    for drug in range(chart.dose_given.shape[1]):
        loss += clinic.drug_disutility[drug] * chart.dose_given[i, drug]
    return float(loss * clinic.rules[0].treatment_weight)


@compiled_inside
def toxicity_loss(state: State, clinic: ClinicSettings, chart: Chart, i: int) -> float:
    """Quality lost to cumulative toxicities and to fever in the days of severe neutropenia since the last visit."""
    loss = 0.0
    for kind in range(state.toxicity.shape[1]):
        loss += clinic.toxicity_disutility[kind] * state.toxicity[i, kind]
    if chart.note[i].lived > 0.0:
        loss += clinic.rules[0].sepsis_disutility * FEBRILE_SHARE * state.host[i].neutropenia / chart.note[i].lived
    return float(loss * clinic.rules[0].toxicity_weight)


@compiled_inside
def procedure_loss(chart: Chart, clinic: ClinicSettings, i: int) -> float:
    """Quality-adjusted years lost to the procedure of this visit."""
    rules, procedure = clinic.rules[0], chart.note[i].procedure
    if procedure == RESECTION:
        return float(rules.resection_loss)
    return float(rules.radiotherapy_loss) if procedure == RADIOTHERAPY else 0.0


@compiled_inside
def score(
    state: State,
    biology: Biology,
    clinic: ClinicSettings,
    chart: Chart,
    i: int,
    progressed: bool,
    components: FloatArray,
) -> float:
    """Reward of the visit, and its components, which sum to it.

    Writes: components, chart.note.

    Args:
        state: at the end of the visit's interval.
        biology: shared constants.
        clinic: rules.
        chart: what was given; `symptoms` is kept for the next visit's average.
        i: patient.
        progressed: whether progression had been recorded before this visit.
        components: (component,) years.
    """
    note, rules = chart.note[i], clinic.rules[0]
    years = float(note.lived) / DAYS_PER_YEAR
    for component in range(components.shape[0]):
        components[component] = 0.0
    before = note.symptoms
    note.symptoms = symptom_level(state, biology, clinic, i)
    if rules.objective == CONTROL:
        components[LIFE] = 0.0 if progressed else years
        return years if not progressed else 0.0
    components[LIFE] = years
    if rules.objective == SURVIVAL:
        return years
    components[SYMPTOMS] = years * 0.5 * (before + note.symptoms) * clinic.rules[0].symptom_disutility
    components[TREATMENT] = years * treatment_loss(chart, clinic, i)
    components[TOXICITY] = years * toxicity_loss(state, clinic, chart, i)
    components[PROCEDURE_LOSS] = procedure_loss(chart, clinic, i)
    lost = 0.0
    for component in range(SYMPTOMS, components.shape[0]):
        lost += components[component]
    share = min(1.0, years / lost) if lost > 0.0 else 1.0  # never below 0: no state is worse than death
    total = years
    for component in range(SYMPTOMS, components.shape[0]):
        components[component] *= -share
        total += components[component]
    return max(0.0, total)
