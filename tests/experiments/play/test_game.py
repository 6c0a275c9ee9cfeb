"""A patient under a person's treatment: what is seen, what can be given, undone and played again."""

from dataclasses import asdict

import numpy as np
import pytest

from metaenv_experiments.play.game import Game
from metaenv_experiments.play.policies import doctors
from metaenv_experiments.play.setup import BARRIERS, Setup, has_local_therapy, offered
from metaenv_experiments.running.options import UsageError


def bits(game):
    """Everything that a game holds, to be compared."""
    seen = [(each.visit, each.truth, each.observation.tobytes(), each.reward.tobytes()) for each in game.moments]
    return seen, game.choices, game.allowed, game.over


def test_a_visit_takes_as_many_days_as_between_visits_and_keeps_what_was_chosen(game):
    game.treat([2, 1])
    assert game.choices == [(2, 1)]
    assert game.visits[-1].day == game.scenario.visit_interval
    assert game.visits[-1].prescribed == (1.0, 0.5)


def test_until_the_next_scan_stops_at_the_first_scan(game):
    game.treat([2, 0], "scan")
    assert [visit.scanned for visit in game.visits[1:]] == [False] * (len(game.choices) - 1) + [True]
    assert set(game.choices) == {(2, 0)}


def test_until_the_end_ends_and_nothing_more_can_be_given(game):
    game.treat([2, 0], "end")
    assert game.over
    for refused in (lambda: game.treat([0, 0]), lambda: game.go_on(doctors(game.setup)[0].begin)):
        with pytest.raises(UsageError, match="treated no longer"):
            refused()


@pytest.mark.parametrize("visits", [1, 2, 5])
def test_undo_returns_the_same_bits_and_goes_on_to_the_same_bits(game, visits):
    game.treat([2, 1], "scan")
    before = bits(game)
    choices = [(0, 0), (2, 2), (1, 0), (0, 1), (2, 0)][:visits]
    for choice in choices:
        game.treat(choice)
    after = bits(game)
    game.undo(visits)
    assert bits(game) == before
    for choice in choices:
        game.treat(choice)
    assert bits(game) == after


def test_another_choice_after_undo_is_another_course_and_undoing_it_too_loses_nothing(game):
    game.treat([2, 0])
    kept = bits(game)
    game.treat([2, 2])
    game.undo()
    game.treat([0, 0])
    assert game.choices == [(2, 0), (0, 0)]
    game.undo()
    assert bits(game) == kept


def test_undo_brings_back_who_has_died(game):
    game.treat([0, 0], "end")
    game.undo()
    assert not game.over
    game.treat([2, 0])


@pytest.mark.parametrize("visits", [0, -1, 3])
def test_no_more_can_be_undone_than_was_done(game, visits):
    game.treat([0, 0])
    game.treat([0, 0])
    with pytest.raises(UsageError, match=f"visits to undo must be a whole number in 1 … 2, got {visits}"):
        game.undo(visits)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ([3, 0], "action for 'abiraterone' must be a whole number from 0 to 2, got 3"),
        ([0, 0.5], "action for 'docetaxel' must be a whole number from 0 to 2, got 0.5"),
        ([-1, 0], "must be a whole number from 0 to 2, got -1"),
        ([float("nan"), 0], "must be a whole number from 0 to 2, got nan"),
        ([2], r"must have shape \(2,\) for \['abiraterone', 'docetaxel'\], got shape \(1,\)"),
        (["2", "0"], "must be numbers for"),
        ([[2], [0, 1]], "must be numbers for"),
        (None, "must be numbers for"),
    ],
)
def test_what_cannot_be_given_is_refused_and_changes_nothing(game, action, said):
    before = bits(game)
    with pytest.raises(UsageError, match=said):
        game.treat(action)
    assert bits(game) == before


def test_a_word_that_is_no_stretch_of_time_is_refused(game):
    with pytest.raises(UsageError, match="until must be one of visit, scan, end, got 'never'"):
        game.treat([0, 0], "never")


@pytest.mark.parametrize("disease", offered())
def test_the_course_does_not_depend_on_who_plays_it(disease):
    setup = Setup(disease=disease, patient=200_001)
    one, other = Game(setup), Game(setup)
    full = [2] * len(one.scenario.drugs)
    one.treat(full, "scan")
    while len(other.choices) < len(one.choices):
        other.treat(full)
    assert bits(one) == bits(other)


def test_a_clinic_sees_no_truth(game):
    assert game.visits[0].lesions
    truth = game.moments[0].truth
    assert len(truth.lesions) > len(game.visits[0].lesions)
    assert not {"clones", "sleeping", "hidden", "lost"} & set(game.visits[0]._asdict())


def test_the_truth_adds_up(game):
    game.treat([2, 0], "scan")
    for each in game.moments:
        cells = sum(each.truth.clones)
        assert cells == pytest.approx(float(each.infos["burden"][0]))
        in_lesions = sum(lesion.cells for lesion in each.truth.lesions)
        assert in_lesions + each.truth.single == pytest.approx(cells)
        shown = np.array(each.truth.clones)
        for trait, share in enumerate(each.infos["resistant_fraction"][0]):
            carried = [clone for clone in range(shown.size) if clone >> trait & 1]
            assert shown[carried].sum() == pytest.approx(share * cells)


def test_a_procedure_is_done_once_and_not_repeated_until_the_scan():
    game = Game(Setup(disease="lung", patient=200_001, local_therapy=True))
    assert game.allowed[-1] == [True, True, True]
    game.treat([0, 2, 0, 2], "scan")
    assert game.choices[0] == (0, 2, 0, 2) and set(game.choices[1:]) == {(0, 2, 0, 0)}
    assert game.visits[1].procedure == 2 and {visit.procedure for visit in game.visits[2:]} <= {0}


def test_a_procedure_without_a_lesion_that_may_be_treated_is_refused():
    game = Game(Setup(disease="prostate", patient=200_005, local_therapy=True))
    assert game.allowed[-1] == [True, False, False]
    with pytest.raises(UsageError, match=r"local therapy must be one of \[0\] now, got 2: no lesion may be so treated"):
        game.treat([2, 0, 2])
    assert game.choices == []


def test_barriers_that_are_switched_off_are_off(prostate):
    everything = Game(prostate).scenario
    for name, barrier in BARRIERS.items():
        scenario = Game(Setup(**asdict(prostate) | {"without": (name,)})).scenario
        assert everything.mechanisms - scenario.mechanisms == frozenset(barrier.without)
        assert (scenario.disease != everything.disease) == bool(barrier.changes)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"disease": "strobl2021"},
            "disease must be one of breast, breast_recurrent, lung, prostate, got 'strobl2021'",
        ),
        ({"patient": 300_000}, "patient must be a whole number in 0 … 299999, got 300000"),
        ({"patient": -1}, "patient must be a whole number in 0 … 299999, got -1"),
        ({"seed": -1}, "seed must be a whole number in 0 …"),
        ({"without": ("sleep",)}, "barrier that is switched off must be one of dissemination, "),
        ({"without": ("stroma", "stroma")}, "barriers switched off must be each name once"),
        ({"disease": "breast", "local_therapy": True}, "local therapy of breast must be False"),
    ],
)
def test_a_setup_that_there_is_not_is_refused(prostate, changed, said):
    with pytest.raises(UsageError, match=said):
        Setup(**asdict(prostate) | changed)


def test_local_therapy_is_offered_where_it_has_numbers():
    assert [name for name in offered() if not has_local_therapy(name)] == ["breast", "breast_recurrent"]
