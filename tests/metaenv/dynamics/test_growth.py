"""Births and deaths on both sides of the switch to the Gaussian, crowding, capacity."""

import math

import numpy as np
import pytest
from scipy import stats

from metaenv.distribution import Fixed
from metaenv.dynamics.growth import (
    FEW,
    average_growth,
    birth_death,
    crowding,
    expand_capacity,
    probability,
    relax_capacity,
)
from metaenv.dynamics.random import GAUSSIAN_ABOVE

RATES = [(0.1, 0.11), (0.1, 0.1), (0.06, 0.015), (0.14, 0.0), (0.0, 0.2), (0.05, 0.4)]  # /day, birth and death


def moments(count, birth, death, days):
    """Mean and variance of the linear birth-death process. Source: Kendall1948."""
    net, growth = birth - death, math.exp((birth - death) * days)
    if net == 0.0:
        return count, 2.0 * count * birth * days
    return count * growth, count * (birth + death) / net * growth * (growth - 1.0)


@pytest.mark.parametrize("days", [0.5, 7.0])
@pytest.mark.parametrize(("birth", "death"), RATES)
@pytest.mark.parametrize("count", [1.0, 20.0, GAUSSIAN_ABOVE, GAUSSIAN_ABOVE + 1.0, 1e8])
def test_mean_and_variance_on_both_sides_of_the_switch(count, birth, death, days):
    size = 4_000
    chance = np.random.default_rng(1).random((size, 2))
    drawn = np.array([birth_death(count, birth, death, days, *pair) for pair in chance])
    mean, variance = moments(count, birth, death, days)
    assert (drawn == np.floor(drawn)).all()
    assert (drawn >= 0.0).all()
    assert abs(drawn.mean() - mean) * math.sqrt(size / variance) < 3.5
    kurtosis = max(3.0, float(stats.kurtosis(drawn, fisher=False)))
    assert abs(drawn.var() / variance - 1.0) * math.sqrt(size / (kurtosis - 1.0)) < 4.0


@pytest.mark.parametrize("expected", [0.1, 1.0, 10.0, 0.99 * FEW, 1.01 * FEW])
@pytest.mark.parametrize("count", [1e3, 1e6, 1e9])
def test_few_survivors_of_many_cells_are_counted_exactly(count, expected):
    """Strong kill in one step: survivors are binomial, so nobody survives with probability (1 - p)^n."""
    size = 20_000
    chance = np.random.default_rng(2).random((size, 2))
    drawn = np.array([birth_death(count, 0.0, math.log(count / expected), 1.0, *pair) for pair in chance])
    nobody = (1.0 - expected / count) ** count
    assert abs(drawn.mean() - expected) * math.sqrt(size / expected) < 3.5
    assert (drawn == 0.0).mean() == pytest.approx(nobody, abs=3.5 * math.sqrt(nobody * (1.0 - nobody) / size) + 1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("birth", "death", "days"), [(0.1, 0.11, 7.0), (0.1, 0.1, 7.0), (0.14, 0.01, 3.0), (0.0, 0.3, 2.0)]
)
def test_one_cell_dies_out_with_the_closed_probability(birth, death, days):
    """A = d (e^rt - 1) / (b e^rt - d); the others are geometric with parameter 1 - A b / d."""
    growth = math.exp((birth - death) * days)
    if birth == death:
        lost, more = birth * days / (1.0 + birth * days), birth * days / (1.0 + birth * days)
    else:
        lost = death * (growth - 1.0) / (birth * growth - death)
        more = birth * (growth - 1.0) / (birth * growth - death)
    inside, outside = (1.0 - lost) * (1.0 - 1e-9), (1.0 - lost) * (1.0 + 1e-9)
    assert birth_death(1.0, birth, death, days, inside, 1e-12) == 1.0
    assert birth_death(1.0, birth, death, days, min(outside, 1.0 - 1e-12), 0.5) == 0.0
    for u in (0.1, 0.5, 0.9, 0.999):
        extra = stats.geom.ppf(u, 1.0 - more) - 1.0 if more > 0.0 else 0.0
        assert birth_death(1.0, birth, death, days, 0.5 * inside, u) == 1.0 + extra


@pytest.mark.nojit
def test_pure_death_never_adds_and_pure_birth_never_takes():
    for u in (0.01, 0.5, 0.99):
        for count in (1.0, 50.0, 300.0):
            assert birth_death(count, 0.0, 0.2, 3.0, u, u) <= count
            assert birth_death(count, 0.2, 0.0, 3.0, u, u) >= count


@pytest.mark.nojit
@pytest.mark.parametrize("count", [1.0, 300.0, 301.0, 1e9])
def test_nothing_happens_without_rates(count):
    assert birth_death(count, 0.0, 0.0, 3.0, 0.3, 0.7) == count


@pytest.mark.nojit
@pytest.mark.parametrize("x", [0.0, 1e-12, 1e-6, 0.01, 0.0499, 0.0501, 1.0, 50.0])
def test_probability_of_an_event(x):
    assert probability(x / 3.0, 3.0) == pytest.approx(-math.expm1(-x), rel=1e-7)


@pytest.mark.nojit
@pytest.mark.parametrize("x", [-9.0, -0.5, -1e-5, -1e-9, 0.0, 1e-9, 0.02, 1.5])
def test_average_growth_is_the_mean_of_the_exponential(x):
    moments = np.linspace(0.0, 1.0, 200_001)
    mean = np.trapezoid(np.exp(x * moments), moments)
    assert average_growth(math.exp(x), x) == pytest.approx(mean, rel=1e-6)


def test_crowding():
    assert crowding(0.0, False) == 1.0
    assert crowding(0.25, False) == 0.75
    assert crowding(1.5, False) == 0.0
    assert crowding(math.exp(-2.0), True) == pytest.approx(2.0)
    assert crowding(1.0, True) == 0.0
    assert crowding(2.0, True) == pytest.approx(-math.log(2.0))
    assert crowding(0.0, True) == 0.0


@pytest.mark.nojit
@pytest.mark.parametrize("days", [1.0, 30.0])
def test_capacity_grows_as_its_equation_says(days):
    """dK/dt = kappa K (N/K)^2 = kappa N^2 / K, so K^2 grows linearly."""
    start, cells, kappa = 1e6, 8e5, 0.012
    grown = expand_capacity(start, cells, kappa, 1e12, days)
    assert (grown**2 - start**2) == pytest.approx(2.0 * kappa * cells**2 * days)
    halves = expand_capacity(expand_capacity(start, cells, kappa, 1e12, days / 2), cells, kappa, 1e12, days / 2)
    assert halves == pytest.approx(grown)
    assert expand_capacity(start, cells, kappa, 1.001e6, 1e6) == 1.001e6
    assert expand_capacity(start, 0.0, kappa, 1e12, days) == start
    assert expand_capacity(2e6, cells, kappa, 1e6, days) == 2e6  # never shrinks


@pytest.mark.nojit
@pytest.mark.parametrize("supply", [0.0, 0.3, 1.0])
def test_capacity_relaxes_in_its_logarithm(supply):
    """ln K = G + (ln K0 - G) e^(-rt), G between the logarithms of the least and the most; steps compose."""
    least, most, rate = 1e6, 1e11, 0.01
    goal = supply * math.log(most) + (1.0 - supply) * math.log(least)
    expected = math.exp(goal + (math.log(1e9) - goal) * math.exp(-rate * 50.0))
    assert relax_capacity(1e9, least, most, rate, supply, 50.0) == pytest.approx(expected, rel=1e-12)
    half = relax_capacity(1e9, least, most, rate, supply, 25.0)
    assert relax_capacity(half, least, most, rate, supply, 25.0) == pytest.approx(expected, rel=1e-12)
    assert relax_capacity(1e9, least, most, 0.0, supply, 50.0) == 1e9
    assert relax_capacity(1e9, least, most, 1.0, supply, 1e3) == pytest.approx(math.exp(goal))


def grown(bench, dose=0.0, **settings):
    """ln of the growth in a year of a lesion of 1e8 cells by Gompertz' law, whose vessels have come up to its organ."""
    rates = {"birth": Fixed(0.004), "death": Fixed(0.05), "gompertz": True, "angiogenesis": Fixed(0.01)}
    presentation = {"visible_fill": None, "avascular_log_capacity": Fixed(6.0)}
    organs = (bench.organ(capacity=1e12),)
    trial = bench.experiment(
        cells=1e8, rates=rates | settings.pop("rates", {}), presentation=presentation, organs=organs, **settings
    )
    trial.spend(365.0, dose)
    return np.log(trial.burden / 1e8)


def test_without_a_fill_a_lesion_starts_with_the_capacity_of_its_organ(bench):
    expected = math.log(1e4) * (1.0 - math.exp(-0.004 * 365.0))
    assert grown(bench, stochastic=False)[0] == pytest.approx(expected, rel=1e-4)


def test_blocked_vessels_slow_growth_by_gompertz_law(bench):
    drug = bench.drug(kill=1e-12, antiangiogenic=1.0)
    free, blocked = (grown(bench, dose, drugs=(drug,), stochastic=False)[0] for dose in (0.0, 1.0))
    assert 0.0 < blocked < 0.8 * free


def test_lesions_of_a_patient_differ_in_vigour(bench):
    """ln(N/K) falls at rates that differ by a factor with this spread; none without heterogeneity."""
    settings = {"rates": {"vigour_spread": 0.4}, "stochastic": False, "size": 400}
    same = grown(bench, **settings)
    assert np.ptp(same) < 1e-12
    settings = {"rates": {"vigour_spread": 0.4}, "stochastic": False, "size": 400}
    rates = -np.log(1.0 - grown(bench, mechanisms=("heterogeneity",), **settings) / math.log(1e4)) / 365.0
    assert np.median(rates) == pytest.approx(0.004, rel=0.06)
    assert np.log(rates).std() == pytest.approx(0.4, rel=0.1)


@pytest.mark.nojit
@pytest.mark.parametrize("turnover", [0.01, 0.1])
@pytest.mark.parametrize("days", [10.0, 300.0, 1000.0])
def test_turnover_leaves_the_mean_of_gompertz_growth_as_it_is(bench, turnover, days):
    """Births d - b ln x beside deaths d: ln(N/K) = ln(N0/K) e^-bt whatever d; relative error below 1e-4."""
    rates = {"birth": Fixed(0.006), "death": Fixed(turnover), "gompertz": True}
    trial = bench.experiment(cells=1e8, fill=1e-2, stochastic=False, rates=rates)
    trial.spend(days)
    assert trial.burden[0] == pytest.approx(1e10 * math.exp(math.log(1e-2) * math.exp(-0.006 * days)), rel=1e-4)


@pytest.mark.parametrize("turnover", [0.01, 0.1])
def test_turnover_makes_small_lesions_die_out(bench, turnover):
    """A single cell far below capacity has no descendants with probability d/b, b = d + beta ln K; +-0.03."""
    rates = {"birth": Fixed(0.004), "death": Fixed(turnover), "gompertz": True}
    trial = bench.experiment(cells=1.0, fill=1e-12, rates=rates, size=4_000)
    trial.spend(2000.0)
    birth = turnover + 0.004 * math.log(1e12)
    expected = turnover / birth
    assert (trial.burden == 0.0).mean() == pytest.approx(expected, abs=0.03)
