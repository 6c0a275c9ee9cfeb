"""Neutrophils, cumulative toxicity, immunity and the law of death."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from metaenv.diseases.disease import Host
from metaenv.distribution import Fixed
from metaenv.drugs.toxicity import Toxicity
from metaenv.dynamics.host import advance_neutrophils
from metaenv.dynamics.state import CAUSES

BASELINE, RATE, FEEDBACK = 5.0, 4.0 / 3.5, 0.15


def chain(loss, days, steps, start=None):
    cells, work = np.full(5, BASELINE) if start is None else np.array(start, dtype=float), np.zeros((4, 5))
    for _ in range(steps):
        advance_neutrophils(cells, work, RATE, loss, BASELINE, FEEDBACK, days / steps)
    return cells


@pytest.mark.nojit
def test_neutrophils_rest_at_their_baseline():
    assert chain(0.0, 20.0, 10) == pytest.approx(np.full(5, BASELINE), rel=1e-14)


@pytest.mark.nojit
@pytest.mark.parametrize("loss", [0.3, 1.5])
def test_neutrophils_follow_the_chain_of_equations(loss):
    """Friberg: x0' = k x0 ((1 - loss) (Circ0 / Circ)^gamma - 1), then transit. Source: Friberg2002."""

    def slope(_, x):
        first = RATE * x[0] * ((1.0 - loss) * (BASELINE / x[4]) ** FEEDBACK - 1.0)
        return [first, *(RATE * (x[:-1] - x[1:]))]

    exact = solve_ivp(slope, (0.0, 4.0), np.full(5, BASELINE), rtol=1e-10, atol=1e-12).y[:, -1]
    assert chain(loss, 4.0, 32) == pytest.approx(exact, rel=2e-4)


@pytest.mark.nojit
def test_halving_the_step_of_the_chain_is_fourth_order():
    exact = chain(0.8, 4.0, 256)
    errors = [np.abs(chain(0.8, 4.0, steps) / exact - 1.0).max() for steps in (4, 8)]
    assert errors[1] < errors[0] / 10.0


@pytest.mark.nojit
def test_neutrophils_never_fall_below_zero():
    assert (chain(50.0, 20.0, 20) >= 0.0).all()


def test_steady_state_under_a_constant_drug(bench):
    """At rest (1 - loss) (Circ0 / Circ)^gamma = 1."""
    drug = bench.drug(marrow_slope=0.1)
    host = Host(baseline_neutrophils=Fixed(BASELINE), transit_time=Fixed(3.5), feedback=Fixed(FEEDBACK))
    trial = bench.experiment(drugs=(drug,), host=host)
    trial.spend(2000.0, 1.0)
    assert trial.cohort.state.neutrophils[0] == pytest.approx(BASELINE * 0.9 ** (1.0 / FEEDBACK), rel=1e-4)


def test_marrow_at_rest_is_skipped_without_a_difference(bench):
    """The kernel leaves a chain at rest alone; a drug without harm to the marrow changes nothing."""
    trial = bench.experiment(drugs=(bench.drug(marrow_slope=0.0),))
    trial.spend(100.0, 1.0)
    assert (trial.cohort.state.neutrophils == trial.cohort.patients.person["baseline_neutrophils"]).all()


@pytest.mark.nojit
@pytest.mark.parametrize("half_life", [30.0, math.inf])
def test_toxicity_gathers_and_recovers(bench, half_life):
    """T' = g D - rho T."""
    drug = bench.drug(toxicity={"kind": 0.01})
    kind = Toxicity(name="kind", half_life=half_life, disutility=0.0)
    trial = bench.experiment(drugs=(drug,), toxicities=(kind,))
    trial.spend(20.0, 0.5)
    rate = math.log(2.0) / half_life
    gathered = 0.005 * (20.0 if rate == 0.0 else (1.0 - math.exp(-20.0 * rate)) / rate)
    assert trial.cohort.state.toxicity[0, 0] == pytest.approx(gathered, rel=1e-9)
    trial.spend(30.0)
    kept = 0.5 if math.isfinite(half_life) else 1.0
    assert trial.cohort.state.toxicity[0, 0] == pytest.approx(kept * gathered, rel=1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize(("shift", "expected"), [(-0.3, 0.7), (0.5, 1.5), (-2.0, 0.0)])
def test_immunity_relaxes_to_its_set_point_and_back(bench, shift, expected):
    trial = bench.experiment(drugs=(bench.drug(immune_shift=shift),), rates={"immune_half_life": 10.0})
    trial.spend(10.0, 1.0)
    assert trial.cohort.state.host["immunity"][0] == pytest.approx(1.0 + 0.5 * (expected - 1.0))
    trial.spend(10.0)
    assert trial.cohort.state.host["immunity"][0] == pytest.approx(1.0 + 0.25 * (expected - 1.0))


# ---- death


def deaths(bench, host, days, *, size=10_000, stochastic=True, substep=1.0, cells=1e10, **settings):
    trial = bench.experiment(
        cells=cells, host=host, size=size, seed=21, stochastic=stochastic, substep=substep, **settings
    )
    cohort = trial.cohort
    cohort.clinic.rules["interval"] = days
    cohort.treat(np.zeros((size, 1)), np.ones(size, dtype=bool))
    return cohort.state.host


@pytest.mark.parametrize("substep", [1.0, 7.0])
@pytest.mark.parametrize(("burden", "hazard"), [(1e10, 0.004), (4e10, 0.004 * 8.0), (1e9, 0.004 * 10**-1.5)])
def test_survival_is_exponential_in_the_hazard_of_the_burden(bench, burden, hazard, substep):
    """h = h0 (B / B_L)^1.5: dead by day t with probability 1 - exp(-h t); within 3 standard errors."""
    host = deaths(bench, Host(lethal_burden=1e10, lethal_hazard=0.004), 70.0, cells=burden, substep=substep)
    expected = 1.0 - math.exp(-hazard * 70.0)
    dead = host["cause"] == CAUSES.index("cancer")
    assert dead.mean() == pytest.approx(expected, abs=3.0 * math.sqrt(expected * (1.0 - expected) / dead.size))
    assert (host["cause"][~dead] == CAUSES.index("alive")).all()


def test_same_patients_die_whatever_the_substep(bench):
    host = Host(lethal_burden=1e10, lethal_hazard=0.004)
    fine, coarse = (deaths(bench, host, 70.0, substep=substep, size=2_000)["cause"] for substep in (1.0, 7.0))
    assert (fine == coarse).all()


def test_patient_without_chance_dies_at_the_median(bench):
    host = Host(lethal_burden=1e10, lethal_hazard=0.01)
    median = math.log(2.0) / 0.01
    assert deaths(bench, host, median - 1.0, size=1, stochastic=False)["cause"][0] == CAUSES.index("alive")
    assert deaths(bench, host, median + 1.0, size=1, stochastic=False)["cause"][0] == CAUSES.index("cancer")


def test_time_stops_at_death(bench):
    host = deaths(bench, Host(lethal_burden=1e10, lethal_hazard=0.05), 365.0, size=1_000)
    dead = host["cause"] == CAUSES.index("cancer")
    assert dead.mean() > 0.99
    assert host["day"][dead].mean() == pytest.approx(20.0 + 0.5, abs=2.0)  # mean 1 / h, found at the end of a day


@pytest.mark.parametrize("age", [60.0, 75.0])
def test_deaths_from_other_causes_follow_the_law_of_mortality(bench, age):
    """h = h1 exp(g (age - 60)): alive after t with probability exp(-(h/g) (e^gt - 1)). Source: Gompertz1825."""
    ageing, years = 0.09, 10.0
    host = Host(age=Fixed(age), other_hazard=0.012 / 365.25, ageing=ageing)
    trial = deaths(bench, host, years * 365.25, cells=1e3, substep=28.0, size=20_000)
    start = 0.012 * math.exp(ageing * (age - 60.0))
    expected = 1.0 - math.exp(-start / ageing * (math.exp(ageing * years) - 1.0))
    dead = trial["cause"] == CAUSES.index("other_causes")
    assert dead.mean() == pytest.approx(expected, abs=3.0 * math.sqrt(expected * (1.0 - expected) / dead.size))
    assert (trial["cause"][~dead] == CAUSES.index("alive")).all()


def test_other_causes_compete_with_cancer(bench):
    host = Host(lethal_burden=1e10, lethal_hazard=0.03, other_hazard=0.01)
    causes = deaths(bench, host, 1000.0, cells=1e10)["cause"]
    assert (causes == CAUSES.index("cancer")).mean() == pytest.approx(0.75, abs=0.03)
    assert (causes == CAUSES.index("other_causes")).mean() == pytest.approx(0.25, abs=0.03)


def neutropenic_deaths(bench, days, **hazards):
    """Causes of death of patients whose drug holds the neutrophils at half of a baseline of .8."""
    host = Host(baseline_neutrophils=Fixed(0.8), feedback=Fixed(FEEDBACK), sepsis_level=0.5, **hazards)
    drug = bench.drug(marrow_slope=0.1, kill=1e-12)
    trial = bench.experiment(cells=1e10, host=host, drugs=(drug,), size=10_000, seed=21)
    trial.cohort.state.neutrophils[:] = 0.8 * 0.9 ** (1.0 / FEEDBACK)
    trial.cohort.clinic.rules["interval"] = days
    trial.cohort.treat(np.ones((10_000, 1)), np.ones(10_000, dtype=bool))
    return trial.cohort.state.host["cause"]


def test_severe_neutropenia_kills_by_sepsis(bench):
    causes = neutropenic_deaths(bench, 50.0, sepsis_hazard=0.02)
    assert (causes == CAUSES.index("neutropenic_sepsis")).mean() == pytest.approx(1.0 - math.exp(-1.0), abs=0.015)
    assert (causes == CAUSES.index("cancer")).sum() == 0


def test_cause_of_death_is_drawn_by_the_share_of_its_hazard(bench):
    causes = neutropenic_deaths(bench, 100.0, sepsis_hazard=0.15, lethal_burden=1e10, lethal_hazard=0.05)
    assert (causes == CAUSES.index("cancer")).mean() == pytest.approx(0.25, abs=0.015)
    assert (causes == CAUSES.index("neutropenic_sepsis")).mean() == pytest.approx(0.75, abs=0.015)


@pytest.mark.parametrize("substep", [7.0, 1.0])
def test_hazard_of_sepsis_does_not_depend_on_the_substep(bench, substep):
    """Days below the level are counted at `host_step`, in a course that dips for some days only; +-2 %."""

    def hazard(length):
        host = Host(baseline_neutrophils=Fixed(5.0), sepsis_level=1.5, sepsis_hazard=1e-6)
        drug = bench.drug(infusion=True, cycle=21.0, half_life=0.5, marrow_slope=0.2)
        trial = bench.experiment(host=host, drugs=(drug,), substep=length)
        trial.spend(84.0, 1.0)
        return trial.cohort.state.host["hazard"][0]

    assert hazard(substep) == pytest.approx(hazard(0.5), rel=0.02)
    assert hazard(0.5) > 0.0


def test_toxicity_above_one_kills(bench):
    kinds = (Toxicity(name="kind", half_life=math.inf, disutility=0.0),)
    trial = bench.experiment(host=Host(toxic_hazard=0.01), toxicities=kinds, size=10_000, seed=22)
    trial.cohort.state.toxicity[:5_000] = 1.5
    trial.cohort.state.toxicity[5_000:] = 1.0
    trial.cohort.clinic.rules["interval"] = 100.0
    trial.cohort.treat(np.zeros((10_000, 1)), np.ones(10_000, dtype=bool))
    dead = trial.cohort.state.host["cause"] == CAUSES.index("cumulative_toxicity")
    assert dead[:5_000].mean() == pytest.approx(1.0 - math.exp(-0.5), abs=0.025)
    assert not dead[5_000:].any()
