"""Sleep and waking of cells; niche and vessels of a lesion."""

import math

import numpy as np
import pytest
from scipy import linalg

from metaenv.distribution import Fixed
from metaenv.dynamics.dormancy import leaving

ON = ("dormancy",)


def sleepers(bench, *, asleep, fill, niche_open=True, stochastic=False, size=1, substep=0.1, **rates):
    """Dormant cells only, in a lesion so full."""
    trial = bench.experiment(
        cells=asleep, fill=fill, rates=rates, mechanisms=ON, stochastic=stochastic, size=size, substep=substep, seed=31
    )
    state = trial.cohort.state
    state.proliferating[:] = 0.0
    state.dormant[:, 0, 0] = asleep
    state.niche_open[:] = niche_open
    return trial


@pytest.mark.nojit
def test_leaving_is_the_share_of_a_rate():
    assert leaving(0.02, 1e6, 7.0, False, 0.5) == pytest.approx(1e6 * -math.expm1(-0.14), rel=1e-7)
    assert leaving(0.0, 1e6, 7.0, True, 0.5) == 0.0
    assert leaving(0.02, 0.0, 7.0, True, 0.5) == 0.0
    assert leaving(1e9, 30.0, 7.0, True, 0.5) == 30.0


@pytest.mark.nojit
def test_cells_fall_asleep_at_their_rate(bench):
    """Basal entry + crowding + hypoxia + drug-induced persistence."""
    drug = bench.drug(kill=1e-12, persistence=0.06)
    trial = bench.experiment(
        fill=0.5,
        drugs=(drug,),
        rates={
            "dormancy_entry": Fixed(0.01),
            "stress_entry": 0.02,
            "hypoxic_entry": 0.04,
            "hypoxic_share": 0.5,
            "hypoxic_size": 1e9,
        },
        mechanisms=("dormancy", "hypoxia"),
        stochastic=False,
        substep=0.01,
    )
    trial.spend(0.01, 1.0)
    expected = 0.01 + 0.02 * 0.5 + 0.04 * 0.25 + 0.06 * 0.5
    assert trial.cohort.state.dormant.sum() / 1e9 / 0.01 == pytest.approx(expected, rel=1e-3)
    assert trial.burden[0] == pytest.approx(1e9, rel=1e-9)


@pytest.mark.nojit
def test_immune_pressure_sends_cells_to_sleep(bench):
    rates = {"dormancy_entry": Fixed(1e-9), "immune_kill": Fixed(0.02), "immune_entry": 2.0, "immune_size": 1e20}
    trial = bench.experiment(rates=rates, mechanisms=("dormancy", "immune"), stochastic=False, substep=0.01)
    trial.spend(0.01)
    assert trial.cohort.state.dormant.sum() / 1e9 / 0.01 == pytest.approx(0.04, rel=1e-3)


@pytest.mark.nojit
@pytest.mark.parametrize("fill", [0.25, 1.0, 2.0])
def test_cells_wake_in_an_open_niche_in_proportion_to_free_capacity(bench, fill):
    trial = sleepers(bench, asleep=1e6, fill=fill, waking=Fixed(0.05))
    trial.spend(0.1)
    expected = 1e6 * -math.expm1(-0.05 * max(0.0, 1.0 - fill) * 0.1)
    assert trial.proliferating.sum() == pytest.approx(expected, rel=1e-6)
    assert trial.burden[0] == pytest.approx(1e6)


@pytest.mark.nojit
def test_no_cell_wakes_in_a_closed_niche(bench):
    trial = sleepers(bench, asleep=1e6, fill=0.25, niche_open=False, waking=Fixed(0.05))
    trial.spend(10.0)
    assert trial.proliferating.sum() == 0.0


@pytest.mark.parametrize("asleep", [40.0, 5_000.0])
def test_waking_and_death_compete_for_single_cells(bench, asleep):
    """Of cells that leave sleep, waking / (waking + death) wake; binomial moments on both sides of the Gaussian."""
    size = 10_000
    trial = sleepers(
        bench,
        asleep=asleep,
        fill=1e-9,
        stochastic=True,
        size=size,
        substep=10.0,
        waking=Fixed(0.03),
        dormant_death=0.01,
    )
    trial.spend(10.0)
    left = -math.expm1(-0.4)
    for cells, chance in ((trial.cohort.state.dormant, 1.0 - left), (trial.proliferating, 0.75 * left)):
        count = cells.reshape(size, -1).sum(axis=1)
        variance = asleep * chance * (1.0 - chance)
        assert abs(count.mean() - asleep * chance) * math.sqrt(size / variance) < 3.0
        assert math.sqrt(size / 2.0) * abs(count.var() / variance - 1.0) < 5.0
        assert (count == np.floor(count)).all()


def test_niches_open_and_vessels_grow_with_their_half_lives(bench):
    """Opening at a constant rate; the angiogenic switch in proportion to the fill; within 3 standard errors."""
    size, days = 10_000, 100.0
    trial = sleepers(
        bench,
        asleep=1e4,
        fill=0.5,
        niche_open=False,
        stochastic=True,
        size=size,
        substep=5.0,
        niche_opening=Fixed(0.004),
        angiogenic_switch=Fixed(0.01),
    )
    trial.cohort.state.vascular[:] = False
    trial.spend(days)
    for happened, rate in ((trial.cohort.state.niche_open, 0.004), (trial.cohort.state.vascular, 0.005)):
        expected = -math.expm1(-rate * days)
        assert happened.mean() == pytest.approx(expected, abs=3.0 * math.sqrt(expected * (1.0 - expected) / size))


def test_healing_wound_opens_niches_faster_while_it_lasts(bench):
    size = 10_000
    trial = sleepers(
        bench,
        asleep=1e4,
        fill=0.5,
        niche_open=False,
        stochastic=True,
        size=size,
        substep=1.0,
        niche_opening=Fixed(1e-3),
        wound_waking=10.0,
        wound_days=20.0,
    )
    trial.cohort.state.host["wound"] = 20.0
    trial.spend(60.0)
    expected = -math.expm1(-1e-3 * (10.0 * 20.0 + 40.0))
    error = 3.0 * math.sqrt(expected * (1.0 - expected) / size)
    assert trial.cohort.state.niche_open.mean() == pytest.approx(expected, abs=error)


def test_nothing_sleeps_where_dormancy_is_off(bench):
    trial = bench.experiment(
        rates={"dormancy_entry": Fixed(0.1)}, drugs=(bench.drug(kill=1e-9, persistence=0.5),), stochastic=False
    )
    trial.spend(10.0, 1.0)
    assert trial.cohort.state.dormant.sum() == 0.0


@pytest.mark.nojit
def test_dormant_cells_die_at_their_own_rate(bench):
    trial = sleepers(bench, asleep=1e6, fill=0.5, niche_open=False, dormant_death=5e-4)
    trial.spend(10.0)
    assert trial.burden[0] == pytest.approx(1e6 * math.exp(-5e-3), rel=1e-6)


@pytest.mark.parametrize(("stochastic", "size"), [(False, 1), (True, 400)])
def test_sleep_and_waking_beside_a_kill_follow_their_equation_over_a_long_substep(bench, stochastic, size):
    """Two weeks at once, half of the dividing cells killed in them: one after the other would be off by a tenth."""
    death, entry, waking = 0.05, 0.005, 0.01
    rates = {"dormancy_entry": Fixed(entry), "waking": Fixed(waking), "dormant_death": 0.0}
    trial = bench.experiment(
        cells=2e5,
        birth=0.0,
        death=death,
        fill=1e-9,
        rates=rates,
        mechanisms=ON,
        stochastic=stochastic,
        size=size,
        substep=14.0,
        seed=32,
    )
    state = trial.cohort.state
    state.proliferating[:, 0, 0] = 2e5
    state.dormant[:, 0, 0] = 1e6
    state.niche_open[:] = True
    trial.spend(14.0)
    exact = linalg.expm(14.0 * np.array([[-death - entry, waking], [entry, -waking]])) @ [2e5, 1e6]
    found = [state.proliferating[:, 0, 0].mean(), state.dormant[:, 0, 0].mean()]
    assert found == pytest.approx(exact, rel=0.01)
