"""Rules of visit timing and partial doses, worked out by hand; visits are 28 days apart."""

from dataclasses import replace

import pytest

from metaenv_agents.rules import make_rule


def abiraterone(course, rule, ratios, **seen):
    return course(rule, ratios, **seen)[:, 0].tolist()


def test_look_ahead_treats_where_the_marker_would_cross_before_the_next_visit(clinic, course):
    rule = make_rule("look_ahead", clinic, doubling=28.0)  # doubles until the next visit, as long as nothing is known
    assert abiraterone(course, rule, [0.5, 0.49]) == [2, 0]


def test_look_ahead_learns_growth_from_two_visits_without_a_dose_between(clinic, course):
    rule = make_rule("look_ahead", clinic, doubling=28.0)
    # times 1.5 while off: 0.6 x 1.5 is below the threshold and 0.9 x 1.5 above; what falls under treatment counts not
    assert abiraterone(course, rule, [0.4, 0.6, 0.9, 0.66, 0.68]) == [0, 0, 2, 0, 0]


def test_look_ahead_forgets_no_growth_while_it_treats(clinic, course):
    rule = make_rule("look_ahead", clinic, doubling=280.0)
    # off: 0.45, 0.9 (doubles, so it treats), then treated: 0.6 would be 1.2 (treats), 0.4 would be 0.8 (pauses)
    assert abiraterone(course, rule, [0.45, 0.9, 0.6, 0.4]) == [0, 2, 2, 0]


def test_look_ahead_goes_on_as_before_without_a_measurement_and_counts_the_time(clinic, course):
    rule = make_rule("look_ahead", clinic, doubling=280.0)
    # 0.2 to 0.8 in two visits: doubles in one
    given = abiraterone(course, rule, [0.2, 9.0, 0.8, 0.1, 0.45], measured=[1, 0, 1, 0, 1])
    assert given == [0, 0, 2, 2, 0]


def test_look_ahead_holds_the_marker_lower_where_visits_are_rarer(clinic, course):
    often = make_rule("look_ahead", clinic, doubling=84.0)
    seldom = make_rule("look_ahead", replace(clinic, visit_interval=84.0), doubling=84.0)
    assert abiraterone(course, often, [0.6]) == [0]
    assert abiraterone(course, seldom, [0.6]) == [2]


def test_range_bounded_rounds_the_dose_to_halves_by_the_place_in_the_range(clinic, course):
    given = abiraterone(course, make_rule("range_bounded", clinic), [1.0, 0.5, 0.62, 0.63, 0.87, 0.88, 3.0])
    assert given == [2, 0, 0, 1, 1, 2, 2]


def test_range_bounded_is_proportional_where_doses_are_continuous(clinic, course):
    rule = make_rule("range_bounded", replace(clinic, action="continuous"), low=0.2, high=1.2)
    assert abiraterone(course, rule, [0.1, 0.3, 0.95]) == pytest.approx([0.0, 0.1, 0.75])


def test_range_bounded_goes_on_as_before_without_a_measurement(clinic, course):
    given = abiraterone(course, make_rule("range_bounded", clinic), [9.0, 0.75, 9.0, 0.1], measured=[0, 1, 0, 1])
    assert given == [2, 1, 1, 0]


def test_partial_cycle_rests_for_the_remainder_whatever_the_marker(clinic, course):
    rule = make_rule("partial_cycle", clinic, cycle_days=112.0)  # four visits, two of them treated
    ratios = [0.9, 1.0, 0.2, 5.0, 5.0, 0.9, 1.1, 0.5]
    assert abiraterone(course, rule, ratios) == [0, 2, 2, 0, 0, 0, 2, 2]


def test_partial_cycle_begins_again_at_once_above_the_threshold(clinic, course):
    rule = make_rule("partial_cycle", clinic, cycle_days=56.0)
    assert abiraterone(course, rule, [1.0] * 5) == [2, 0, 2, 0, 2]


def test_partial_cycle_begins_none_without_a_measurement(clinic, course):
    rule = make_rule("partial_cycle", clinic, cycle_days=28.0)
    assert abiraterone(course, rule, [9.0, 9.0, 9.0], measured=[1, 0, 1]) == [2, 0, 2]
