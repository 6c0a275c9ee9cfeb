"""The same patient under everybody else: as in a benchmark, and at the bedside of a game."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metaenv_agents.saved_policies import pretrained
from metaenv_experiments.play.game import Game
from metaenv_experiments.play.policies import doctor, doctors
from metaenv_experiments.play.setup import BARRIERS, Setup, offered
from metaenv_experiments.play.table import course_table, csv
from metaenv_experiments.running.options import UsageError


def test_rules_the_best_tuned_one_and_the_shipped_agent_take_part(prostate):
    assert [each.policy.kind for each in doctors(prostate)] == ["rule", "rule", "tuned rule", "learner"]
    assert [each.name for each in doctors(prostate)][:2] == ["maximum tolerated dose", "standard of care"]


@pytest.mark.parametrize("disease", offered())
def test_every_agent_that_ships_takes_part_in_its_disease(disease):
    names = {each.name for each in doctors(Setup(disease=disease, patient=200_000))}
    assert {name for name in pretrained() if name.startswith(f"{disease}/")} <= names


@pytest.mark.parametrize("disease", ["prostate", "lung", "breast_recurrent"])
def test_the_course_under_a_policy_is_that_of_the_benchmark(disease):
    setup = Setup(disease=disease, patient=200_003)
    for each in doctors(setup):
        game, ids = each.treat(), setup.task.ids
        rollout = each.policy.play(setup.task, ids, watch=ids.tolist())
        pd.testing.assert_frame_equal(course_table(game), rollout.courses)
        assert game.worth == rollout.episodes["return"].item()


@pytest.mark.parametrize("without", [(), tuple(BARRIERS)], ids=["as it is", "without all barriers"])
def test_playing_on_from_the_first_visit_is_the_course_under_the_policy(prostate, without):
    setup = replace(prostate, without=without)
    for each in doctors(setup):
        game = Game(setup)
        game.go_on(each.begin, "scan")
        game.go_on(each.begin)
        assert game.choices == each.treat().choices


def test_who_gives_what_the_policy_gives_is_advised_to_go_on_so(prostate):
    agent = doctors(prostate)[-1]
    whole = agent.treat().choices
    game = Game(prostate)
    for choice in whole[:12]:
        assert agent.advise(game) == choice
        game.treat(choice)


def test_advice_changes_nothing(game):
    game.treat([2, 0], "scan")
    link, worth = game.link, game.worth
    for each in doctors(game.setup):
        each.advise(game)
    assert (game.link, game.worth) == (link, worth)


def test_who_knows_no_procedures_treats_with_drugs_alone(prostate):
    setup = replace(prostate, local_therapy=True)
    alone = [each for each in doctors(setup) if each.drugs_alone]
    assert [each.policy.kind for each in alone] == ["tuned rule", "learner"]
    game = Game(setup)
    for each in doctors(setup):
        assert len(each.advise(game)) == 3
    game.go_on(alone[-1].begin)
    assert {choice[-1] for choice in game.choices} == {0}
    assert [choice[:-1] for choice in game.choices] == alone[-1].treat().choices


def test_nobody_unknown_plays_on(prostate):
    with pytest.raises(UsageError, match="policy must be one of maximum tolerated dose, standard of care"):
        doctor(prostate, "me")


def test_the_exported_course_holds_the_truth_once_it_was_revealed(game):
    game.treat([2, 1], "scan")
    hidden = {"burden", "dormant", "lesions", "resistant_AR-V7", "toxicity_neuropathy"}
    header, *rows = csv(game).splitlines()
    assert not hidden & set(header.split(",")) and len(rows) == len(game.visits)
    assert {"day", "marker", "prescribed_docetaxel", "sum_of_diameters", "allele_AR-V7"} <= set(header.split(","))
    game.revealed = True
    assert hidden <= set(csv(game).splitlines()[0].split(","))


def test_a_policy_is_asked_in_the_order_of_visits(prostate, game):
    game.treat([2, 0])
    game.treat([0, 0])
    choose = doctors(prostate)[-1].begin()
    one_by_one = [choose(observation) for observation in game.observations]
    assert one_by_one[-1] == doctors(prostate)[-1].advise(game)
    assert np.array(one_by_one).shape == (3, 2)
