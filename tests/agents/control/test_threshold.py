import pytest

from metaenv_agents.control.threshold import search_threshold


def test_search_returns_the_threshold_of_the_highest_score():
    found = search_threshold(lambda threshold: -((threshold - 1.4) ** 2), [1.0, 1.2, 1.4, 1.7])
    assert (found.best, max(found.scores)) == (1.4, 0.0)
    assert found.scores[0] == pytest.approx(-0.16)


def test_search_takes_the_first_of_equals():
    assert search_threshold(lambda _: 2.0, [0.5, 1.0]).best == 0.5


def test_nothing_to_try_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        search_threshold(lambda _: 0.0, [])


def test_score_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        search_threshold(lambda _: float("nan"), [1.0])
