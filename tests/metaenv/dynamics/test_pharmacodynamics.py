"""Delivery, Hill effect and kill: the pure parts, then what the kernel makes of them."""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed, LogNormal
from metaenv.dynamics.pharmacodynamics import delivered, hypoxic_fraction, power

# ---- pure parts


@pytest.mark.nojit
@pytest.mark.parametrize("exponent", [1.0, 1.5, 2.0, 0.7, 3.2])
@pytest.mark.parametrize("base", [0.0, 1e-9, 0.3, 7.0])
def test_power(base, exponent):
    assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-14)


@pytest.mark.nojit
def test_delivery_falls_with_size_from_the_small_to_the_bulky():
    assert delivered(0.9, 0.5, 0.0, 1e8) == 0.9
    assert delivered(0.9, 0.5, 1e8, 1e8) == pytest.approx(0.9 * 0.75)
    assert delivered(0.9, 0.5, 1e16, 1e8) == pytest.approx(0.9 * 0.5)
    assert delivered(0.9, 1.0, 1e16, 1e8) == 0.9


@pytest.mark.nojit
def test_hypoxic_fraction_grows_with_size():
    assert hypoxic_fraction(0.0, 0.4, 3e9) == 0.0
    assert hypoxic_fraction(3e9, 0.4, 3e9) == pytest.approx(0.2)
    assert hypoxic_fraction(1e15, 0.4, 3e9) == pytest.approx(0.4, rel=1e-5)


# ---- through the kernel: log kill per day of a lesion of 1e9 cells without births


def kill_rate(bench, *doses, drugs, **settings):
    trial = bench.experiment(cells=1e9, drugs=drugs, stochastic=False, **settings)
    trial.spend(1.0, *doses)
    return -math.log(trial.burden[0] / 1e9)


@pytest.mark.nojit
@pytest.mark.parametrize("hill", [1.0, 1.5, 2.0, 2.7])
@pytest.mark.parametrize("dose", [0.1, 0.35, 1.0])
def test_kill_follows_the_hill_function(bench, hill, dose):
    drug = bench.drug(kill=0.2, hill=hill, ec50=0.35)
    expected = 0.2 * dose**hill / (dose**hill + 0.35**hill)
    assert kill_rate(bench, dose, drugs=(drug,)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.nojit
def test_kill_of_several_drugs_adds(bench):
    drugs = (bench.drug(name="one", kill=0.2), bench.drug(name="other", kill=0.1, hill=2.0))
    assert kill_rate(bench, 1.0, 1.0, drugs=drugs) == pytest.approx(0.15, rel=1e-9)
    assert kill_rate(bench, 1.0, 0.0, drugs=drugs) == pytest.approx(0.10, rel=1e-9)


@pytest.mark.nojit
def test_cytostatic_share_is_taken_from_the_kill_and_from_the_births(bench):
    drug = bench.drug(kill=0.2, cytostatic_share=0.6)  # effect .5: births x .7, kill .2 x .4 x .5
    trial = bench.experiment(cells=1e9, birth=0.1, drugs=(drug,), stochastic=False)
    trial.spend(1.0, 1.0)
    assert math.log(trial.burden[0] / 1e9) == pytest.approx(0.1 * 0.7 - 0.04, rel=1e-6)


@pytest.mark.nojit
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_division_share_of_the_kill_falls_with_crowding(bench, share):
    """At fill .8 births are .2 of free ones, and so is the share of the kill that needs division."""
    drug = bench.drug(kill=0.02, division_share=share)
    trial = bench.experiment(cells=1e9, fill=0.8, birth=1e-9, drugs=(drug,), stochastic=False, substep=0.01)
    trial.spend(0.01, 1.0)
    kill = -math.log(trial.burden[0] / 1e9) / 0.01
    assert kill == pytest.approx(0.01 * ((1.0 - share) + share * 0.2), rel=1e-3)


@pytest.mark.nojit
def test_hypoxic_cells_are_killed_less_and_only_where_hypoxia_is_on(bench):
    drug = bench.drug(kill=0.02, hypoxic_kill=0.5)
    rates = {"hypoxic_share": 0.4, "hypoxic_size": 1e9}
    on = kill_rate(bench, 1.0, drugs=(drug,), rates=rates, mechanisms=("hypoxia",))
    off = kill_rate(bench, 1.0, drugs=(drug,), rates=rates)
    assert off == pytest.approx(0.01, rel=1e-9)
    assert on == pytest.approx(0.01 * (1.0 - 0.2 * 0.5), rel=1e-3)


@pytest.mark.nojit
def test_stroma_keeps_drug_out_of_bulky_and_of_sheltered_lesions(bench):
    shielded = bench.drug(kill=0.02, sanctuary={"tumour": 0.25})
    bulky = bench.drug(kill=0.02, bulk_delivery=0.5)
    rates = {"bulk_size": 1e9}
    assert kill_rate(bench, 1.0, drugs=(shielded,)) == pytest.approx(0.01, rel=1e-9)
    assert kill_rate(bench, 1.0, drugs=(shielded,), mechanisms=("stroma",)) == pytest.approx(0.02 * 0.2, rel=1e-9)
    assert kill_rate(bench, 1.0, drugs=(bulky,), rates=rates, mechanisms=("stroma",)) == pytest.approx(
        0.02 * 0.75 / 1.75, rel=1e-3
    )


@pytest.mark.nojit
def test_resistance_traits_multiply_their_folds(bench):
    traits = (
        bench.trait(name="efflux", mechanism="efflux"),
        bench.trait(name="bypass", mechanism="bypass", cost=Fixed(0.0)),
    )
    drug = bench.drug(kill=0.2, pump_fold=3.0, fold={"bypass": 5.0})
    for clone, fold in enumerate((1.0, 3.0, 5.0, 15.0)):
        trial = bench.experiment(traits=traits, drugs=(drug,), stochastic=False)
        trial.proliferating[:] = 1e9 * np.eye(4)[clone]
        trial.spend(1.0, 1.0)
        assert -math.log(trial.burden[0] / 1e9) == pytest.approx(0.2 / (1.0 + fold), rel=1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
def test_dormant_cells_are_spared(bench, share):
    drug = bench.drug(kill=0.2, dormant_kill=share)
    trial = bench.experiment(drugs=(drug,), stochastic=False)
    trial.proliferating[:] = 0.0
    trial.cohort.state.dormant[:, 0, 0] = 1e9
    trial.spend(1.0, 1.0)
    assert -math.log(trial.burden[0] / 1e9) == pytest.approx(0.1 * share, rel=1e-4, abs=1e-12)


@pytest.mark.nojit
def test_immunity_kills_small_lesions(bench):
    rates = {"immune_kill": Fixed(0.02), "immune_size": 1e5}
    for cells in (1e3, 1e5, 1e7):
        trial = bench.experiment(cells=cells, rates=rates, mechanisms=("immune",), stochastic=False, substep=0.01)
        trial.spend(0.01)
        expected = 0.02 / (1.0 + cells / 1e5)
        assert -math.log(trial.burden[0] / cells) / 0.01 == pytest.approx(expected, rel=1e-3)


@pytest.mark.nojit
def test_soil_scales_births(bench):
    organs = (bench.organ(soil=0.5),)
    trial = bench.experiment(birth=0.1, organs=organs, mechanisms=("heterogeneity",), stochastic=False)
    trial.spend(1.0)
    assert math.log(trial.burden[0] / 1e9) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.nojit
def test_competition_presses_sensitive_cells_on_resistant_ones_only(bench):
    """Fill felt by resistant cells: (2 S + R) / K; by sensitive ones (S + R) / K."""
    trial = bench.experiment(
        fill=0.3,
        rates={"birth": Fixed(0.1), "death": Fixed(0.0), "competition": Fixed(2.0)},
        stochastic=False,
        substep=0.01,
    )
    trial.proliferating[:] = np.array([0.6e9, 0.4e9])
    before = trial.proliferating[0].copy()
    trial.spend(0.01)
    growth = np.log(trial.proliferating[0] / before) / 0.01
    assert growth == pytest.approx([0.1 * (1.0 - 0.3), 0.1 * (1.0 - 0.3 * 1.6)], rel=1e-3)


@pytest.mark.nojit
@pytest.mark.parametrize(("half", "fold"), [(0.5, 1.0), (0.5, 8.0), (1.0, 1.0)])
def test_a_drug_given_as_two_of_one_target_does_what_it_does_as_one(bench, half, fold):
    """Two halves of a drug that compete for one target bind as the whole; Hill 1 (Source: Gaddum1957)."""
    traits = (bench.trait(),)
    first, second = (
        bench.drug(name=name, target="receptor", fold={"resistance": fold}) for name in ("first", "second")
    )
    together = bench.experiment(drugs=(first, second), traits=traits, stochastic=False)
    alone = bench.experiment(drugs=(bench.drug(fold={"resistance": fold}),), traits=traits, stochastic=False)
    for trial in (together, alone):
        trial.proliferating[:] = np.array([0.0, 1e9])
    together.spend(1.0, half, half)
    kill = -math.log(together.burden[0] / 1e9)
    assert kill == pytest.approx(0.1 * 2.0 * half / (2.0 * half + fold), rel=1e-6)
    if half == 0.5:
        alone.spend(1.0, 1.0)
        assert kill == pytest.approx(-math.log(alone.burden[0] / 1e9), rel=1e-9)


@pytest.mark.nojit
def test_drugs_of_different_targets_act_independently(bench):
    drugs = tuple(bench.drug(name=name, target=name) for name in ("first", "second"))
    trial = bench.experiment(drugs=drugs, stochastic=False)
    trial.spend(1.0, 1.0, 1.0)
    assert -math.log(trial.burden[0] / 1e9) == pytest.approx(0.1, rel=1e-6)


def test_a_weaker_drug_takes_the_place_of_a_stronger_one_at_their_target(bench):
    """At occupancies with odds 1 and 1 each kill counts a third: less than the stronger one alone."""
    strong, weak = (
        bench.drug(name=name, target="receptor", kill=kill) for name, kill in (("strong", 0.1), ("weak", 0.01))
    )
    kills = {}
    for doses in ((1.0, 0.0), (1.0, 1.0)):
        trial = bench.experiment(drugs=(strong, weak), stochastic=False)
        trial.spend(1.0, *doses)
        kills[doses] = -math.log(trial.burden[0] / 1e9)
    assert kills[1.0, 0.0] == pytest.approx(0.05, rel=1e-6)
    assert kills[1.0, 1.0] == pytest.approx((0.1 + 0.01) / 3.0, rel=1e-6)


def test_patients_differ_in_competition(bench):
    trial = bench.experiment(
        fill=0.3,
        rates={"birth": Fixed(0.1), "death": Fixed(0.0), "competition": LogNormal(2.0, 0.5)},
        stochastic=False,
        substep=0.01,
        size=200,
    )
    trial.proliferating[:] = np.array([0.6e9, 0.4e9])
    competition = trial.cohort.patients.person["competition"]
    assert np.median(competition) == pytest.approx(2.0, rel=0.1)
    assert np.log(competition).std() == pytest.approx(0.5, rel=0.15)
    before = trial.proliferating.copy()
    trial.spend(0.01)
    growth = np.log(trial.proliferating / before) / 0.01
    assert growth[:, 0] == pytest.approx(np.full(200, 0.07), rel=1e-3)
    free = np.maximum(0.0, 1.0 - 0.3 * (0.6 * competition + 0.4))
    assert growth[:, 1] == pytest.approx(0.1 * free, abs=1e-4)
