"""Linear kinetics against closed forms and the matrix exponential."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from metaenv.diseases.disease import Host
from metaenv.distribution import Fixed
from metaenv.dynamics.pharmacokinetics import propagate

RATES = [(0.7, 0.0, 0.0), (0.7, 0.0, 0.3), (1.5, 0.3, 0.5), (23.6, 16.9, 4.9), (0.5, 0.0, 0.5)]


def matrix(elimination, outflow, inflow):
    """Of (plasma, tissue, integral of plasma, 1) without input."""
    return np.array(
        [
            [-elimination - outflow, outflow, 0.0, 0.0],
            [inflow, -inflow, 0.0, 0.0],
            [1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0],
        ]
    )


@pytest.mark.nojit
@pytest.mark.parametrize("half_life", [0.1, 1.0, 30.0])
def test_bolus_halves_after_one_half_life(half_life):
    plasma, _, _ = propagate(1.0, 0.0, 0.0, math.log(2.0) / half_life, 0.0, 0.0, half_life)
    assert plasma == pytest.approx(0.5)


@pytest.mark.nojit
@pytest.mark.parametrize("half_life", [0.5, 2.0])
def test_infusion_reaches_half_of_the_steady_state_after_one_half_life(half_life):
    rate = math.log(2.0) / half_life
    plasma, _, mean = propagate(0.0, 0.0, rate, rate, 0.0, 0.0, half_life)
    assert plasma == pytest.approx(0.5)
    assert mean == pytest.approx(1.0 - 0.5 / math.log(2.0))


@pytest.mark.nojit
@pytest.mark.parametrize("days", [0.01, 1.0, 7.0])
@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("supply", [0.0, 0.8])
def test_plasma_tissue_and_mean_are_those_of_the_matrix_exponential(rates, days, supply):
    generator = matrix(*rates)
    generator[0, 3] = supply
    plasma, tissue, area, _ = expm(generator * days) @ np.array([0.9, 0.2, 0.0, 1.0])
    if rates[2] == 0.0:
        tissue = 0.2  # no tissue compartment
    assert propagate(0.9, 0.2, supply, *rates, days) == pytest.approx((plasma, tissue, area / days), rel=1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize("rates", RATES)
def test_mean_equals_the_integral(rates):
    area, _ = quad(lambda t: propagate(2.0, 0.1, 0.3, *rates, t)[0] if t > 0.0 else 2.0, 0.0, 3.0, epsabs=1e-11)
    assert propagate(2.0, 0.1, 0.3, *rates, 3.0)[2] == pytest.approx(area / 3.0, rel=1e-7)


@pytest.mark.nojit
@pytest.mark.parametrize("rates", RATES)
def test_two_halves_make_one_step(rates):
    whole = propagate(2.0, 0.1, 0.3, *rates, 2.0)
    plasma, tissue, first = propagate(2.0, 0.1, 0.3, *rates, 1.0)
    halves = propagate(plasma, tissue, 0.3, *rates, 1.0)
    assert halves[:2] == pytest.approx(whole[:2], rel=1e-9)
    assert 0.5 * (first + halves[2]) == pytest.approx(whole[2], rel=1e-9)


@pytest.mark.nojit
def test_effect_site_follows_a_constant_plasma_with_its_own_half_life():
    elimination, inflow = 0.7, math.log(2.0) / 2.5
    plasma, tissue, _ = propagate(1.0, 0.0, elimination, elimination, 0.0, inflow, 2.5)
    assert plasma == pytest.approx(1.0)
    assert tissue == pytest.approx(0.5)


@pytest.mark.nojit
def test_effect_site_takes_nothing_from_the_plasma():
    with_site, _, _ = propagate(1.0, 0.0, 0.0, 0.7, 0.0, 0.3, 2.0)
    without, _, _ = propagate(1.0, 0.0, 0.0, 0.7, 0.0, 0.0, 2.0)
    assert with_site == pytest.approx(without)


@pytest.mark.nojit
def test_exchange_alone_keeps_the_mass():
    """Next to no elimination: plasma volume x c + tissue volume x p stays, with inflow / outflow = V1 / V2."""
    outflow, inflow = 0.4, 0.1
    plasma, tissue, _ = propagate(1.0, 0.0, 0.0, 1e-9, outflow, inflow, 5.0)
    assert plasma + tissue * outflow / inflow == pytest.approx(1.0, rel=1e-6)


# ---- through the kernel


def test_tumour_sees_the_tissue_where_it_is_an_effect_site(bench):
    quick = bench.drug(name="quick", half_life=0.01, kill=1.0)
    slow = bench.drug(name="slow", half_life=0.01, tissue_half_life=3.0, kill=1.0)
    kill = []
    for drug in (quick, slow):
        trial = bench.experiment(drugs=(drug,), stochastic=False, substep=0.1)
        trial.spend(3.0, 1.0)
        kill.append(-math.log(trial.burden[0] / 1e9))
    # quick: half effect all along; slow: c = 1 - 2^(-t/3), effect c / (c + 1)
    expected = quad(lambda t: (1.0 - 2.0 ** (-t / 3.0)) / (2.0 - 2.0 ** (-t / 3.0)), 0.0, 3.0)[0]
    assert kill[0] == pytest.approx(1.5, rel=0.01)
    assert kill[1] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("visit", "substep"), [(7.0, 7.0), (28.0, 7.0), (30.0, 7.0), (28.0, 10.0), (100.0, 50.0)])
def test_infusions_come_on_their_cycle_days_whatever_the_calendar(bench, visit, substep):
    """Every 21 days from the first visit on; a sub-step ends where the next infusion falls due."""
    trial = bench.experiment(drugs=(bench.drug(infusion=True, cycle=21.0, half_life=1.0),), substep=substep)
    total, day = 0.0, 0.0
    while day < 400.0:
        trial.spend(visit, 1.0)
        day += visit
        total += trial.cohort.state.given[0, 0] / 21.0
        assert total == pytest.approx(math.ceil(day / 21.0 - 1e-9))


def test_concentration_after_infusions_does_not_depend_on_the_calendar(bench):
    seen = []
    for visit, substep in ((30.0, 7.0), (15.0, 10.0), (1.0, 1.0)):
        trial = bench.experiment(drugs=(bench.drug(infusion=True, cycle=21.0, half_life=3.0),), substep=substep)
        for _ in range(round(120.0 / visit)):
            trial.spend(visit, 1.0)
        seen.append(trial.cohort.state.concentration[0, 0, 0])
    assert seen == pytest.approx([seen[-1]] * 3, rel=1e-6)


def test_infusion_is_held_and_postponed_while_neutrophils_are_low(bench):
    host = Host(baseline_neutrophils=Fixed(1.0), dosing_neutrophils=1.5, postponement=7.0)
    trial = bench.experiment(drugs=(bench.drug(infusion=True, cycle=21.0, half_life=1.0),), host=host)
    trial.spend(20.0, 1.0)
    state = trial.cohort.state
    assert state.given[0, 0] == 0.0
    assert state.refused[0, 0] == 3.0  # days 0, 7 and 14
    assert trial.cohort.chart.held[0, 0] == 1.0
    state.neutrophils[:] = 2.0
    trial.spend(7.0, 1.0)
    assert state.given[0, 0] == 21.0  # day 21
    assert state.due[0, 0] == pytest.approx(42.0)


def test_halving_the_substep_leaves_the_kill_of_a_course(bench):
    left = []
    for substep in (2.0, 1.0):
        drug = bench.drug(
            infusion=True, cycle=21.0, half_life=0.5, tissue_half_life=2.5, hill=1.5, ec50=0.35, kill=0.16
        )
        trial = bench.experiment(drugs=(drug,), stochastic=False, substep=substep)
        trial.spend(84.0, 1.0)
        left.append(math.log(trial.burden[0] / 1e9))
    assert left[0] == pytest.approx(left[1], rel=0.02)
