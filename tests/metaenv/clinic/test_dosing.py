"""From orders to what is done: doses that are held, and procedures with their limits, risks and leavings."""

import math
from dataclasses import replace

import numpy as np
import pytest

import metaenv
from metaenv.clinic.codes import RADIOTHERAPY, RESECTION
from metaenv.diseases.disease import LocalTherapy
from metaenv.distribution import Fixed
from metaenv.drugs.toxicity import Toxicity

ALIVE, PROCEDURE = (metaenv.CAUSES.index(name) for name in ("alive", "procedure"))
MANY = 2_000


def local(**changes):
    """Procedures without risk; one resection takes everything, one fraction of 2 Gy leaves exp(-0.72)."""
    values = {"radiation_alpha": 0.3, "radiation_beta": 0.03, "oxygen_enhancement": 3.0, "fraction_dose": 2.0}
    values |= {"fractions": 1, "courses": 1, "patient_courses": 3, "operations": 1}
    values |= {"course_mortality": 0.0, "operation_mortality": 0.0, "margin_risk": 0.0, "margin_share": 0.0}
    return LocalTherapy(**(values | changes))


def offering(bench, procedures, **settings):
    """A scenario of a lesion that may be resected, with procedures on offer."""
    settings = {"organs": (bench.organ(operable=True),), "stochastic": False} | settings
    return replace(bench.scenario(local_therapy=procedures, **settings), local_therapy=True)


def theatre(bench, procedures, size=1, **settings):
    """Patients with a lesion that may be resected."""
    return bench.Experiment(offering(bench, procedures, **settings), size, seed=0)


def chance(share):
    """Within what a share of so many lies."""
    return pytest.approx(share, abs=3.5 * math.sqrt(share * (1.0 - share) / MANY))


# ---- doses


@pytest.mark.parametrize(
    ("scores", "held"), [((0.9, 0.9), False), ((1.1, 0.0), True), ((0.0, 1.1), True), ((1.1, 1.1), True)]
)
def test_a_daily_drug_is_held_while_any_toxicity_that_it_adds_to_is_dose_limiting(bench, scores, held):
    kinds = tuple(Toxicity(name=name, half_life=math.inf, disutility=0.0) for name in "ab")
    drug = bench.drug(kill=1e-12, toxicity={"a": 0.001, "b": 0.001})
    trial = bench.experiment(size=1, stochastic=False, drugs=(drug,), toxicities=kinds)
    trial.cohort.state.toxicity[0] = scores
    trial.spend(1.0, 1.0)
    chart, mask = trial.cohort.chart, trial.cohort.report.mask
    assert (chart.dose_given[0, 0], chart.held[0, 0]) == ((0.0, 1.0) if held else (1.0, 0.0))
    assert mask[0].tolist() == [True, not held, not held]


@pytest.mark.parametrize(("maintenance", "later"), [(0.0, 0.0), (0.5, 0.5)])
def test_beyond_the_cycles_of_the_label_only_maintenance_is_given(bench, maintenance, later):
    drug = bench.drug(infusion=True, cycle=21.0, half_life=1.0, most_cycles=4, maintenance=maintenance, kill=1e-12)
    trial = bench.experiment(size=1, stochastic=False, drugs=(drug,))
    given, held, allowed = [], [], []
    for _ in range(6):
        trial.spend(21.0, 1.0)
        chart = trial.cohort.chart
        given.append(chart.dose_given[0, 0])
        held.append(chart.held[0, 0])
        allowed.append(trial.cohort.report.mask[0].tolist())
    assert given == pytest.approx([1.0] * 4 + [later] * 2)
    assert held == [0.0] * 4 + [1.0 if later == 0.0 else 0.0] * 2
    assert allowed[:3] == [[True] * 3] * 3
    assert allowed[3:] == [[True, later > 0.0, later > 0.0]] * 3


def test_half_doses_count_as_cycles_and_a_patient_who_got_none_has_all_of_them(bench):
    drug = bench.drug(infusion=True, cycle=21.0, half_life=1.0, most_cycles=2, kill=1e-12)
    trial = bench.experiment(size=1, stochastic=False, drugs=(drug,))
    for dose in (0.0, 0.0, 0.5, 0.5):
        trial.spend(21.0, dose)
        assert trial.cohort.chart.dose_given[0, 0] == pytest.approx(dose)
    trial.spend(21.0, 0.5)
    assert trial.cohort.chart.dose_given[0, 0] == 0.0 and trial.cohort.state.cycles[0, 0] == 2.0


# ---- procedures: risk


@pytest.mark.parametrize(
    ("procedure", "name"), [(RESECTION, "operation_mortality"), (RADIOTHERAPY, "course_mortality")]
)
def test_a_procedure_kills_on_the_day_as_often_as_it_says_and_nobody_examines_the_dead(bench, procedure, name):
    trial = theatre(bench, local(**{name: 0.2}), size=MANY, stochastic=True)
    trial.treat(1.0, 0.0, procedure)
    host, report, layout = trial.cohort.state.host, trial.cohort.report, trial.cohort.layout
    dead = host["cause"] == PROCEDURE
    assert dead.mean() == chance(0.2) and (host["cause"][~dead] == ALIVE).all()
    assert (host["day"][dead] == 0.0).all() and (report.reward[dead] == 0.0).all() and report.terminated[dead].all()
    for part in ("marker_measured", "scan_measured"):
        assert (report.observation[:, getattr(layout, part)][:, 0] == ~dead).all()


# ---- procedures: limits


def test_courses_and_operations_are_bounded_per_lesion_and_per_patient_and_the_mask_says_so(bench):
    trial = theatre(bench, local(courses=2, patient_courses=9, operations=1, margin_risk=1.0, margin_share=0.9))
    done = {RESECTION: 0, RADIOTHERAPY: 0}
    for procedure in (RADIOTHERAPY,) * 4 + (RESECTION,) * 3:
        offered = trial.cohort.report.mask[0, 3 + procedure]
        trial.spend(1.0, 0.0, procedure)
        happened = trial.cohort.chart.note["procedure"][0] == procedure
        assert happened == offered
        done[procedure] += int(happened)
    assert done == {RESECTION: 1, RADIOTHERAPY: 2}


@pytest.mark.parametrize(
    ("most_lesions", "urgent", "symptom_burden", "treated"),
    [
        (2, False, 1e15, True),  # so few
        (1, False, 1e15, False),  # too many
        (1, True, 1e15, True),  # too many, but there
        (1, False, 1e6, True),  # too many, but they are felt
    ],
)
def test_of_many_lesions_only_one_in_an_urgent_organ_or_of_a_patient_with_symptoms_is_treated(
    bench, most_lesions, urgent, symptom_burden, treated
):
    trial = theatre(
        bench,
        local(most_lesions=most_lesions, palliated_symptoms=0.5),
        lesions=2,
        presentation={"visible_lesions": Fixed(2.0)},
        organs=(bench.organ(operable=True, urgent=urgent),),
        symptom_disutility=0.0,  # symptoms are felt, whatever they count
        symptom_burden=symptom_burden,
    )
    for procedure in (RESECTION, RADIOTHERAPY):
        assert trial.cohort.report.mask[0, 3 + procedure] == treated
        trial.spend(1.0, 0.0, procedure)
        assert (trial.cohort.chart.note["procedure"][0] == procedure) == treated


# ---- procedures: what they do


def test_a_resection_leaves_its_margin_as_often_as_it_says_without_vessels_and_a_wound_that_heals(bench):
    procedures = local(margin_risk=0.3, margin_share=0.01)
    rates = {"wound_days": 42.0}
    trial = theatre(bench, procedures, size=MANY, stochastic=True, cells=1e6, fill=0.5, rates=rates)
    trial.spend(1.0, 0.0, RESECTION)
    state = trial.cohort.state
    left = state.proliferating.sum(axis=(1, 2))
    assert (left > 0.0).mean() == chance(0.3)
    assert left[left > 0.0].mean() == pytest.approx(1e4, rel=0.01)
    assert not state.vascular[left > 0.0].any()
    assert (state.host["wound"] == 41.0).all()
    trial.spend(50.0)
    assert (state.host["wound"] == 0.0).all()


def test_radiation_reaches_what_sleeps_too(bench):
    trial = theatre(bench, local())
    trial.cohort.state.dormant[0, 0, 0] = 1e8
    trial.spend(1.0, 0.0, RADIOTHERAPY)
    assert trial.cohort.state.dormant[0, 0, 0] / 1e8 == pytest.approx(math.exp(-(0.3 * 2.0 + 0.03 * 4.0)))
    assert trial.cohort.state.proliferating[0, 0, 0] / 1e9 == pytest.approx(math.exp(-(0.3 * 2.0 + 0.03 * 4.0)))


def test_surgery_is_no_response(bench):
    trial = theatre(bench, local(), cells=1e10, lesions=2, presentation={"visible_lesions": Fixed(2.0)})
    note = trial.cohort.chart.note
    before = note["baseline_sum"][0]
    trial.spend(1.0, 0.0, RESECTION)
    assert note["baseline_sum"][0] == pytest.approx(0.5 * before)
    assert metaenv.RESPONSES[note["response"][0]] == "SD"


def test_a_lesion_that_has_vanished_since_the_scan_is_not_confused_with_its_successor(bench):
    trial = theatre(bench, local())
    trial.cohort.state.lineage[0, 0] = 7  # the lesion of the scan has died out, another has settled in its slot
    trial.spend(1.0, 0.0, RESECTION)
    assert trial.cohort.chart.note["procedure"][0] == RESECTION
    assert trial.cohort.state.proliferating[0, 0, 0] == pytest.approx(1e9)


@pytest.mark.parametrize(("choice", "done"), [(0.4, 0), (0.6, RESECTION), (1.4, RESECTION), (1.6, RADIOTHERAPY)])
def test_local_therapy_in_a_box_is_rounded(bench, choice, done):
    env = metaenv.MetastasisEnv(scenario=offering(bench, local()), action="continuous")
    env.reset(seed=0)
    assert env.step(np.array([0.0, choice], dtype=np.float32))[-1]["procedure"] == done
