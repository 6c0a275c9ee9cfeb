"""One visit, as a straight line: prescribe -> advance -> examine -> assess -> score -> observe.

Every environment, scalar or vector, runs these functions; patients are independent, so the loop over them may be shared
between threads without changing a bit.
"""

from __future__ import annotations

from metaenv.clinic.chart import Chart
from metaenv.clinic.dosing import prescribe, write_mask
from metaenv.clinic.imaging import scan
from metaenv.clinic.laboratory import draw_blood
from metaenv.clinic.local_therapy import treat_locally
from metaenv.clinic.observation import observe
from metaenv.clinic.observation_table import Columns
from metaenv.clinic.report import Report, clear_cost, summarise
from metaenv.clinic.response import assess, assess_baseline
from metaenv.clinic.reward import score, symptom_level
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled, compiled_alone, compiled_inside
from metaenv.dynamics.state import ALIVE, BoolArray, FloatArray, IntArray, Patients, State, World
from metaenv.dynamics.table import Table, near
from metaenv.dynamics.transition import advance

_ON_TIME = 1e-6  # days


@compiled_inside
def shed_at_rest(state: State, patients: Patients, i: int) -> None:
    """Cells dying per day before any treatment, from which the first blood sample's tumour DNA comes.

    Writes: state.shedding.
    """
    for clone in range(state.shedding.shape[1]):
        state.shedding[i, clone] = 0.0
        for lesion in range(state.organ.shape[1]):
            state.shedding[i, clone] += patients.death[i, clone] * state.proliferating[i, lesion, clone]


class Ward(Table):
    """Everything that a visit reads and writes."""

    world: World
    clinic: ClinicSettings
    chart: Chart
    report: Report
    columns: Columns  # of an observation


@compiled_inside
def first_visit(ward: Ward, i: int) -> None:
    """Baseline scan and blood of a newly admitted patient, and the first observation.

    Writes: ward.world.state.shedding, ward.chart, ward.report.
    """
    state, patients, biology = ward.world.state, ward.world.patients, ward.world.biology
    clinic, chart, report = ward.clinic, ward.chart, ward.report
    scan(state, patients, clinic, chart, i)
    chart.note[i].new_lesion = False
    chart.note[i].new_unmeasurable = 0  # those of the baseline are known, not new
    shed_at_rest(state, patients, i)
    draw_blood(state, patients, clinic, chart, i)
    assess_baseline(chart, clinic, i)
    chart.note[i].symptoms = symptom_level(state, biology, clinic, i)
    report.reward[i] = 0.0
    for component in range(report.components.shape[1]):
        report.components[i, component] = 0.0
    clear_cost(report.cost[i])
    report.terminated[i] = False
    report.truncated[i] = False
    summarise(state, clinic, report, i)
    write_mask(state, biology, clinic, chart, report.mask, i)
    observe(state, biology, clinic, chart, i, report.observation[i], ward.columns)


@compiled_inside
def examine(state: State, patients: Patients, clinic: ClinicSettings, chart: Chart, i: int) -> None:
    """Blood at every visit, a scan where one is due. Writes: chart."""
    note = chart.note[i]
    note.scanned = False
    if state.host[i].day - note.scan_day >= clinic.rules[0].scan_interval - _ON_TIME:
        scan(state, patients, clinic, chart, i)
    draw_blood(state, patients, clinic, chart, i)


@compiled_inside
def record_doses(state: State, chart: Chart, i: int, lived: float) -> None:
    """What was given and what was held since the last visit. Writes: chart.note, chart.dose_given, chart.held."""
    chart.note[i].lived = lived
    for drug in range(chart.dose.shape[1]):
        chart.dose_given[i, drug] = state.given[i, drug] / lived if lived > 0.0 else 0.0
        if state.refused[i, drug] > 0.0:
            chart.held[i, drug] = 1.0


@compiled_inside
def visit(ward: Ward, i: int, action: FloatArray) -> None:
    """Treat one living patient until the next visit.

    Writes: ward.world.state, ward.world.scratch, ward.chart, ward.report.

    Args:
        ward: all patients.
        i: patient.
        action: fraction of full dose per drug, then local therapy (0, 1, 2) where offered.
    """
    world, clinic, chart, report = ward.world, ward.clinic, ward.chart, ward.report
    state, patients, biology = world.state, world.patients, world.biology
    rules, host, cost = clinic.rules[0], state.host[i], report.cost[i]
    drugs = chart.dose.shape[1]
    progressed = chart.note[i].progressed
    prescribe(state, biology, chart, i, action)
    procedure = int(action[drugs]) if action.shape[0] > drugs else 0
    clear_cost(cost)
    treat_locally(world, clinic, chart, cost, i, procedure)
    stretch = min(rules.interval, rules.horizon - host.day)
    lived = advance(world, i, chart.dose[i], cost, stretch)
    cost.total = cost.sepsis + cost.cumulative_toxicity + cost.procedure
    record_doses(state, chart, i, lived)
    if lived > 0.0:
        examine(state, patients, clinic, chart, i)
        assess(chart, clinic, i, host.day)
    else:  # nobody examines who has died of the procedure
        note = chart.note[i]
        note.sampled, note.sequenced, note.scanned = False, False, False
    report.reward[i] = score(state, biology, clinic, chart, i, progressed, report.components[i])
    dead = host.cause != ALIVE
    report.terminated[i] = dead or (rules.ends_at_progression and chart.note[i].progressed)
    report.truncated[i] = host.day >= rules.horizon - _ON_TIME and not report.terminated[i]
    summarise(state, clinic, report, i)
    write_mask(state, biology, clinic, chart, report.mask, i)
    observe(state, biology, clinic, chart, i, report.observation[i], ward.columns)


@compiled_alone
def visit_each(ward: Ward, actions: FloatArray, active: BoolArray, first: int, last: int) -> None:
    """Treat the active patients of the rows first .. last - 1, (patient, choice) actions.

    Writes: ward.world.state, ward.world.scratch, ward.chart, ward.report.
    """
    ward = near(ward)
    for i in range(first, last):
        if active[i]:
            visit(ward, i, actions[i])


@compiled
def admit_each(ward: Ward, rows: IntArray) -> None:
    """First visit of the patients in some rows.

    Writes: ward.world.state.shedding, ward.chart, ward.report.
    """
    for k in range(rows.shape[0]):
        first_visit(ward, rows[k])
