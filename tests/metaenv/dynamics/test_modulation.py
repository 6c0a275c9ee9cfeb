"""Drugs that act on the patient as a whole: pumps blocked, vessels put in order, sleep kept or broken, immunity raised.

Closed forms, through the kernel. A probe is a drug without kinetics at EC50 1 and Hill 1, so its kill tells the
concentration that reached the cells.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from metaenv.distribution import Fixed
from metaenv.drugs import DRUGS

NOTHING = {"kill": 1e-300}  # on cancer cells
FULL = {"ec50": 1e-12}  # full effect at any dose


def log_kill(trial, days, *doses):
    """Log kill per day of everything there is."""
    before = trial.burden[0]
    trial.spend(days, *doses)
    return -math.log(trial.burden[0] / before) / days


def reached(kill, most):
    """Concentration at which a probe of maximal kill `most` kills so much."""
    return kill / (most - kill)


# ---- efflux


def efflux_room(bench, clone, drug, mechanisms=("efflux",)):
    """1e9 cells of one clone of efflux and bypass, and a blocker of 85 % of efflux with half its effect at 0.1."""
    traits = (bench.trait(name="efflux", mechanism="efflux"), bench.trait(name="bypass", mechanism="bypass"))
    blocker = bench.drug(name="blocker", ec50=0.1, pump_inhibition=0.85, **NOTHING)
    trial = bench.experiment(traits=traits, drugs=(drug, blocker), mechanisms=mechanisms, stochastic=False)
    trial.proliferating[:] = 1e9 * np.eye(4)[clone]
    return trial


@pytest.mark.nojit
@pytest.mark.parametrize("hill", [1.0, 1.5, 2.4])
@pytest.mark.parametrize("dose", [0.0, 0.1, 1.0])
@pytest.mark.parametrize(("clone", "fold"), [(1, 1.0), (3, 5.0)], ids=["efflux", "efflux and bypass"])
def test_a_blocked_pump_leaves_the_fold_of_what_is_not_blocked(bench, clone, fold, dose, hill):
    drug = bench.drug(kill=0.2, hill=hill, pump_fold=9.0, fold={"bypass": 5.0})
    left = 1.0 + (9.0 - 1.0) * (1.0 - 0.85 * dose / (dose + 0.1))
    kill = log_kill(efflux_room(bench, clone, drug), 1.0, 1.0, dose)
    assert kill == pytest.approx(0.2 / (1.0 + (fold * left) ** hill), rel=1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize("clone", [0, 2], ids=["sensitive", "bypass"])
def test_a_pump_inhibitor_does_nothing_where_there_is_no_pump(bench, clone):
    drug = bench.drug(kill=0.2, pump_fold=9.0, fold={"bypass": 5.0})
    with_it, without = (log_kill(efflux_room(bench, clone, drug), 1.0, 1.0, dose) for dose in (1.0, 0.0))
    assert with_it == without > 0.0


@pytest.mark.nojit
@pytest.mark.parametrize("clone", range(4))
def test_a_pump_inhibitor_does_nothing_to_drugs_that_are_no_substrates(bench, clone):
    drug = bench.drug(kill=0.2, fold={"bypass": 5.0})
    with_it, without = (log_kill(efflux_room(bench, clone, drug), 1.0, 1.0, dose) for dose in (1.0, 0.0))
    assert with_it == without > 0.0


@pytest.mark.nojit
def test_a_pump_inhibitor_is_silent_where_efflux_is_off(bench):
    drug = bench.drug(kill=0.2, pump_fold=9.0)
    with_it, without = (log_kill(efflux_room(bench, 1, drug, ()), 1.0, 1.0, dose) for dose in (1.0, 0.0))
    assert with_it == without > 0.0


@pytest.mark.nojit
def test_two_pump_inhibitors_multiply_what_they_leave(bench):
    drugs = (
        bench.drug(kill=0.2, pump_fold=9.0),
        bench.drug(name="one", pump_inhibition=0.5, **FULL, **NOTHING),
        bench.drug(name="other", pump_inhibition=0.6, **FULL, **NOTHING),
    )
    traits = (bench.trait(name="efflux", mechanism="efflux"),)
    trial = bench.experiment(traits=traits, drugs=drugs, mechanisms=("efflux",), stochastic=False)
    trial.proliferating[:] = [0.0, 1e9]
    assert log_kill(trial, 1.0, 1.0, 1.0, 1.0) == pytest.approx(0.2 / (1.0 + 1.0 + 8.0 * 0.5 * 0.4), rel=1e-9)


# ---- vessels: delivery


def vessel_drug(bench, **changes):
    """An infusion that puts vessels in order as its plasma rises, and prunes them as its tissue does."""
    values = {"infusion": True, "cycle": 21.0, "half_life": 20.0, "tissue_half_life": 28.0, "ec50": 0.1}
    return bench.drug(name="vessels", normalisation=0.4, pruning=0.55, **(values | changes), **NOTHING)


def delivery_by_day(bench, drug, days, doses=(1.0,), **settings):
    """Delivery of a probe, day by day; the vessel drug is prescribed in `doses`, then no more."""
    drugs = (bench.drug(kill=1e-3), drug)
    trial = bench.experiment(drugs=drugs, stochastic=False, **({"mechanisms": ("stroma",)} | settings))
    doses = (*doses, *(0.0,) * (days - len(doses)))
    return np.array([reached(log_kill(trial, 1.0, 1.0, dose), 1e-3) for dose in doses])


def delivery_after_one_infusion(drug, day):
    """Closed form over the sub-step of a day: mean of the plasma, tissue in its middle."""
    fast, slow = math.log(2.0) / drug.half_life, math.log(2.0) / drug.tissue_half_life
    peak = fast * drug.cycle
    plasma = peak * (math.exp(-fast * day) - math.exp(-fast * (day + 1.0))) / fast
    middle = day + 0.5
    tissue = peak * slow / (slow - fast) * (math.exp(-fast * middle) - math.exp(-slow * middle))
    effects = (plasma / (plasma + drug.ec50), tissue / (tissue + drug.ec50))
    return (1.0 + drug.normalisation * effects[0]) * (1.0 - drug.pruning * effects[1])


def test_delivery_after_one_infusion_rises_then_falls_below_what_it_was(bench):
    drug = vessel_drug(bench)
    got = delivery_by_day(bench, drug, 120)
    expected = np.array([delivery_after_one_infusion(drug, day) for day in range(120)])
    assert got == pytest.approx(expected, rel=1e-6)
    window = int((expected > 1.0).argmin())
    assert 3 <= window <= 14  # days of better delivery
    assert (got[:window] > 1.0).all() and (got[window:] < 1.0).all()


def test_the_window_of_bevacizumab_lasts_days_to_weeks_and_then_vessels_are_lost(bench):
    drug = replace(DRUGS["bevacizumab"], clearance_spread=0.0, toxicity={})
    got = delivery_by_day(bench, drug, 210, doses=(1.0,) * 210)
    window = int((got > 1.0).argmin())
    assert got[0] > 1.2
    assert 3 <= window <= 56
    assert (got[window:] < 1.0).all() and got[-1] < 0.85


@pytest.mark.nojit
def test_without_a_tissue_pruning_follows_the_plasma(bench):
    for kinetics in ({"half_life": 0.0}, {"half_life": 3.0, "tissue_half_life": 0.0}):
        drug = vessel_drug(bench, **({"infusion": False, "cycle": 1.0, "tissue_half_life": 0.0, **FULL} | kinetics))
        assert delivery_by_day(bench, drug, 1)[0] == pytest.approx(1.4 * 0.45, rel=1e-6)


@pytest.mark.nojit
def test_a_normaliser_is_silent_where_stroma_is_off(bench):
    assert delivery_by_day(bench, vessel_drug(bench), 3, mechanisms=()) == pytest.approx(np.ones(3), rel=1e-9)


# ---- vessels: growth of the supply


@pytest.mark.nojit
@pytest.mark.parametrize("dose", [0.0, 0.5, 1.0])
def test_an_antiangiogenic_drug_slows_the_growth_of_the_supply_by_its_share(bench, dose):
    """K' = kappa (1 - share E) N^2 / K, so K^2 grows by 2 kappa (1 - share E) N^2 t while N stands still."""
    drug = bench.drug(antiangiogenic=0.6, ec50=0.5, **NOTHING)
    organs = (bench.organ(capacity=1e30),)
    trial = bench.experiment(
        drugs=(drug,), organs=organs, fill=0.5, rates={"angiogenesis": Fixed(0.01)}, stochastic=False, substep=0.05
    )
    trial.spend(1.0, dose)
    left = 1.0 - 0.6 * dose / (dose + 0.5)
    gained = trial.cohort.state.capacity[0, 0] / 2e9 - 1.0
    assert gained == pytest.approx(math.sqrt(1.0 + 2.0 * 0.01 * left * 0.25) - 1.0, rel=1e-3)


PATIENTS = 4000


def share_left(got, expected):
    """A share of PATIENTS agrees with its law to four standard errors."""
    return abs(got - expected) < 4.0 * math.sqrt(expected * (1.0 - expected) / PATIENTS)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_an_antiangiogenic_drug_slows_the_angiogenic_switch_by_its_share(bench, share):
    drug = bench.drug(antiangiogenic=share, **FULL, **NOTHING)
    trial = bench.experiment(
        drugs=(drug,), size=PATIENTS, cells=1e4, fill=0.5, rates={"angiogenic_switch": Fixed(0.02)}, substep=10.0
    )
    trial.cohort.state.vascular[:] = False
    trial.spend(50.0, 1.0)
    avascular = 1.0 - trial.cohort.state.vascular[:, 0].mean()
    expected = math.exp(-0.02 * (1.0 - share) * 0.5 * 50.0)
    assert avascular == 1.0 if share == 1.0 else share_left(avascular, expected)


# ---- sleep and waking

SHIFTS = pytest.mark.parametrize(
    ("shift", "factor"), [(-1.0, 0.0), (-0.5, 0.5), (0.0, 1.0), (1.0, 2.0)], ids=["none", "half", "as ever", "twice"]
)


@pytest.mark.nojit
@SHIFTS
def test_a_waking_shift_scales_the_waking_of_cells(bench, shift, factor):
    drug = bench.drug(waking_shift=shift, **FULL, **NOTHING)
    trial = bench.experiment(drugs=(drug,), rates={"waking": Fixed(0.02)}, mechanisms=("dormancy",), stochastic=False)
    trial.cohort.state.dormant[:, 0, 0] = 1e9
    trial.proliferating[:] = 0.0
    trial.cohort.state.niche_open[:] = True
    trial.spend(30.0, 1.0)
    assert trial.cohort.state.dormant[0, 0, 0] / 1e9 == pytest.approx(math.exp(-0.02 * factor * 30.0), rel=1e-6)


@SHIFTS
def test_a_waking_shift_scales_the_opening_of_niches(bench, shift, factor):
    drug = bench.drug(waking_shift=shift, **FULL, **NOTHING)
    trial = bench.experiment(
        drugs=(drug,), size=PATIENTS, cells=1e4, rates={"niche_opening": Fixed(0.01)}, mechanisms=("dormancy",)
    )
    trial.cohort.state.niche_open[:] = False
    trial.spend(50.0, 1.0)
    closed = 1.0 - trial.cohort.state.niche_open[:, 0].mean()
    assert closed == 1.0 if factor == 0.0 else share_left(closed, math.exp(-0.01 * factor * 50.0))


@SHIFTS
def test_a_waking_shift_scales_the_waking_of_single_cells_and_not_their_death(bench, shift, factor):
    drug = bench.drug(waking_shift=shift, **FULL, **NOTHING)
    rates = {"seed_waking": Fixed(0.004), "seed_death": 0.002}
    trial = bench.experiment(drugs=(drug,), size=100, rates=rates, mechanisms=("dormancy", "dissemination"), seed=3)
    trial.cohort.state.disseminated_cells[:, 0, 0] = PATIENTS / 100
    trial.proliferating[:] = [1.0, 0.0]  # one cell, which neither divides nor dies
    trial.spend(50.0, 1.0)
    state = trial.cohort.state
    assert share_left(state.disseminated_cells.sum() / PATIENTS, math.exp(-(0.004 * factor + 0.002) * 50.0))
    gone = 1.0 - math.exp(-(0.004 * factor + 0.002) * 50.0)
    woken = (trial.burden.sum() - state.disseminated_cells.sum() - 100.0) / PATIENTS
    assert woken == 0.0 if factor == 0.0 else share_left(woken, gone * 0.004 * factor / (0.004 * factor + 0.002))


@pytest.mark.nojit
def test_waking_follows_the_effect_of_the_drug(bench):
    drug = bench.drug(waking_shift=-0.8, ec50=1.0, **NOTHING)  # half effect at full dose
    trial = bench.experiment(drugs=(drug,), rates={"waking": Fixed(0.02)}, mechanisms=("dormancy",), stochastic=False)
    trial.cohort.state.dormant[:, 0, 0] = 1e9
    trial.spend(1.0, 1.0)
    assert trial.cohort.state.dormant[0, 0, 0] / 1e9 == pytest.approx(math.exp(-0.02 * 0.6), rel=1e-9)


# ---- immunity


@pytest.mark.nojit
def test_a_checkpoint_inhibitor_raises_immunity_to_its_set_point(bench):
    drug = bench.drug(immune_shift=1.5, **NOTHING)
    trial = bench.experiment(drugs=(drug,), rates={"immune_half_life": 30.0}, stochastic=False)
    for day in (10.0, 30.0, 100.0):
        trial.spend(day - trial.cohort.state.host["day"][0], 1.0)
        assert trial.cohort.state.host["immunity"][0] == pytest.approx(2.5 - 1.5 * 2.0 ** (-day / 30.0), rel=1e-9)


def test_pembrolizumab_holds_immunity_at_its_set_point_on_average(bench):
    drug = replace(DRUGS["pembrolizumab"], clearance_spread=0.0, toxicity={})
    trial = bench.experiment(drugs=(drug,), rates={"immune_half_life": 30.0}, stochastic=False)
    trial.spend(21.0 * 20, 1.0)
    cycle = []
    for _ in range(42):
        trial.spend(0.5, 1.0)
        cycle.append(trial.cohort.state.host["immunity"][0])
    assert np.mean(cycle) == pytest.approx(1.0 + drug.immune_shift, rel=5e-3)


@pytest.mark.nojit
def test_a_checkpoint_inhibitor_kills_more_of_a_small_lesion_and_of_a_large_one_hardly_more(bench):
    drug = bench.drug(immune_shift=1.5, **NOTHING)
    rates = {"immune_kill": Fixed(0.02), "immune_size": 1e5, "immune_half_life": 1e-6}  # at its set point at once
    gained = []
    for cells in (1e3, 1e9):
        settings = {"cells": cells, "rates": rates, "stochastic": False, "substep": 0.01, "drugs": (drug,)}
        plain, treated = (
            log_kill(bench.experiment(mechanisms=("immune",), **settings), 0.1, dose) for dose in (0.0, 1.0)
        )
        assert treated == pytest.approx(2.5 * plain, rel=1e-2)
        gained.append(treated - plain)
    assert gained[0] == pytest.approx(1.5 * 0.02 / 1.01, rel=1e-2)
    assert gained[1] < 1e-3 * gained[0]
    assert log_kill(bench.experiment(cells=1e3, rates=rates, drugs=(drug,), stochastic=False), 0.1, 1.0) == 0.0
