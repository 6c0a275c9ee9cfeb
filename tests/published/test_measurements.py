"""Case 24: volumes of RECIST, and tumour DNA in a tube of blood."""

import math

import numpy as np
import pytest
from scipy import stats

from metaenv.clinic.codes import PARTIAL, PROGRESSIVE, STABLE

RUNS = 10_000
RESPONSES = {STABLE: "stable", PARTIAL: "partial", PROGRESSIVE: "progressive"}


@pytest.mark.parametrize(
    ("volume", "response"),
    [(1.727, STABLE), (1.729, PROGRESSIVE), (0.344, STABLE), (0.342, PARTIAL), (1.0, STABLE)],
)
def test_recist_thresholds_in_volume(bench, published, volume, response):
    """Progression at 1.2^3 = 1.728, partial response at .7^3 = .343 of the volume (Source: Eisenhauer2009)."""
    trial = bench.experiment(cells=1.4e10, stochastic=False)  # 30 mm: 20 % are more than 5 mm
    trial.proliferating[:] *= volume
    trial.spend(1.0)
    found = trial.cohort.chart.note["response"][0]
    published(
        case=f"24 RECIST response at {volume:g} × the volume",
        value=RESPONSES[response],
        ours=RESPONSES[int(found)],
        within=found == response,
        tolerance="same",
        source="Eisenhauer2009",
    )


def test_recist_progression_needs_five_millimetres(bench, published):
    trial = bench.experiment(cells=1.0e9, stochastic=False)  # 12 mm: 20 % are 2.5 mm
    trial.proliferating[:] *= 1.8
    trial.spend(1.0)
    found = trial.cohort.chart.note["response"][0]
    published(
        case="24 RECIST response at 1.8 × the volume of 12 mm, + 2.5 mm",
        value="stable",
        ours=RESPONSES[int(found)],
        within=found == STABLE,
        tolerance="same",
        source="Eisenhauer2009",
    )


@pytest.mark.parametrize("diameter", [5.0, 12.4, 30.0])
def test_volume_is_052_of_the_cubed_diameter(bench, published, diameter):
    """V = .52 LD^3 (Source: Laleh2022), 1e9 cells per cm3."""
    trial = bench.experiment(cells=0.5236 * diameter**3 * 1e6, stochastic=False)
    trial.spend(1.0)
    published(
        case=f"24 diameter of .52 × {diameter:g}³ mm³ (mm)",
        value=diameter,
        ours=trial.cohort.chart.diameter[0, 0],
        rel=1e-3,
        source="Laleh2022",
    )


def test_ball_of_5_mm_holds_the_cells_of_the_detection_limit(bench, published):
    """63e6 cells (Source: Bozic2013 says 5 mm at 1e9 cells per cm3, rounded)."""
    trial = bench.experiment(cells=63e6, stochastic=False)
    trial.spend(1.0)
    published(
        case="24 diameter of 63e6 cells (mm)",
        value=5.0,
        ours=trial.cohort.chart.diameter[0, 0],
        rel=0.02,
        source="Bozic2013",
    )


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


def compare_genomes(published, case, genomes):
    tolerance = 0.05 + 3.0 * math.sqrt(1.7 / RUNS)  # half a unit of the last published digit, 3 standard errors
    published(case=f"24 {case}", value=1.7, ours=genomes.mean(), abs=tolerance, source="Avanzini2020")


def test_genomes_in_a_tube(tubes, published):
    """1.7 in 15 mL at 1 cm3, from 1.4e-4 per dying cell."""
    genomes = tubes.cohort.chart.note["marker"] * 15.0
    compare_genomes(published, "tumour genomes in 15 mL of blood, 1 cm³", genomes)
    assert (genomes == np.round(genomes)).all()


def test_first_tube_holds_as_many(bench, published):
    trial = bench.experiment(
        cells=1e9, birth=0.14, death=0.136, sensors={"marker": "ctDNA", "allele_depth": 1e6}, size=RUNS, seed=14
    )
    genomes = trial.cohort.chart.note["baseline_marker"] * 15.0
    compare_genomes(published, "the same in the first tube", genomes)


def test_genomes_in_a_tube_are_poisson(tubes, published):
    genomes = tubes.cohort.chart.note["marker"] * 15.0
    mean = genomes.mean()
    published(
        case="24 genomes in a tube, variance / mean",
        value=1,
        ours=genomes.var() / mean,
        within=abs(genomes.var() / mean - 1.0) * math.sqrt(RUNS / 2.0) < 5.0,
        tolerance="√(n/2) |S²/σ² − 1| < 5",
        source="exact",
    )
    for count in range(6):
        expected = stats.poisson.pmf(count, mean)
        published(
            case=f"24 share of tubes with {count} genomes",
            value=expected,
            ours=(genomes == count).mean(),
            abs=3.5 * math.sqrt(expected * (1.0 - expected) / RUNS),
            tolerance="3.5 standard errors",
            source="exact",
        )


def compare_reads(published, case, sample, mean, variance):
    published(
        case=f"24 {case}: mean",
        value=mean,
        ours=sample.mean(),
        within=abs(sample.mean() - mean) * math.sqrt(RUNS / variance) < 3.0,
        tolerance="3 standard errors",
        source="exact",
    )
    published(
        case=f"24 {case}: standard deviation",
        value=math.sqrt(variance),
        ours=sample.std(),
        within=math.sqrt(RUNS / 2.0) * abs(sample.var() / variance - 1.0) < 5.0,
        tolerance="√(n/2) |S²/σ² − 1| < 5",
        source="exact",
    )


def test_shallow_sequencing_reads_a_binomial_share(bench, published):
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
    compare_reads(published, "mutant reads of 200, 5 % mutant", reads, depth * share, depth * share * (1.0 - share))


def test_rare_mutant_reads_are_poisson(bench, published):
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
    compare_reads(published, "mutant share of a tube, 5 % mutant", fraction, share, variance)
    published(
        case="24 share of tubes without a mutant read, 5 % mutant",
        value=math.exp(-share * genomes),
        ours=(fraction == 0.0).mean(),
        abs=0.02,
        source="exact",
    )
