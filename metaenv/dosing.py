"""From an action to what is given: dose levels, holds by the clinic's rules, local therapy."""

from __future__ import annotations

import math

from metaenv.chart import Chart, Clinic
from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.host import death_threshold, toxicity_forbids
from metaenv.dynamics.pharmacodynamics import hypoxic_fraction
from metaenv.dynamics.random import PROCEDURE, binomial, uniforms
from metaenv.dynamics.state import PROCEDURE_DEATH, Biology, BoolArray, FloatArray, Patients, RecordArray, State

LEVELS = 3  # none, half, full
NONE, RESECT, IRRADIATE = range(3)


@compiled_inside
def prescribe(state: State, biology: Biology, chart: Chart, i: int, action: FloatArray) -> None:
    """Write prescription, holds and doses of a visit into the chart.

    Args:
        state: read.
        biology: shared constants.
        chart: `prescribed`, `dose` and `held` are written.
        i: patient.
        action: fraction of full dose per drug, then local therapy.
    """
    for drug in range(chart.dose.shape[1]):
        chart.prescribed[i, drug] = action[drug]
        daily = not biology.drugs[drug].infusion  # an infusion is held or given on its day
        forbidden = daily and action[drug] > 0.0 and toxicity_forbids(state.toxicity[i], biology, drug)
        chart.held[i, drug] = 1.0 if forbidden else 0.0
        chart.dose[i, drug] = 0.0 if forbidden else action[drug]
        state.given[i, drug] = 0.0
        state.refused[i, drug] = 0.0
    state.host[i].neutropenia = 0.0


@compiled_inside
def largest_lesion(biology: Biology, clinic: Clinic, chart: Chart, i: int, procedure: int) -> int:
    """The largest lesion of the last scan that a procedure may treat, -1 if there is none; as the chart knows it."""
    best, largest = -1, 0.0
    if procedure == IRRADIATE and chart.note[i].courses >= clinic.rules[0].patient_courses:
        return best
    if procedure == RESECT and chart.note[i].operations >= clinic.rules[0].operations:
        return best
    for lesion in range(chart.diameter.shape[1]):
        if chart.diameter[i, lesion] <= largest:
            continue
        if procedure == RESECT and not biology.organs[chart.site[i, lesion]].operable:
            continue
        if procedure == IRRADIATE and chart.irradiated[i, lesion] >= clinic.rules[0].lesion_courses:
            continue
        best, largest = lesion, chart.diameter[i, lesion]
    return best


@compiled
def radiation_survival(alpha: float, beta: float, dose: float, fractions: float, enhancement: float) -> float:
    """Share of cells that survive: exp(-n (alpha d / e + beta d^2 / e^2)), e = 1 with oxygen. Source: Coleman1988."""
    effective = dose / enhancement
    return math.exp(-fractions * (alpha * effective + beta * effective * effective))


@compiled_inside
def risk_procedure(host: RecordArray, cost: RecordArray, mortality: float, key: int, stochastic: bool) -> None:
    """Add the hazard of a procedure to the patient's; who passes the threshold by it has died of it."""
    cost.procedure += mortality
    host.hazard -= math.log1p(-mortality)
    if host.hazard >= death_threshold(key, stochastic)[0]:
        host.cause = PROCEDURE_DEATH


@compiled_inside
def treat_locally(
    state: State,
    patients: Patients,
    biology: Biology,
    clinic: Clinic,
    chart: Chart,
    cost: RecordArray,
    i: int,
    procedure: int,
) -> None:
    """Resect or irradiate the largest lesion of the last scan; no other lesion is touched. Its risk goes to `cost`."""
    chart.note[i].procedure = NONE
    if procedure == NONE or not clinic.rules[0].local:
        return
    lesion = largest_lesion(biology, clinic, chart, i, procedure)
    if lesion < 0:
        return
    settings, key, tick = biology.settings[0], patients.person[i].key, state.host[i].tick
    chart.note[i].procedure = procedure
    removed = chart.diameter[i, lesion]
    chart.diameter[i, lesion] = 0.0  # seen again, if anything is left, at the next scan
    note = chart.note[i]
    if procedure == RESECT:
        if chart.target[i, lesion]:  # no longer evaluable: surgery is no response
            chart.target[i, lesion] = False
            note.baseline_sum = max(0.0, note.baseline_sum - removed)
            note.nadir_sum = max(0.0, note.nadir_sum - removed)
        left = settings.margin_share * settings.margin_risk
        if settings.stochastic:
            first, _ = uniforms(key, tick, lesion, PROCEDURE, 0)
            left = settings.margin_share if first < settings.margin_risk else 0.0
        state.host[i].wound = settings.wound_days
        chart.note[i].operations += 1
        risk_procedure(state.host[i], cost, clinic.rules[0].operation_mortality, key, settings.stochastic)
    else:
        total = 0.0
        for clone in range(state.proliferating.shape[2]):
            total += state.proliferating[i, lesion, clone] + state.dormant[i, lesion, clone]
        hypoxic = hypoxic_fraction(total, settings.hypoxic_share, settings.hypoxic_size)
        alpha, beta, dose = settings.radiation_alpha, settings.radiation_beta, settings.fraction_dose
        left = (1.0 - hypoxic) * radiation_survival(alpha, beta, dose, settings.fractions, 1.0)
        left += hypoxic * radiation_survival(alpha, beta, dose, settings.fractions, settings.oxygen_enhancement)
        chart.irradiated[i, lesion] += 1.0
        chart.note[i].courses += 1
        risk_procedure(state.host[i], cost, clinic.rules[0].course_mortality, key, settings.stochastic)
    if chart.lineage[i, lesion] == state.lineage[i, lesion]:  # else it has vanished since the scan
        _keep(state.proliferating[i, lesion], left, settings.stochastic, key, tick, lesion, 1)
        _keep(state.dormant[i, lesion], left, settings.stochastic, key, tick, lesion, 2)
        if procedure == RESECT:  # the bed goes with the lesion: what is left starts without vessels
            state.vascular[i, lesion] = False
            state.capacity[i, lesion] = max(patients.person[i].avascular_capacity, left * state.capacity[i, lesion])


@compiled_inside
def _keep(cells: FloatArray, share: float, stochastic: bool, key: int, tick: int, lesion: int, draw: int) -> None:
    for clone in range(cells.shape[0]):
        if stochastic:
            first, _ = uniforms(key, tick, lesion * 256 + clone, PROCEDURE, draw)
            cells[clone] = binomial(cells[clone], share, first)
        else:
            cells[clone] *= share


@compiled_inside
def write_mask(
    state: State, biology: Biology, clinic: Clinic, chart: Chart, mask: BoolArray, i: int, levels: int
) -> None:
    """Write what may be chosen next: a dose unless toxicity forbids it, a procedure if there is a target."""
    drugs = chart.dose.shape[1]
    for drug in range(drugs):
        allowed = not toxicity_forbids(state.toxicity[i], biology, drug)
        mask[i, drug * levels] = True
        for level in range(1, levels):
            mask[i, drug * levels + level] = allowed
    if clinic.rules[0].local:
        first = drugs * levels
        mask[i, first + NONE] = True
        mask[i, first + RESECT] = largest_lesion(biology, clinic, chart, i, RESECT) >= 0
        mask[i, first + IRRADIATE] = largest_lesion(biology, clinic, chart, i, IRRADIATE) >= 0
