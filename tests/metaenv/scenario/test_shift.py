"""A shifted cohort is the same patients, but for what the shift names."""

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed, LogNormal, LogUniform, Normal, Poisson, Uniform, UniformInteger
from metaenv.population.patients import draw_patients
from metaenv.scenario.shift import SHIFTS, Change, shift_scenario
from metaenv.scenario.variation import paths_like, value_at, vary

IDS = np.arange(200_000, 200_064)
U = np.linspace(0.01, 0.99, 99)
CLINICAL = ("breast", "breast_recurrent", "lung", "prostate")


def drawn(scenario):
    """Patients and starting state by the name of the array."""
    patients, state = draw_patients(scenario, IDS, IDS)
    arrays = {**patients._asdict(), **state._asdict()}
    person = arrays.pop("person")
    return arrays | {name: np.asarray(person[name]) for name in person.dtype.names}


def what_moves(disease, shift):
    """What differs where everybody is admitted: who is too heavy with other organs would be drawn again."""
    scenario = vary(metaenv.make_scenario(disease), {"presentation.burden_ceiling": 1e9})
    before, after = drawn(scenario), drawn(shift_scenario(scenario, shift))
    return {name for name in before if not alike(name, before[name], after[name])}


def alike(name, one, other):
    """Equal; the tempo, a ratio of two births, may differ in its last bits, and the growth of the supply with it."""
    if name == "angiogenesis":
        return np.allclose(one, other, rtol=1e-12, atol=0.0)
    return np.array_equal(one, other)


@pytest.mark.parametrize(
    "distribution",
    [Fixed(0.3), Normal(3.0, 1.0), LogNormal(0.05, 0.3), Uniform(0.1, 0.5), LogUniform(1e-4, 1e-2)],
    ids=lambda distribution: type(distribution).__name__,
)
def test_scaling_multiplies_every_quantile(distribution):
    np.testing.assert_allclose(distribution.scaled(2.5).quantile(U), 2.5 * distribution.quantile(U), rtol=1e-12)


def test_scaling_counts_scales_their_mean():
    assert Poisson(4.0).scaled(2.5) == Poisson(10.0)
    assert UniformInteger(2, 8).scaled(1.5) == UniformInteger(3, 12)


@pytest.mark.parametrize("distribution", [Fixed(0.3), Normal(3.0, 1.0), Uniform(0.1, 0.5)])
def test_shifting_adds_to_every_quantile(distribution):
    np.testing.assert_allclose(distribution.shifted(-0.7).quantile(U), distribution.quantile(U) - 0.7, rtol=1e-12)


def test_what_cannot_be_shifted_or_scaled_says_so():
    with pytest.raises(ValueError, match="can be shifted"):
        Poisson(1.0).shifted(1.0)
    for factor in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="factor must be > 0 and finite"):
            LogNormal(1.0, 0.1).scaled(factor)
        with pytest.raises(ValueError, match="factor must be > 0 and finite"):
            Change(pattern="rates.birth", factor=factor)


def test_a_pattern_names_every_path_that_fits_and_no_other():
    scenario = metaenv.make_scenario("lung")
    assert paths_like(scenario, "traits.*.cost") == tuple(f"traits.{name}.cost" for name in scenario.traits)
    assert paths_like(scenario, "organs.nowhere.tropism") == ()
    assert set(paths_like(scenario, "drugs.*.sanctuary.*")) == {
        f"drugs.{drug.name}.sanctuary.{organ}" for drug in scenario.drugs for organ in drug.sanctuary
    }


@pytest.mark.parametrize("name", SHIFTS)
@pytest.mark.parametrize("disease", CLINICAL)
def test_a_shift_multiplies_what_it_names_by_its_factor(disease, name):
    scenario = metaenv.make_scenario(disease)
    shifted = shift_scenario(scenario, name)
    for change in SHIFTS[name].changes:
        for path in paths_like(scenario, change.pattern):
            before, after = value_at(scenario, path), value_at(shifted, path)
            if isinstance(before, (int, float)):
                before, after = Fixed(before), Fixed(after)
            old, new = before.quantile(U), after.quantile(U)
            wanted = old + np.log10(change.factor) if change.logarithmic else old * change.factor
            np.testing.assert_allclose(new, wanted, rtol=1e-12, err_msg=path)


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("faster_mutation", {"proliferating", "dormant"}),
        ("lower_cost", {"birth"}),
        ("worse_delivery", set()),  # drugs, not patients
        ("other_organs", {"organ", "disseminated_cells"}),
        ("more_dormancy", {"proliferating", "dormant", "disseminated_cells", "dormancy_entry"}),
        ("faster_growth", {"birth", "death"}),
    ],
)
def test_the_same_id_is_otherwise_the_same_patient(name, moved):
    assert what_moves("prostate", name) == moved


def test_every_shift_is_tried_above():
    assert set(SHIFTS) == {
        "faster_mutation",
        "lower_cost",
        "worse_delivery",
        "other_organs",
        "more_dormancy",
        "faster_growth",
    }


@pytest.mark.parametrize("disease", ["prostate", "lung", "breast_recurrent"])
def test_other_organs_leave_the_cells_of_whom_nobody_would_turn_away(disease):
    """Cells change only in patients who would bear more than the ceiling with the one organs or the other."""
    scenario = metaenv.make_scenario(disease)
    before, after = drawn(scenario), drawn(shift_scenario(scenario, "other_organs"))
    free = vary(scenario, {"presentation.burden_ceiling": 1e9})
    most = scenario.disease.presentation.burden_ceiling * scenario.disease.host.lethal_burden
    weight = np.array([organ.weight for organ in scenario.disease.organs])
    light = np.ones(len(IDS), dtype=bool)
    for each in (free, shift_scenario(free, "other_organs")):
        arrays = drawn(each)
        cells = (arrays["proliferating"] + arrays["dormant"]).sum(axis=2) * weight[arrays["organ"]]
        light &= np.where(arrays["organ"] >= 0, cells, 0.0).sum(axis=1) <= most
    assert light.mean() > 0.2
    for name in ("proliferating", "dormant", "capacity"):
        assert np.array_equal(before[name][light], after[name][light])


def test_both_environments_take_a_shift():
    arguments = {"shift": "lower_cost", "without": ("dormancy",), "drugs": ("abiraterone",)}
    wanted = shift_scenario(
        metaenv.make_scenario("prostate").without("dormancy").with_drugs("abiraterone"), "lower_cost"
    )
    for env in (
        gym.make("metaenv/Prostate-v1", **arguments),
        gym.make_vec("metaenv/Prostate-v1", 2, vectorization_mode="vector_entry_point", **arguments),
    ):
        assert env.unwrapped.scenario == wanted


@pytest.mark.parametrize(
    ("disease", "without", "name", "message"),
    [
        ("prostate", (), "slower_mutation", "unknown shift 'slower_mutation'; known: "),
        ("bozic2013", (), "lower_cost", "changes nothing in disease 'bozic2013': it has no traits"),
        ("strobl2021", (), "other_organs", "changes nothing in disease 'strobl2021'"),
        ("prostate", ("heterogeneity",), "faster_mutation", "changes nothing without the mechanism 'heterogeneity'"),
        ("prostate", ("stroma",), "worse_delivery", "changes nothing without the mechanism 'stroma'"),
    ],
)
def test_a_shift_that_changes_nothing_is_refused(disease, without, name, message):
    with pytest.raises(ValueError, match=message):
        shift_scenario(metaenv.make_scenario(disease).without(without), name)


def test_a_shift_that_leads_beyond_all_cells_is_refused_by_its_name():
    scenario = vary(metaenv.make_scenario("prostate"), {"presentation.dormant_fraction": 0.4})
    with pytest.raises(ValueError, match=r"shift 'more_dormancy' goes too far in this scenario: dormant_fraction must"):
        shift_scenario(scenario, "more_dormancy")
