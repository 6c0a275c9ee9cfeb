"""Names in a drug's tables: a typo raises, what only other diseases have is said once, and nothing else is said."""

import logging
from dataclasses import replace

import pytest

import metaenv
from metaenv.drugs import TOXICITIES, Toxicity
from metaenv.scenario import compatibility

LUNG = metaenv.make_scenario("lung")
ERLOTINIB = LUNG.drugs[0]


def refuses(call, *words):
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


@pytest.fixture
def said(caplog):
    """What the log has said so far, as if nothing had been said before."""
    compatibility._say_once.cache_clear()
    caplog.set_level(logging.INFO, logger="metaenv")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "metaenv"]


def offered(drug, scenario=LUNG):
    """A scenario that offers the drug alone, as an own disease would."""
    disease = replace(scenario.disease, drugs=(drug,), first_line=(drug.name,))
    return replace(scenario, disease=disease, drugs=(drug,))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fold": {"T970M": 400.0}}, ["fold", "'erlotinib'", "['T970M']", "'T790M'", "'C797S'", "ESR1", "AR-V7"]),
        ({"fold": {"T790M": 400.0, "t790m": 1.0}}, ["fold", "got ['t790m']"]),
        ({"sanctuary": {"brian": 0.1}}, ["sanctuary", "['brian']", "'brain'", "'adrenal'", "'node'"]),
        ({"toxicity": {"skn": 0.03}}, ["toxicity", "'erlotinib'", "['skn']", *TOXICITIES]),
        ({"fold": {"efflux": 10.0}}, ["fold", "['efflux']", "pump_fold"]),
    ],
)
def test_a_typo_in_a_drug_raises_and_lists_what_is_known(changes, words):
    drug = replace(ERLOTINIB, **changes)
    refuses(lambda: offered(drug), *words)
    refuses(lambda: replace(LUNG, drugs=(drug,)), words[0], "'erlotinib'")
    refuses(lambda: metaenv.MetastasisEnv(disease=replace(LUNG.disease, drugs=(drug,), first_line=())), words[0])


def test_a_drug_for_other_diseases_says_once_what_it_cannot_do_here(said):
    osimertinib = LUNG.drugs[1]
    for _ in range(3):
        scenario = metaenv.make_scenario("prostate").with_drugs(("docetaxel", "osimertinib"))
        replace(scenario, horizon=scenario.horizon / 2.0)
    (line,) = said()
    assert all(word in line for word in ("'osimertinib'", "'prostate'", "no traits", "C797S, T790M"))
    metaenv.make_scenario("breast").with_drugs(("osimertinib",))
    assert len(said()) == 2 and "'breast'" in said()[1]
    assert scenario.drugs[1] == osimertinib


def test_a_drug_whose_names_the_disease_has_says_nothing(said):
    metaenv.make_scenario("breast").with_drugs(("everolimus", "tariquidar", "docetaxel"))
    for disease in metaenv.DISEASES:
        metaenv.make_scenario(disease)
    assert said() == []


@pytest.mark.parametrize("disease", metaenv.DISEASES)
def test_every_drug_of_the_shelf_may_be_offered_in_every_disease(disease, said):
    for name in metaenv.DRUGS:
        metaenv.make_scenario(disease).with_drugs((name,))
    assert all("made for other diseases" in line for line in said())


def test_a_toxicity_that_is_missing_alone_says_how_to_add_it():
    refuses(lambda: replace(LUNG, drugs=(metaenv.DRUGS["everolimus"],)), "['stomatitis']", "'lung'", "with_drugs")


def test_an_own_disease_has_the_toxicities_of_its_drugs_and_its_own():
    hair = Toxicity(name="hair", half_life=90.0, disutility=0.01)
    drug = replace(ERLOTINIB, toxicity={"hair": 0.01, "stomatitis": 0.01, "cardiac": 0.01})
    disease = replace(LUNG.disease, toxicities=(hair,), drugs=(drug,), first_line=())
    assert [kind.name for kind in disease.toxicities] == ["hair", "cardiac", "stomatitis"]
    assert metaenv.make_scenario(disease).toxicities == ("hair", "cardiac", "stomatitis")
    assert replace(disease, title="again") == replace(disease, title="again")
    assert metaenv.DISEASES["lung"].toxicities == LUNG.disease.toxicities
