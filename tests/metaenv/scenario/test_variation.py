"""Another disease by naming what differs."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed, LogNormal, LogUniform, Normal, Poisson, Uniform, UniformInteger
from metaenv.scenario.variation import paths_like, value_at, vary

SCENARIO = metaenv.make_scenario("prostate")


@pytest.mark.parametrize(
    ("disease", "path", "value"),
    [
        ("prostate", "rates.birth.median", 0.05),
        ("prostate", "rates.birth", Fixed(0.05)),
        ("prostate", "rates.competition.median", 4),
        ("prostate", "drugs.abiraterone.kill", 0.07),
        ("prostate", "drugs.abiraterone.fold.AR-V7", 3.0),
        ("prostate", "drugs.abiraterone.fold", {"AR-V7": 3.0}),
        ("prostate", "drugs.docetaxel.toxicity.neuropathy", 0.01),
        ("prostate", "traits.AR-V7.log_fraction.second.mean", -1.0),
        ("prostate", "traits.AR-V7.mutation_rate", 1e-5),
        ("prostate", "organs.brain.tropism", 0.5),
        ("prostate", "organs.brain.operable", False),
        ("prostate", "toxicities.neuropathy.half_life", float("inf")),
        ("prostate", "presentation.micrometastases.mean", 3.0),
        ("prostate", "host.lethal_burden", 1e11),
        ("prostate", "local_therapy.courses", 2),
        ("prostate", "local_therapy", None),
        ("prostate", "sensors.marker", "ctDNA"),
        ("prostate", "progression.confirmation", 0.0),
        ("prostate", "lesions", np.int64(40)),
        ("breast", "presentation.open_niche_share", 1.0),
        ("lung", "drugs.erlotinib.sanctuary.brain", 1.0),
        ("bozic2013", "traits.cross.mutation_rate", 0.0),
        ("strobl2021", "drugs.drug.kill", 1.0),
    ],
)
def test_what_a_path_names_is_changed_and_nothing_else(disease, path, value):
    scenario = metaenv.make_scenario(disease)
    before = value_at(scenario, path)
    changed = vary(scenario, {path: value})
    assert value_at(changed, path) == value != before
    assert vary(changed, {path: before}) == scenario != changed
    assert scenario == metaenv.make_scenario(disease)  # left as it was


def test_several_changes_are_made_in_one_go_and_the_last_one_wins():
    changes = {"rates.birth": Fixed(0.1), "rates.birth.value": 0.2, "drugs.docetaxel.kill": 0.3}
    changed = vary(SCENARIO, changes)
    assert value_at(changed, "rates.birth") == Fixed(0.2)
    assert value_at(changed, "drugs.docetaxel.kill") == 0.3
    assert vary(SCENARIO, {}) == SCENARIO


def test_a_drug_is_changed_in_the_scenario_and_in_the_disease_alike():
    changed = vary(SCENARIO, {"drugs.docetaxel.kill": 0.3})
    assert [drug.kill for drug in changed.drugs] == [SCENARIO.drugs[0].kill, 0.3]
    assert changed.disease.drugs == changed.drugs
    assert metaenv.DISEASES["prostate"].drugs == SCENARIO.drugs


def test_a_drug_that_is_on_offer_can_be_changed_though_the_disease_has_others():
    changed = vary(SCENARIO.with_drugs(("everolimus",)), {"drugs.everolimus.waking_shift": -1.0})
    assert changed.drugs[0].waking_shift == changed.disease.drugs[0].waking_shift == -1.0
    with pytest.raises(ValueError, match=r"'docetaxel'; known: \['everolimus'\]"):
        vary(SCENARIO.with_drugs(("everolimus",)), {"drugs.docetaxel.kill": 0.1})


def test_what_the_scenario_has_of_its_own_stays():
    changed = vary(SCENARIO.without("immune"), {"rates.birth.median": 0.05})
    for field in fields(SCENARIO):
        if field.name not in ("disease", "mechanisms"):
            assert getattr(changed, field.name) == getattr(SCENARIO, field.name)
    assert not changed.on("immune")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("rates.brith.median", 0.1, ["'rates.brith.median'", "'brith'", "birth", "death"]),
        ("rates.birth.mean", 0.1, ["'mean'", "median", "deviation"]),
        ("traits.T790M.mutation_rate", 0.1, ["'T790M'", "AR-V7", "bypass", "efflux"]),
        ("organs.spleen.tropism", 0.1, ["'spleen'", "bone", "brain"]),
        ("drugs.erlotinib.kill", 0.1, ["'erlotinib'", "abiraterone", "docetaxel"]),
        ("drugs.abiraterone.fold.T790M", 0.1, ["'T790M'", "AR-V7", "bypass"]),
        ("rates.birth.median.value", 0.1, ["'value'", "known: []"]),
        ("", 0.1, ["''", "rates", "drugs"]),
        ("horizon", 100.0, ["'horizon'", "replace that field of the scenario"]),
        ("reward", "survival", ["'reward'", "replace that field of the scenario"]),
        ("rates.birth", 0.1, ["'rates.birth'", "distribution", "median", "deviation", "0.1"]),
        ("rates.birth.median", LogNormal(0.1, 0.1), ["'rates.birth.median'", "number", "LogNormal"]),
        ("rates.birth.median", "fast", ["'rates.birth.median'", "number", "'fast'"]),
        ("rates.birth.median", True, ["'rates.birth.median'", "number", "True"]),
        ("rates.birth.median", -0.1, ["median must be > 0", "-0.1"]),
        ("rates.competition.median", None, ["'rates.competition.median'", "number", "None"]),
        ("rates.competition", Fixed(-1.0), ["competition must be >= 0", "-1.0"]),
        ("rates.gompertz", 1, ["'rates.gompertz'", "bool", "1"]),
        ("rates", None, ["'rates'", "Rates", "None"]),
        ("lesions", 2.5, ["'lesions'", "whole number", "2.5"]),
        ("lesions", 0, ["lesions must be >= 1", "0"]),
        ("organs", 3, ["'organs'", "tuple", "3"]),
        ("organs.bone", "bone", ["'organs.bone'", "Organ", "'bone'"]),
        ("drugs", None, ["'drugs'", "tuple", "None"]),
        ("drugs.abiraterone.kill", 0.0, ["kill must be > 0", "0.0", "'abiraterone'"]),
        ("drugs.abiraterone.fold", 3.0, ["fold", "Mapping", "3.0"]),
        ("drugs.abiraterone.fold.AR-V7", "high", ["'drugs.abiraterone.fold.AR-V7'", "number", "'high'"]),
        ("sensors.marker", "CA-125", ["marker", "'PSA'", "'CA-125'"]),
        ("traits.efflux.mechanism", "magic", ["mechanism", "'magic'", "efflux"]),
        ("traits.AR-V7.reversion", 0.1, ["reversion must be 0 but for efflux", "0.1", "'AR-V7'"]),
        ("traits.AR-V7.cost", Fixed(1.5), ["cost must be in [0, 1]", "1.5"]),
        ("presentation.dormant_fraction", 1.2, ["dormant_fraction must be in [0, 1]", "1.2"]),
        ("presentation.visible_fill", Fixed(0.0), ["visible_fill must be > 0 in every patient"]),
        ("local_therapy.course_mortality", 1.5, ["course_mortality must be in [0, 1]", "1.5"]),
        ("symptom_disutility", -2.0, ["symptom_disutility must be >= 0", "-2.0"]),
        ("sepsis_disutility", 1.5, ["sepsis_disutility must be in [0, 1]", "1.5"]),
        ("rates.birth", Fixed(-0.1), ["birth must be >= 0 in every patient", "-0.1"]),
        ("rates.birth", Uniform(-0.1, 0.1), ["birth must be >= 0 in every patient"]),
        ("rates.immune_half_life", 0.0, ["immune_half_life must be > 0", "0.0"]),
    ],
)
def test_what_leads_nowhere_or_is_not_allowed_is_refused(path, value, words):
    with pytest.raises(ValueError) as caught:
        vary(SCENARIO, {path: value})
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


@pytest.mark.parametrize(
    ("kind", "numbers", "what"),
    [
        (Fixed, [math.nan], "value"),
        (Normal, [math.inf, 1.0], "mean"),
        (LogNormal, [math.inf, 1.0], "median"),
        (Uniform, [0.0, math.inf], "high"),
        (Poisson, [math.inf], "mean"),
    ],
)
def test_a_distribution_is_of_finite_numbers(kind, numbers, what):
    with pytest.raises(ValueError, match=f"{what} must be finite, got"):
        kind(*numbers)


@pytest.mark.parametrize(
    "distribution",
    [Fixed(2.0), Normal(1.0, 2.0), LogNormal(3.0, 0.5), Uniform(1.0, 2.0), LogUniform(1.0, 9.0), UniformInteger(1, 4)],
)
def test_all_but_two_patients_in_a_million_lie_between_the_ends(distribution):
    low, high = distribution.quantile(np.array([1e-6, 1.0 - 1e-6]))
    assert distribution.ends == pytest.approx((low, high), rel=1e-4)


def test_a_disease_needs_an_organ_that_is_seeded_and_names_that_differ():
    disease = SCENARIO.disease
    with pytest.raises(ValueError, match="tropism must be > 0 in an organ or more"):
        replace(disease, organs=tuple(replace(organ, tropism=0.0) for organ in disease.organs))
    with pytest.raises(ValueError, match="organs and traits must differ in their names"):
        replace(disease, traits=disease.traits + disease.traits[:1])
    with pytest.raises(ValueError, match="reversion must be 0 but in one trait"):
        replace(disease, traits=tuple(replace(disease.traits[0], name=name, reversion=0.1) for name in ("one", "two")))
    with pytest.raises(ValueError, match=r"procedure_disutility must be >= 0, got \(-1.0, 0.0\)"):
        replace(disease, procedure_disutility=(-1.0, 0.0))


@pytest.mark.parametrize("path", ["rates.brith", "traits.T790M", "horizon", "drugs.erlotinib", "rates.birth.median.x"])
def test_value_at_refuses_the_same_paths(path):
    with pytest.raises(ValueError, match=path.split(".")[-1]):
        value_at(SCENARIO, path)


def test_a_pattern_names_every_path_that_fits_it():
    assert paths_like(SCENARIO, "traits.*.cost") == tuple(f"traits.{name}.cost" for name in SCENARIO.traits)
    assert paths_like(SCENARIO, "organs.brain.*")[0] == "organs.brain.name"
    assert paths_like(SCENARIO, "drugs.*.fold.*") == (
        "drugs.abiraterone.fold.AR-V7",
        "drugs.abiraterone.fold.bypass",
        "drugs.docetaxel.fold.bypass",
    )
    assert paths_like(SCENARIO, "organs.spleen.tropism") == ()
    assert all(value_at(SCENARIO, path) is not None for path in paths_like(SCENARIO, "rates.*.median"))


def test_a_changed_number_moves_the_patients_it_names_and_no_others():
    """A parameter is a quantile of its own distribution: patients are otherwise the same."""
    changed = vary(SCENARIO, {"rates.birth.median": 2.0 * value_at(SCENARIO, "rates.birth.median")})
    drawn = []
    for scenario in (SCENARIO, changed):
        env = metaenv.MetastasisVectorEnv(8, scenario=scenario)
        env.reset(seed=0)
        drawn.append((env.cohort.patients, env.cohort.state))
    (one, state), (other, state_other) = drawn
    assert np.allclose(other.birth, 2.0 * one.birth, rtol=1e-12)
    assert (other.death == one.death).all() and (other.kill == one.kill).all()
    assert (state.proliferating == state_other.proliferating).all()
