"""One visit, as a straight line: prescribe -> advance -> examine -> assess -> score -> observe.

Every environment, scalar or vector, runs these functions; patients are independent, so the loop over them may be shared
between threads without changing a bit.
"""

from __future__ import annotations

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import LEVELS
from metaenv.clinic.dosing import prescribe, write_mask
from metaenv.clinic.imaging import scan
from metaenv.clinic.laboratory import draw_blood
from metaenv.clinic.local_therapy import treat_locally
from metaenv.clinic.observation import observe
from metaenv.clinic.report import Report, clear_cost, summarise
from metaenv.clinic.response import assess, assess_baseline
from metaenv.clinic.reward import score, symptom_loss
from metaenv.clinic.rules import Clinic
from metaenv.dynamics.compile import compiled, compiled_alone, compiled_inside
from metaenv.dynamics.state import ALIVE, Biology, BoolArray, FloatArray, IntArray, Patients, Scratch, State
from metaenv.dynamics.table import Table, near
from metaenv.dynamics.transition import advance

_ON_TIME = 1e-6  # days


@compiled_inside
def shed_at_rest(state: State, patients: Patients, i: int) -> None:
    """Write how many cells die per day before any treatment: tumour DNA of the first blood sample comes from them."""
    for clone in range(state.shedding.shape[1]):
        state.shedding[i, clone] = 0.0
        for lesion in range(state.organ.shape[1]):
            state.shedding[i, clone] += patients.death[i, clone] * state.proliferating[i, lesion, clone]


@compiled_inside
def first_visit(
    state: State,
    patients: Patients,
    biology: Biology,
    clinic: Clinic,
    chart: Chart,
    report: Report,
    offsets: IntArray,
    i: int,
) -> None:
    """Baseline scan and blood of a newly admitted patient, and the first observation."""
    scan(state, patients, clinic, chart, i)
    chart.note[i].new_lesion = False
    chart.note[i].new_unmeasurable = 0  # those of the baseline are known, not new
    shed_at_rest(state, patients, i)
    draw_blood(state, patients, clinic, chart, i)
    assess_baseline(chart, clinic, i)
    chart.note[i].symptoms = symptom_loss(state, biology, clinic, i)
    report.reward[i] = 0.0
    for component in range(report.components.shape[1]):
        report.components[i, component] = 0.0
    clear_cost(report.cost[i])
    report.terminated[i] = False
    report.truncated[i] = False
    summarise(state, clinic, report, i)
    write_mask(state, biology, clinic, chart, report.mask, i, LEVELS)
    observe(state, clinic, chart, i, report.observation[i], offsets)


@compiled_inside
def examine(state: State, patients: Patients, clinic: Clinic, chart: Chart, i: int) -> None:
    """Blood at every visit, a scan where one is due."""
    note = chart.note[i]
    note.scanned = False
    if state.host[i].day - note.scan_day >= clinic.rules[0].scan_interval - _ON_TIME:
        scan(state, patients, clinic, chart, i)
    draw_blood(state, patients, clinic, chart, i)


@compiled_inside
def record_doses(state: State, chart: Chart, i: int, lived: float) -> None:
    """Write what was given and what was held since the last visit."""
    chart.note[i].lived = lived
    for drug in range(chart.dose.shape[1]):
        chart.dose_given[i, drug] = state.given[i, drug] / lived if lived > 0.0 else 0.0
        if state.refused[i, drug] > 0.0:
            chart.held[i, drug] = 1.0


@compiled_inside
def visit(
    state: State,
    patients: Patients,
    biology: Biology,
    clinic: Clinic,
    chart: Chart,
    scratch: Scratch,
    report: Report,
    offsets: IntArray,
    i: int,
    action: FloatArray,
) -> None:
    """Treat one living patient until the next visit.

    Args:
        state: changed.
        patients: parameters.
        biology: shared constants.
        clinic: rules and instruments.
        chart: changed.
        scratch: working memory.
        report: row i is written.
        offsets: of the observation.
        i: patient.
        action: fraction of full dose per drug, then local therapy (0, 1, 2) where offered.
    """
    rules, host, cost = clinic.rules[0], state.host[i], report.cost[i]
    drugs = chart.dose.shape[1]
    progressed = chart.note[i].progressed
    prescribe(state, biology, chart, i, action)
    procedure = int(action[drugs]) if action.shape[0] > drugs else 0
    clear_cost(cost)
    treat_locally(state, patients, biology, clinic, chart, cost, i, procedure)
    stretch = min(rules.interval, rules.horizon - host.day)
    lived = advance(state, patients, biology, scratch, i, chart.dose[i], cost, stretch)
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
    write_mask(state, biology, clinic, chart, report.mask, i, LEVELS)
    observe(state, clinic, chart, i, report.observation[i], offsets)


class Ward(Table):
    """Everything that a visit reads and writes."""

    state: State
    patients: Patients
    biology: Biology
    clinic: Clinic
    chart: Chart
    scratch: Scratch
    report: Report
    offsets: IntArray  # (part,) start of each part of an observation


@compiled_alone
def visit_each(ward: Ward, actions: FloatArray, active: BoolArray, first: int, last: int) -> None:
    """Treat the active patients of the rows first .. last - 1, (patient, choice) actions."""
    ward = near(ward)
    for i in range(first, last):
        if active[i]:
            visit(
                ward.state,
                ward.patients,
                ward.biology,
                ward.clinic,
                ward.chart,
                ward.scratch,
                ward.report,
                ward.offsets,
                i,
                actions[i],
            )


@compiled
def admit_each(ward: Ward, rows: IntArray) -> None:
    """First visit of the patients in some rows."""
    for k in range(rows.shape[0]):
        first_visit(
            ward.state, ward.patients, ward.biology, ward.clinic, ward.chart, ward.report, ward.offsets, rows[k]
        )
