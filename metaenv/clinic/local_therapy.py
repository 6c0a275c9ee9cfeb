"""Resection and radiotherapy of the largest lesion of the last scan: what they leave, and their risk."""

from __future__ import annotations

import math

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import NO_PROCEDURE, RADIOTHERAPY, RESECTION
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.host import death_threshold
from metaenv.dynamics.pharmacodynamics import hypoxic_fraction
from metaenv.dynamics.random import PROCEDURE, binomial, uniforms
from metaenv.dynamics.state import PROCEDURE_DEATH, Biology, FloatArray, RecordArray, World


@compiled_inside
def may_treat_every(clinic: ClinicSettings, chart: Chart, i: int) -> bool:
    """Whether the lesions seen are so few, or the symptoms such, that whichever is largest may be treated."""
    seen = 0
    for lesion in range(chart.diameter.shape[1]):
        seen += chart.diameter[i, lesion] > 0.0
    few = seen <= clinic.rules[0].most_lesions
    return bool(few or chart.note[i].symptoms >= clinic.rules[0].palliated_symptoms)


@compiled_inside
def largest_lesion(biology: Biology, clinic: ClinicSettings, chart: Chart, i: int, procedure: int) -> int:
    """The largest lesion of the last scan that a procedure may treat, -1 if there is none; as the chart knows it.

    Where many are seen, only one in an urgent organ may be treated, or any of a patient with symptoms: palliation.
    """
    best, largest = -1, 0.0
    every = may_treat_every(clinic, chart, i)
    if procedure == RADIOTHERAPY and chart.note[i].courses >= clinic.rules[0].patient_courses:
        return best
    if procedure == RESECTION and chart.note[i].operations >= clinic.rules[0].operations:
        return best
    for lesion in range(chart.diameter.shape[1]):
        if chart.diameter[i, lesion] <= largest:
            continue
        if not every and not clinic.urgent[chart.site[i, lesion]]:
            continue
        if procedure == RESECTION and not biology.organs[chart.site[i, lesion]].operable:
            continue
        if procedure == RADIOTHERAPY and chart.irradiated[i, lesion] >= clinic.rules[0].lesion_courses:
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
    """Add the hazard of a procedure to the patient's; who passes the threshold by it has died of it.

    Writes: host, cost.
    """
    cost.procedure += mortality
    host.hazard -= math.log1p(-mortality)
    if host.hazard >= death_threshold(key, stochastic)[0]:
        host.cause = PROCEDURE_DEATH


@compiled_inside
def treat_locally(
    world: World, clinic: ClinicSettings, chart: Chart, cost: RecordArray, i: int, procedure: int
) -> None:
    """Resect or irradiate the largest lesion of the last scan; no other lesion is touched. Its risk goes to `cost`.

    Writes: world.state.proliferating, world.state.dormant, world.state.vascular, world.state.capacity,
    world.state.host, chart.note, chart.diameter, chart.target, chart.irradiated, cost.
    """
    state, patients, biology = world.state, world.patients, world.biology
    chart.note[i].procedure = NO_PROCEDURE
    if procedure == NO_PROCEDURE or not clinic.rules[0].local:
        return
    lesion = largest_lesion(biology, clinic, chart, i, procedure)
    if lesion < 0:
        return
    settings, key, tick = biology.settings[0], patients.person[i].key, state.host[i].tick
    chart.note[i].procedure = procedure
    removed = chart.diameter[i, lesion]
    chart.diameter[i, lesion] = 0.0  # seen again, if anything is left, at the next scan
    note = chart.note[i]
    if procedure == RESECTION:
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
        if procedure == RESECTION:  # the bed goes with the lesion: what is left starts without vessels
            state.vascular[i, lesion] = False
            state.capacity[i, lesion] = max(patients.person[i].avascular_capacity, left * state.capacity[i, lesion])


@compiled_inside
def _keep(cells: FloatArray, share: float, stochastic: bool, key: int, tick: int, lesion: int, draw: int) -> None:
    """Leave this share of the cells. Writes: cells."""
    for clone in range(cells.shape[0]):
        if stochastic:
            first, _ = uniforms(key, tick, lesion * 256 + clone, PROCEDURE, draw)
            cells[clone] = binomial(cells[clone], share, first)
        else:
            cells[clone] *= share
