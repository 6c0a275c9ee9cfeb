"""Cases 1-4: the linear birth-death process, immigration and extinction.

z-tests: for n runs |mean - mu| sqrt(n) / sigma < 3 and sqrt(n / 2) |S^2 / sigma^2 - 1| < 5, fixed seeds (Source:
Evans2008, the test suite of discrete stochastic models). Not expressible: the deviation of counted deaths (001-07), for
the kernel keeps expected deaths; immigration in batches of five (004-01), for founders arrive one by one.
"""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed

RUNS = 10_000


def compare_mean(published, case, sample, mean, deviation):
    published(
        case=f"{case}: mean",
        value=mean,
        ours=sample.mean(),
        within=abs(sample.mean() - mean) * math.sqrt(sample.size) / deviation < 3.0,
        tolerance="3 standard errors",
        source="Evans2008",
    )


def compare_deviation(published, case, sample, deviation):
    published(
        case=f"{case}: standard deviation",
        value=deviation,
        ours=sample.std(),
        within=math.sqrt(sample.size / 2.0) * abs(sample.var() / deviation**2 - 1.0) < 5.0,
        tolerance="√(n/2) |S²/σ² − 1| < 5",
        source="Evans2008",
    )


# ---- case 1: DSMTS 001, published means and standard deviations

BIRTH_DEATH = [  # model, birth and death (/day), cells at the start, days, mean, standard deviation
    pytest.param("001-01", 0.1, 0.11, 100, 10, 90.48374, 13.44708, id="001-01-t10"),
    pytest.param("001-01", 0.1, 0.11, 100, 25, 77.88008, 19.02018, id="001-01-t25"),
    pytest.param("001-01", 0.1, 0.11, 100, 50, 60.65307, 22.38677, id="001-01-t50"),
    pytest.param("001-03", 1.0, 1.1, 100, 10, 36.78794, 22.09848, id="001-03-t10"),
    pytest.param("001-04", 0.1, 0.11, 10, 50, 6.06531, 7.07932, id="001-04-t50"),
    pytest.param("001-05", 0.1, 0.11, 10_000, 50, 6065.3066, 223.8677, id="001-05-t50"),
]


@pytest.mark.parametrize("substep", [0.5, 10.0])
@pytest.mark.parametrize(("model", "birth", "death", "cells", "days", "mean", "deviation"), BIRTH_DEATH)
def test_dsmts_001_mean_and_deviation(bench, published, model, birth, death, cells, days, mean, deviation, substep):
    trial = bench.experiment(birth=birth, death=death, cells=cells, substep=substep, size=RUNS, seed=1)
    trial.spend(days)
    case = f"1 DSMTS {model}, day {days}, sub-step {substep:g} d"
    compare_mean(published, case, trial.burden, mean, deviation)
    compare_deviation(published, case, trial.burden, deviation)


def test_dsmts_001_03_mean_of_a_dying_population(bench, published):
    # mean .67379, SD 3.74891: so skewed that the test of the deviation fails by design
    trial = bench.experiment(birth=1.0, death=1.1, cells=100, size=RUNS, seed=1)
    trial.spend(50.0)
    compare_mean(published, "1 DSMTS 001-03, day 50", trial.burden, 0.67379, 3.74891)


# ---- case 2: counted deaths, immigration and death


def test_dsmts_001_07_mean_of_counted_deaths(bench, published):
    """432.8163 deaths by t = 50 (SD 68.93673), summed from the expected deaths that the kernel keeps as `shedding`."""
    trial = bench.experiment(birth=0.1, death=0.11, cells=100, substep=0.25, size=RUNS, seed=2)
    counted = np.zeros(RUNS)
    for _ in range(200):
        trial.spend(0.25)
        counted += 0.25 * trial.cohort.state.shedding.sum(axis=1)
    compare_mean(published, "2 DSMTS 001-07, deaths by day 50", counted, 432.8163, 68.93673)


def immigration(bench, rate, death, substep):
    """Founders at a constant rate from a lesion that neither grows nor shrinks; each lands dormant and may die."""
    organ = bench.organ(dormant_share=1.0)
    return bench.experiment(
        cells=1e6,
        organs=(organ,),
        rates={"seeding": Fixed(rate / 1e6), "seed_death": death},
        mechanisms=("dissemination", "dormancy"),
        substep=substep,
        size=RUNS,
        seed=3,
    )


@pytest.mark.parametrize(
    ("days", "mean"), [(10, 6.321206), pytest.param(50, 9.93262, marks=pytest.mark.slow)], ids=["t10", "t50"]
)
def test_dsmts_002_01_immigration_and_death_is_poisson(bench, published, days, mean):
    """Immigration 1, death .1 per day: Poisson. Sub-step .02 d, because founders arrive at its start (bias dt / 20)."""
    trial = immigration(bench, 1.0, 0.1, 0.02)
    trial.spend(days)
    cells = trial.cohort.state.disseminated_cells.sum(axis=(1, 2))
    assert (trial.proliferating[:, 0] == 1e6).all()
    compare_mean(published, f"2 DSMTS 002-01, day {days}", cells, mean, math.sqrt(mean))
    compare_deviation(published, f"2 DSMTS 002-01, day {days}", cells, math.sqrt(mean))


# ---- case 3: extinction


def extinct(trial):
    assert (trial.cohort.report.truth["cured"] == (trial.burden == 0.0)).all()
    return float(trial.cohort.report.truth["cured"].mean())


def compare_probability(published, case, share, expected, runs=RUNS):
    published(
        case=case,
        value=expected,
        ours=share,
        within=abs(share - expected) < 3.0 * math.sqrt(expected * (1.0 - expected) / runs),
        tolerance="3 standard errors",
        source="Kendall1948",
    )


@pytest.mark.parametrize(("cells", "expected"), [(1, 0.92857), (10, 0.47660), (50, 0.02459)])
def test_probability_of_ever_becoming_extinct(bench, published, cells, expected):
    """P = (d / b)^n0 at b = .14, d = .13 (Source: Kendall1948); within 3 standard errors."""
    trial = bench.experiment(birth=0.14, death=0.13, cells=cells, substep=5.0, size=RUNS, seed=4)
    trial.spend(1500.0)
    compare_probability(published, f"3 ever extinct, from {cells} cells", extinct(trial), expected)


@pytest.mark.parametrize("substep", [1.0, 7.0])
@pytest.mark.parametrize(
    ("cells", "days", "expected"),
    [(1, 30, 0.5090), (1, 100, 0.7166), (1, 365, 0.7958), (10, 30, 0.0012), (10, 100, 0.0357), (10, 365, 0.1018)],
)
def test_probability_of_extinction_by_a_day(bench, published, cells, days, expected, substep):
    """P = [d (e^rt - 1) / (b e^rt - d)]^n0 at b = .05, d = .04 (Source: Kendall1948); within 3 standard errors."""
    trial = bench.experiment(birth=0.05, death=0.04, cells=cells, substep=substep, size=RUNS, seed=5)
    trial.spend(days)
    case = f"3 extinct by day {days}, from {cells} cells, sub-step {substep:g} d"
    compare_probability(published, case, extinct(trial), expected)


# ---- case 4: time to eradicate


@pytest.mark.parametrize(("cells", "median"), [(1e3, 184.8), (1e6, 414.9), (1e9, 645.2)])
def test_median_time_to_eradicate(bench, published, cells, median):
    """b = .14, d = .17 under treatment: half of the patients are cured within 1.5 % of the published median."""
    trial = bench.experiment(birth=0.14, death=0.17, cells=cells, size=RUNS, seed=6, substep=3.5)
    trial.spend(0.985 * median)
    early = extinct(trial)
    trial.spend(0.030 * median)
    late = extinct(trial)
    published(
        case=f"4 share eradicated 1.5 % before and after day {median}, the median, from {cells:.0e} cells",
        value="below and above 0.5",
        ours=f"{early:.3f}, {late:.3f}",
        within=early < 0.5 < late,
        tolerance="±1.5 % of the day",
        source="exact",
    )
