"""The sentence on what made the difference, and the truth that the page is told."""

import json
from dataclasses import replace

import pytest

from metaenv_experiments.play.dominance import clone_name, first_to_dominate, spared_clones
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.policies import doctors
from metaenv_experiments.play.reveal import reveal
from metaenv_experiments.play.setup import BARRIERS, Setup, offered
from metaenv_experiments.play.verdict import Course, verdict
from metaenv_experiments.running.files import plain


def treated(setup, levels):
    game = Game(setup)
    game.treat(levels, "end")
    return game


@pytest.mark.parametrize("patient", [200_003, 200_010, 200_020])
def test_untreated_it_says_that_nothing_was_given_or_what_else_killed(patient):
    found = reveal(treated(Setup(disease="prostate", patient=patient), [0, 0]))
    assert "no drug was given, and the patient died of" in found["sentence"] or "not of the tumour" in found["sentence"]


def test_full_doses_select_what_escapes_them(prostate):
    game = treated(prostate, [2, 0])
    found = first_to_dominate(game)
    assert found is not None and found.drug == "abiraterone" and "AR-V7" in found.name
    assert f"cells with {found.name}, which escape abiraterone" in reveal(game)["sentence"]


def test_nothing_dominates_without_resistance(prostate):
    alike = replace(prostate, without=("heterogeneity", "efflux", "bypass", "target_mutation"))
    assert first_to_dominate(treated(alike, [2, 0])) is None


def test_clones_that_a_drug_does_not_reach_are_those_with_its_traits(game):
    traits = game.scenario.traits
    abiraterone = {clone_name(game.scenario, clone) for clone in spared_clones(game.scenario, 0)}
    assert {"AR-V7", "efflux + AR-V7"} <= abiraterone and not {"sensitive", "efflux"} & abiraterone
    assert 1 << len(traits) > len(abiraterone)


def test_a_game_that_is_not_over_is_told_how_things_stand(game):
    game.treat([2, 0])
    assert reveal(game)["sentence"].startswith("So far 0.0")


def test_the_same_course_is_as_good_as_itself(prostate):
    game = treated(prostate, [2, 0])
    said = verdict(Course("you", game), [Course("myself", game)])
    assert said.endswith("as good as under myself: both courses were of one length and of one quality.")


@pytest.mark.parametrize("disease", offered())
@pytest.mark.parametrize("barriers", [(), tuple(BARRIERS)], ids=["as it is", "without all barriers"])
def test_the_truth_can_be_told_of_every_disease(disease, barriers):
    game = Game(Setup(disease=disease, patient=200_002, without=barriers))
    game.go_on(doctors(game.setup)[0].begin)
    found = json.loads(json.dumps(plain(reveal(game))))
    assert game.revealed
    assert found["sentence"].endswith(".")
    assert [course["by"] for course in found["courses"]] == ["you", *(each.name for each in doctors(game.setup))]
    mine = found["courses"][0]
    assert mine["worth"] == found["courses"][1]["worth"]  # it is the first of the others that treated
    visits = len(mine["day"])
    for name in ("marker", "given", "clones", "sleeping", "single", "hidden"):
        assert len(mine[name]) == visits
    for at in range(visits):
        cells = sum(lesion["cells"][at] for lesion in mine["lesions"]) + mine["single"][at]
        assert cells == pytest.approx(sum(mine["clones"][at]))
