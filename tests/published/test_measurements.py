"""Case 24: volumes of RECIST, and tumour DNA in a tube of blood."""

import math

import numpy as np
import pytest
from scipy import stats

from metaenv.chart import PARTIAL, PROGRESSIVE, STABLE

RUNS = 10_000


@pytest.mark.parametrize(
    ("volume", "response"),
    [(1.727, STABLE), (1.729, PROGRESSIVE), (0.344, STABLE), (0.342, PARTIAL), (1.0, STABLE)],
)
def test_recist_thresholds_in_volume(bench, volume, response):
    """Progression at 1.2^3 = 1.728, partial response at .7^3 = .343 of the volume (Source: Eisenhauer2009)."""
    trial = bench.experiment(cells=1.4e10, stochastic=False)  # 30 mm: 20 % are more than 5 mm
    trial.proliferating[:] *= volume
    trial.spend(1.0)
    assert trial.cohort.chart.note["response"][0] == response


def test_recist_progression_needs_five_millimetres(bench):
    trial = bench.experiment(cells=1.0e9, stochastic=False)  # 12 mm: 20 % are 2.5 mm
    trial.proliferating[:] *= 1.8
    trial.spend(1.0)
    assert trial.cohort.chart.note["response"][0] == STABLE


@pytest.mark.parametrize("diameter", [5.0, 12.4, 30.0])
def test_volume_is_052_of_the_cubed_diameter(bench, diameter):
    """V = .52 LD^3 (Source: Laleh2022), 1e9 cells per cm3."""
    trial = bench.experiment(cells=0.5236 * diameter**3 * 1e6, stochastic=False)
    trial.spend(1.0)
    assert trial.cohort.chart.diameter[0, 0] == pytest.approx(diameter, rel=1e-3)


def test_ball_of_5_mm_holds_the_cells_of_the_detection_limit(bench):
    """63e6 cells (Source: Bozic2013 says 5 mm at 1e9 cells per cm3, rounded)."""
    trial = bench.experiment(cells=63e6, stochastic=False)
    trial.spend(1.0)
    assert trial.cohort.chart.diameter[0, 0] == pytest.approx(5.0, rel=0.02)


# ---- circulating tumour DNA; lung cancer of 1 cm3: b = .14, d = .136 (Source: Avanzini2020)


@pytest.fixture(scope="module")
def tubes(bench):
    """Genome equivalents in 15 mL of blood of many patients with 1 cm3 of lung cancer, 20 % of it mutant."""
    trial = bench.experiment(
        cells=1e9,
        birth=0.14,
        death=0.136,
        traits=(bench.trait(),),
        sensors={"marker": "ctDNA", "allele_depth": 1e6},
        size=RUNS,
        seed=11,
        substep=0.01,
    )
    trial.proliferating[:] = np.array([0.8e9, 0.2e9])
    trial.spend(0.01)
    return trial


def test_genomes_in_a_tube(tubes):
    """1.7 in 15 mL at 1 cm3, from 1.4e-4 per dying cell."""
    genomes = tubes.cohort.chart.note["marker"] * 15.0
    assert genomes.mean() == pytest.approx(1.7, abs=0.05 + 3.0 * math.sqrt(1.7 / RUNS))
    assert (genomes == np.round(genomes)).all()


def test_first_tube_holds_as_many(bench):
    trial = bench.experiment(
        cells=1e9, birth=0.14, death=0.136, sensors={"marker": "ctDNA", "allele_depth": 1e6}, size=RUNS, seed=14
    )
    genomes = trial.cohort.chart.note["baseline_marker"] * 15.0
    assert genomes.mean() == pytest.approx(1.7, abs=0.05 + 3.0 * math.sqrt(1.7 / RUNS))


def test_genomes_in_a_tube_are_poisson(tubes):
    genomes = tubes.cohort.chart.note["marker"] * 15.0
    mean = genomes.mean()
    assert abs(genomes.var() / mean - 1.0) * math.sqrt(RUNS / 2.0) < 5.0
    for count in range(6):
        expected = stats.poisson.pmf(count, mean)
        assert (genomes == count).mean() == pytest.approx(
            expected, abs=3.5 * math.sqrt(expected * (1.0 - expected) / RUNS)
        )


def test_shallow_sequencing_reads_a_binomial_share(bench):
    """Many genomes, 200 read: mutant reads have variance depth f (1 - f)."""
    depth, share = 200.0, 0.05
    trial = bench.experiment(
        cells=1e12,
        birth=0.14,
        death=0.136,
        sensors={"allele_depth": depth},
        size=RUNS,
        seed=12,
        substep=0.01,
    )
    trial.proliferating[:] = 1e12 * np.array([1.0 - share, share])
    trial.spend(0.01)
    reads = trial.cohort.chart.alleles[:, 0] * depth
    deviation = math.sqrt(depth * share * (1.0 - share))
    assert abs(reads.mean() - depth * share) * math.sqrt(RUNS) / deviation < 3.0
    assert math.sqrt(RUNS / 2.0) * abs(reads.var() / deviation**2 - 1.0) < 5.0


def test_rare_mutant_reads_are_poisson(bench):
    """All of a tube read: mutant reads are Poisson with mean share x genomes."""
    share = 0.05
    trial = bench.experiment(
        cells=2e10,
        birth=0.14,
        death=0.136,
        sensors={"allele_depth": 1e9},
        size=RUNS,
        seed=13,
        substep=0.01,
    )
    trial.proliferating[:] = 2e10 * np.array([1.0 - share, share])
    trial.spend(0.01)
    fraction = trial.cohort.chart.alleles[:, 0]
    genomes = 1.4e-4 * 0.136 * 2e10 * (0.5 / 24.0 / math.log(2.0)) / 5000.0 * 15.0
    counts = np.arange(1, 200)
    weights = stats.poisson.pmf(counts, genomes)
    variance = share * (1.0 - share) * float((weights / counts).sum())  # of a binomial share of a Poisson number
    assert abs(fraction.mean() - share) * math.sqrt(RUNS / variance) < 3.0
    assert math.sqrt(RUNS / 2.0) * abs(fraction.var() / variance - 1.0) < 5.0
    assert (fraction == 0.0).mean() == pytest.approx(math.exp(-share * genomes), abs=0.02)
