"""What may stand in the fields of a disease, a drug or a toxicity."""

from dataclasses import MISSING, fields, replace

import numpy as np
import pytest

import metaenv
from metaenv.diseases import Disease, Host, LocalTherapy, Organ, Presentation, Progression, Rates, Sensors, Trait
from metaenv.distribution import Distribution, Fixed, Uniform
from metaenv.drugs import Drug, Toxicity
from metaenv.field_checks import _declared

LUNG = metaenv.DISEASES["lung"]
RECORDS = [
    LUNG,
    LUNG.organs[0],
    LUNG.traits[1],
    LUNG.presentation,
    LUNG.rates,
    LUNG.host,
    LUNG.local_therapy,
    LUNG.sensors,
    LUNG.progression,
    LUNG.drugs[0],
    LUNG.toxicities[0],
]
KINDS = [Disease, Host, LocalTherapy, Organ, Presentation, Progression, Rates, Sensors, Trait, Drug, Toxicity]
DISTRIBUTED = [
    (record, name)
    for record in RECORDS
    for name, declared in _declared(type(record)).items()
    if declared is Distribution
]


def named(pair):
    return f"{type(pair[0]).__name__}.{pair[1]}"


def refuses(call, *words):
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


def test_every_dataclass_of_diseases_and_drugs_is_in_this_test():
    assert {type(record) for record in RECORDS} == set(KINDS)
    assert len(DISTRIBUTED) > 15


@pytest.mark.nojit
@pytest.mark.parametrize(("record", "name"), DISTRIBUTED, ids=map(named, DISTRIBUTED))
@pytest.mark.parametrize("number", [0.5, np.float64(0.5), 1])
def test_a_number_is_the_same_for_every_patient(record, name, number):
    assert getattr(replace(record, **{name: number}), name) == Fixed(float(number))


@pytest.mark.nojit
@pytest.mark.parametrize(("record", "name"), DISTRIBUTED, ids=map(named, DISTRIBUTED))
@pytest.mark.parametrize("wrong", ["0.5", None, True, (0.1, 0.2), Uniform])
def test_what_is_neither_number_nor_distribution_is_refused(record, name, wrong):
    refuses(lambda: replace(record, **{name: wrong}), name, "a number or a distribution", type(record).__name__)


def test_numbers_make_the_same_patients_as_fixed_distributions(same):
    scenario = metaenv.make_scenario("strobl2021")
    disease = scenario.disease
    assert disease.rates.birth == Fixed(0.027)
    by_number = replace(disease, rates=replace(disease.rates, birth=0.027))
    assert by_number == disease
    whole = replace(disease, presentation=replace(disease.presentation, visible_log_cells=9))
    env = metaenv.MetastasisEnv(disease=whole)
    env.reset(seed=0)
    assert env.cohort.state.proliferating.dtype == np.float64
    assert env.cohort.state.proliferating.sum() == pytest.approx(1e9)


@pytest.mark.nojit
def test_a_whole_number_draws_floats():
    assert Fixed(3).quantile(np.array([0.1, 0.9])).dtype == np.float64


WRONG = {float: ("0.5", "a number"), int: (1.5, "a whole number"), bool: (1, "True or False"), str: (3, "a name")}


@pytest.mark.nojit
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_field_refuses_another_kind_of_thing_and_says_what_it_must_be(record):
    for name, declared in _declared(type(record)).items():
        wrong, said = WRONG.get(declared, ("nonsense", " a"))
        refuses(lambda name=name, wrong=wrong: replace(record, **{name: wrong}), name, said, repr(wrong))


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("record", "changes", "words"),
    [
        (LUNG, {"organs": list(LUNG.organs)}, ["organs must be a tuple of Organs", "in Disease 'lung'"]),
        (LUNG, {"organs": LUNG.organs[0]}, ["organs must be a tuple of Organs", "got Organ("]),
        (LUNG, {"drugs": ("erlotinib",)}, ["drugs must be a tuple of Drugs", "got ('erlotinib',)"]),
        (LUNG, {"first_line": "osimertinib"}, ["first_line must be a tuple of names", "got 'osimertinib'"]),
        (LUNG, {"procedure_disutility": (0.1,)}, ["procedure_disutility", "tuple of numbers, 2", "(0.1,)"]),
        (LUNG, {"local_therapy": 3}, ["local_therapy must be a LocalTherapy or None", "got 3"]),
        (LUNG, {"lesions": 8.0}, ["lesions must be a whole number, got 8.0"]),
        (LUNG.drugs[0], {"fold": {"T790M": "many"}}, ["fold must be a mapping of names to numbers", "'erlotinib'"]),
        (LUNG.drugs[0], {"fold": ["T790M"]}, ["fold must be a mapping of names to numbers", "['T790M']"]),
        (LUNG.drugs[0], {"kill": Fixed(0.1)}, ["kill must be a number", "Fixed(value=0.1)", "Drug 'erlotinib'"]),
        (LUNG.rates, {"wound_waking": Fixed(1.0)}, ["wound_waking must be a number", "in Rates"]),
        (LUNG.rates, {"birth": -0.1}, ["birth must be >= 0 in every patient", "-0.1"]),
    ],
)
def test_messages_name_the_field_what_was_got_and_what_is_allowed(record, changes, words):
    refuses(lambda: replace(record, **changes), *words)


@pytest.mark.nojit
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_every_default_is_of_the_kind_that_its_field_declares(record):
    """Else nobody could leave it out."""
    needed = [item.name for item in fields(record) if item.default is MISSING and item.default_factory is MISSING]
    least = type(record)(**{name: getattr(record, name) for name in needed})
    assert replace(least) == least
