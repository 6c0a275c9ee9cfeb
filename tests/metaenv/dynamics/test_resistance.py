"""Mutation at division, and the reversible phenotype."""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed

ON = ("heterogeneity", "efflux", "bypass", "target_mutation")


def two_traits(bench, first=1e-3, second=1e-4, **changes):
    return (
        bench.trait(name="efflux", mechanism="efflux", mutation_rate=first, **changes),
        bench.trait(name="bypass", mechanism="bypass", mutation_rate=second),
    )


def divided(bench, traits, *, stochastic=False, size=1, clone=0, mechanisms=ON, substep=0.1, **settings):
    """1e6 cells of one clone that divide at .5 a day and die as fast, after one sub-step."""
    trial = bench.experiment(
        cells=1e6,
        birth=0.5,
        death=0.5,
        traits=traits,
        mechanisms=mechanisms,
        stochastic=stochastic,
        size=size,
        seed=51,
        substep=substep,
        **settings,
    )
    trial.proliferating[:] = 0.0
    trial.proliferating[:, clone] = 1e6
    trial.spend(substep)
    return trial.proliferating


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("clone", "expected"), [(0, [0.0, 50.0, 5.0, 0.0]), (1, [0.0, 0.0, 0.0, 5.0]), (2, [0.0, 0.0, 0.0, 50.0])]
)
def test_expected_mutants_are_divisions_times_rate(bench, clone, expected):
    """5e4 divisions, rates 1e-3 and 1e-4; a clone gains each trait that it lacks, one at a time."""
    cells = divided(bench, two_traits(bench), clone=clone)[0]
    others = [k for k in range(4) if k != clone]
    assert cells[others] == pytest.approx(np.array(expected)[others], rel=0.01)


@pytest.mark.nojit
def test_mutants_are_taken_from_the_births_of_the_parent(bench):
    cells = divided(bench, two_traits(bench))[0]
    assert cells.sum() == pytest.approx(1e6, rel=1e-6)


def test_mutants_are_poisson(bench):
    size = 10_000
    cells = divided(bench, two_traits(bench, 1e-4, 1e-6), stochastic=True, size=size)
    for clone, mean in ((1, 5.0), (2, 0.05)):
        sample = cells[:, clone]
        assert abs(sample.mean() - mean) * math.sqrt(size / mean) < 3.5
        spread = math.sqrt((1.0 / mean + 2.0) / size)  # of the relative variance of Poisson counts
        assert abs(sample.var() / mean - 1.0) < 4.0 * spread
        assert (sample == np.floor(sample)).all()


def test_mutants_of_two_clones_are_independent(bench):
    """One number is drawn for the lesion and dealt to its clones: Poisson numbers that know nothing of each other."""
    size = 10_000
    cells = divided(bench, two_traits(bench, 1e-4, 2e-4), stochastic=True, size=size)
    assert abs(np.corrcoef(cells[:, 1], cells[:, 2])[0, 1]) < 3.5 / math.sqrt(size)
    assert cells[:, 1].mean() / cells[:, 2].mean() == pytest.approx(0.5, rel=0.03)


@pytest.mark.nojit
@pytest.mark.parametrize("instability", [0.5, 3.0])
def test_instability_scales_every_rate(bench, instability):
    cells = divided(bench, two_traits(bench), presentation={"instability": Fixed(instability)})[0]
    assert cells[1:3] == pytest.approx([50.0 * instability, 5.0 * instability], rel=0.01)


@pytest.mark.nojit
@pytest.mark.parametrize(("off", "silent"), [("efflux", [1]), ("bypass", [2]), ("heterogeneity", [1, 2])])
def test_trait_does_not_arise_where_its_mechanism_is_off(bench, off, silent):
    cells = divided(bench, two_traits(bench), mechanisms=tuple(name for name in ON if name != off))[0]
    assert (cells[silent] == 0.0).all()
    assert (cells[[k for k in (1, 2) if k not in silent]] > 0.0).all()


@pytest.mark.nojit
@pytest.mark.parametrize("stochastic", [True, False])
@pytest.mark.parametrize(("on", "share"), [(ON, 1e-3), (("heterogeneity", "efflux"), 0.0), (("bypass",), 0.0)])
def test_trait_is_not_there_from_the_start_where_its_mechanism_is_off(bench, stochastic, on, share):
    traits = (bench.trait(name="bypass", mechanism="bypass", log_fraction=Fixed(-3.0)),)
    trial = bench.experiment(cells=1e9, traits=traits, mechanisms=on, stochastic=stochastic)
    assert trial.proliferating[0, 1] == pytest.approx(1e9 * share, abs=1.0)


@pytest.mark.nojit
def test_cells_that_do_not_divide_do_not_mutate(bench):
    trial = bench.experiment(cells=1e6, death=0.5, traits=two_traits(bench), mechanisms=ON, stochastic=False)
    trial.proliferating[:, 1:] = 0.0
    trial.spend(1.0)
    assert (trial.proliferating[0, 1:] == 0.0).all()


# ---- the reversible phenotype


def phenotype(bench, *, dose, days, start, stochastic=False, size=1):
    trait = bench.trait(name="efflux", mechanism="efflux", reversion=0.01)
    drug = bench.drug(kill=1e-12, induction=0.04)
    trial = bench.experiment(
        cells=1e6, traits=(trait,), drugs=(drug,), mechanisms=("efflux",), stochastic=stochastic, size=size, substep=0.1
    )
    trial.proliferating[:] = np.array(start)
    trial.spend(days, dose)
    return trial.proliferating


@pytest.mark.nojit
def test_phenotype_fades_without_the_drug(bench):
    cells = phenotype(bench, dose=0.0, days=5.0, start=[0.0, 1e6])
    assert cells[0, 1] == pytest.approx(1e6 * math.exp(-0.05), rel=1e-4)
    assert cells[0].sum() == pytest.approx(1e6, rel=1e-9)


@pytest.mark.nojit
def test_drug_induces_the_phenotype_up_to_a_balance(bench):
    """Gain .04 x effect .5 = .02, loss .01 a day: x' = .02 (1 - x) - .01 x."""
    cells = phenotype(bench, dose=1.0, days=5.0, start=[1e6, 0.0])
    assert cells[0, 1] / 1e6 == pytest.approx(2.0 / 3.0 * -math.expm1(-0.03 * 5.0), rel=2e-3)
    assert cells[0].sum() == pytest.approx(1e6, rel=1e-9)


def test_switching_keeps_every_cell(bench):
    cells = phenotype(bench, dose=1.0, days=20.0, start=[150.0, 150.0], stochastic=True, size=2_000)
    assert (cells.sum(axis=1) == 300.0).all()
    expected = 300.0 * (2.0 / 3.0 + (0.5 - 2.0 / 3.0) * math.exp(-0.6))
    assert cells[:, 1].mean() == pytest.approx(expected, rel=0.005)


@pytest.mark.nojit
def test_cost_of_several_traits_multiplies(bench):
    traits = (
        bench.trait(name="efflux", mechanism="efflux", cost=Fixed(0.1)),
        bench.trait(name="bypass", mechanism="bypass", cost=Fixed(0.4)),
    )
    trial = bench.experiment(birth=0.1, traits=traits, stochastic=False)
    assert trial.cohort.patients.birth[0] == pytest.approx(0.1 * np.array([1.0, 0.9, 0.6, 0.54]))
