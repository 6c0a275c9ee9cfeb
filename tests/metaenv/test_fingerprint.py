"""The test cohorts are frozen: who they are, and what happens to them under a fixed plan."""

import numpy as np
import pytest

import metaenv
from metaenv import fingerprint as fingerprints
from metaenv.fingerprint import course_fingerprint, fingerprint, frozen, take
from metaenv.registration import VERSION
from metaenv.scenario.variation import vary

IDS = np.arange(200_000, 200_008)
ADVICE = "raise VERSION in metaenv/registration.py and refreeze by `metaenv study cohort --freeze`"


@pytest.mark.parametrize("disease", metaenv.DISEASES)
@pytest.mark.parametrize("what", ["drawn", "course"])
def test_the_test_cohort_is_the_frozen_one(disease, what, taken):
    held = frozen()["diseases"].get(disease, {})
    assert taken(disease)[what] == held.get(what), f"{what} of the test cohort of {disease!r} has changed: {ADVICE}"


def test_every_disease_is_frozen_under_the_present_version():
    held = frozen()
    assert set(held["diseases"]) == set(metaenv.DISEASES), ADVICE
    assert held["version"] == VERSION, ADVICE


@pytest.fixture(scope="module")
def taken():
    """Both fingerprints of a disease, taken once."""
    kept = {}

    def of(disease):
        if disease not in kept:
            kept[disease] = take(disease)
        return kept[disease]

    return of


@pytest.mark.parametrize(
    ("path", "factor", "drawn", "course"),
    [
        ("rates.birth.median", 1.0 + 1e-8, True, True),
        ("host.baseline_neutrophils.median", 1.01, True, True),
        ("drugs.docetaxel.kill", 1.01, True, True),
        ("drugs.abiraterone.ec50", 1.01, False, True),
        ("rates.waking.median", 1.01, True, True),
        ("traits.efflux.mutation_rate", 1.5, False, True),
    ],
)
def test_a_changed_number_changes_the_fingerprints(path, factor, drawn, course):
    before = metaenv.make_scenario("prostate")
    after = vary(before, {path: metaenv.scenario.variation.value_at(before, path) * factor})
    assert (fingerprint(before, IDS) != fingerprint(after, IDS)) is drawn
    assert (course_fingerprint(before, IDS) != course_fingerprint(after, IDS)) is course


def test_the_last_bits_of_a_number_do_not_matter():
    for digits in (6, 10):
        one, other = ({"x": np.array([1.0 / 3.0, 0.0, 7e9]) * (1.0 + error)} for error in (0.0, 4e-16))
        assert one["x"][0] != other["x"][0]
        assert fingerprints._hash(one, digits) == fingerprints._hash(other, digits)
        rough = {"x": one["x"] * (1.0 + 10.0 ** (1 - digits))}
        assert fingerprints._hash(one, digits) != fingerprints._hash(rough, digits)


def test_names_types_and_shapes_are_part_of_the_fingerprint():
    array = np.arange(6)
    kinds = [{"x": array}, {"y": array}, {"x": array.reshape(2, 3)}, {"x": array.astype(np.int32)}]
    kinds += [{"x": array.astype(np.float64)}, {"x": array[::-1]}]
    assert len({fingerprints._hash(arrays, 10) for arrays in kinds}) == len(kinds)


def test_another_patient_is_another_fingerprint():
    scenario = metaenv.make_scenario("lung")
    assert fingerprint(scenario, IDS) == fingerprint(scenario, IDS.copy())
    assert fingerprint(scenario, IDS) != fingerprint(scenario, IDS + 1)
    assert course_fingerprint(scenario, IDS) != course_fingerprint(scenario, IDS + 1)


def test_without_the_file_nothing_is_frozen(monkeypatch, tmp_path):
    monkeypatch.setattr(fingerprints, "FROZEN", tmp_path / "fingerprints.json")
    assert frozen() == {"version": VERSION, "diseases": {}}
