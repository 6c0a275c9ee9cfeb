"""Founders: how many, where, of which clone, and what happens when there is no room."""

import math

import numpy as np
import pytest
from scipy import stats

from metaenv.distribution import Fixed, Normal

ON = ("dissemination", "dormancy", "heterogeneity", "target_mutation")
PARENT = 1e6


def spreading(bench, *, size=4_000, expected=2.0, lesions=24, organs=None, rates=None, traits=None, **settings):
    """One vascular lesion that neither grows nor shrinks and sheds `expected` founders a day."""
    return bench.experiment(
        cells=PARENT,
        organs=organs or (bench.organ(),),
        lesions=lesions,
        rates={"seeding": Fixed(expected / PARENT)} | (rates or {}),
        traits=traits,
        mechanisms=ON,
        size=size,
        seed=41,
        **settings,
    )


def founders(trial):
    """Lesions besides the first, (patient,)."""
    return (trial.cohort.state.organ[:, 1:] >= 0).sum(axis=1)


def test_founders_are_poisson(bench):
    trial = spreading(bench)
    trial.spend(1.0)
    count = founders(trial)
    for k in range(6):
        share = stats.poisson.pmf(k, 2.0)
        assert (count == k).mean() == pytest.approx(share, abs=3.5 * math.sqrt(share * (1.0 - share) / count.size))
    assert (trial.cohort.state.host["founded"] == count).all()
    assert (trial.cohort.state.host["overflow"] == 0).all()


def test_every_founder_is_one_cell_of_an_avascular_lesion(bench):
    trial = spreading(bench)
    trial.spend(1.0)
    state = trial.cohort.state
    new = state.organ[:, 1:] >= 0
    assert (state.proliferating[:, 1:].sum(axis=2)[new] == 1.0).all()
    assert not state.vascular[:, 1:][new].any()
    assert state.niche_open[:, 1:][new].all()
    assert state.capacity[:, 1:][new] == pytest.approx(1e6)


def test_avascular_capacity_of_founders_is_log_normal(bench):
    trial = spreading(bench, presentation={"avascular_log_capacity": Normal(6.0, 0.4)})
    trial.spend(1.0)
    state = trial.cohort.state
    sizes = np.log10(state.capacity[:, 1:][state.organ[:, 1:] >= 0])
    assert sizes.mean() == pytest.approx(6.0, abs=0.02)
    assert sizes.std() == pytest.approx(0.4, rel=0.04)


def test_avascular_lesions_do_not_spread(bench):
    trial = spreading(bench)
    trial.cohort.state.vascular[:] = False
    trial.spend(10.0)
    assert founders(trial).sum() == 0


def test_founders_land_by_tropism(bench):
    tropism = {"bone": 6.0, "lung": 3.0, "brain": 1.0}
    organs = tuple(bench.organ(name=name, tropism=share) for name, share in tropism.items())
    trial = spreading(bench, organs=organs)
    trial.spend(1.0)
    state = trial.cohort.state
    landed = state.organ[:, 1:][state.organ[:, 1:] >= 0]
    shares = np.bincount(landed, minlength=3) / landed.size
    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=3.5 * 0.5 / math.sqrt(landed.size))


def test_dormant_share_of_founders_joins_the_seeds(bench):
    trial = spreading(bench, organs=(bench.organ(dormant_share=0.4),))
    trial.spend(1.0)
    seeds = trial.cohort.state.disseminated_cells.sum()
    share = seeds / (seeds + founders(trial).sum())
    assert share == pytest.approx(0.4, abs=0.02)
    truth = trial.cohort.report.truth
    assert truth["dormant"].sum() == seeds
    assert (truth["burden"] == PARENT + trial.cohort.state.disseminated_cells.sum(axis=(1, 2)) + founders(trial)).all()


@pytest.mark.parametrize(("strength", "expected"), [(0.0, 0.25), (1.0, 0.5 * 0.25 / (0.75 + 0.5 * 0.25))])
def test_clone_of_a_founder_passes_the_evolutionary_filter(bench, strength, expected):
    """In proportion to its cells in the parent lesion x fitness ^ strength: a quarter of the cells, half as fit."""
    trial = spreading(bench, traits=(bench.trait(cost=Fixed(0.5)),), rates={"filter_strength": strength})
    trial.proliferating[:] = PARENT * np.array([0.75, 0.25])
    trial.spend(1.0)
    new = trial.cohort.state.proliferating[:, 1:].sum(axis=(0, 1))
    assert new[1] / new.sum() == pytest.approx(expected, abs=0.02)


def test_seeds_wake_and_die_at_their_rates(bench):
    size = 4_000
    trial = spreading(
        bench, expected=0.0, size=size, rates={"seed_waking": Fixed(0.003), "seed_death": 0.001}, substep=5.0
    )
    trial.cohort.state.disseminated_cells[:, 0, 0] = 20.0
    trial.spend(100.0)
    kept = math.exp(-0.4)
    asleep = trial.cohort.state.disseminated_cells.sum() / (20.0 * size)
    assert asleep == pytest.approx(kept, abs=3.5 * math.sqrt(kept * (1.0 - kept) / (20.0 * size)))
    assert founders(trial).mean() == pytest.approx(20.0 * 0.75 * (1.0 - kept), rel=0.02)


# ---- no room


def test_founder_without_a_slot_joins_the_smallest_lesion_of_its_organ_and_is_counted(bench):
    organs = (bench.organ(name="bone", tropism=1.0), bench.organ(name="lung", tropism=1e-12))
    trial = spreading(bench, size=500, expected=3.0, lesions=4, organs=organs)
    state = trial.cohort.state
    state.organ[:] = np.array([0, 0, 0, 1])
    state.capacity[:] = 1e30
    state.proliferating[:, :, 0] = np.array([PARENT, 200.0, 100.0, 1.0])
    before = state.proliferating.sum(axis=2)
    trial.spend(1.0)
    gained = state.proliferating.sum(axis=2) - before
    assert (gained[:, [0, 1, 3]] == 0.0).all()
    assert (gained[:, 2] == state.host["overflow"]).all()
    assert (state.host["overflow"] == state.host["founded"]).all()
    assert state.host["overflow"].mean() == pytest.approx(3.0, abs=0.3)


def test_founder_without_a_slot_in_an_organ_without_lesions_joins_the_smallest_of_all(bench):
    organs = (bench.organ(name="bone", tropism=1.0), bench.organ(name="lung", tropism=1e-12))
    trial = spreading(bench, size=200, lesions=2, organs=organs)
    state = trial.cohort.state
    state.organ[:] = 1
    state.capacity[:] = 1e30
    state.proliferating[:, :, 0] = np.array([PARENT, 50.0])
    trial.spend(1.0)
    assert (state.proliferating[:, 1, 0] == 50.0 + state.host["overflow"]).all()
    assert (state.organ == 1).all()


def test_no_founder_is_dropped_however_full_the_table(bench):
    roomy, tight = (spreading(bench, size=500, lesions=lesions, rates={"seed_death": 0.0}) for lesions in (40, 3))
    for trial in (roomy, tight):
        trial.spend(1.0)
    assert (roomy.burden == tight.burden).all()
    assert tight.cohort.state.host["overflow"].sum() > 0
    assert roomy.cohort.state.host["overflow"].sum() == 0


def test_empty_lesion_frees_its_slot(bench):
    trial = bench.experiment(cells=1.0, death=5.0, size=200, seed=42)
    trial.spend(10.0)
    assert (trial.cohort.state.organ == -1).all()
    assert trial.cohort.report.truth["cured"].all()
    assert (trial.cohort.report.truth["lesions"] == 0).all()


@pytest.mark.parametrize("off", ["dissemination"])
def test_nothing_spreads_where_dissemination_is_off(bench, off):
    trial = bench.experiment(
        cells=PARENT,
        lesions=24,
        rates={"seeding": Fixed(2.0 / PARENT)},
        mechanisms=tuple(name for name in ON if name != off),
        size=100,
    )
    trial.spend(10.0)
    assert founders(trial).sum() == 0


def test_a_founder_comes_from_a_lesion_in_proportion_to_its_dividing_cells(bench):
    rates = {"seeding": Fixed(2.0 / 1e9)}
    trial = bench.experiment(cells=1e9, lesions=24, rates=rates, mechanisms=("dissemination",), size=500, seed=4)
    state = trial.cohort.state
    state.organ[:, 1], state.vascular[:, 1], state.capacity[:, :2] = 0, True, 1e30
    state.proliferating[:, 0], state.proliferating[:, 1] = [7.5e8, 0.0], [0.0, 2.5e8]
    trial.spend(1.0)
    founders = state.proliferating[:, 2:].sum(axis=(0, 1))
    assert founders.sum() > 500
    assert founders[1] / founders.sum() == pytest.approx(0.25, abs=0.05)
