"""Lines of treatment, worked out by hand; visits are 28 days apart, so 56 days are three visits in a row."""

from dataclasses import replace

import numpy as np
import pytest

from metaenv_agents.rules import make_rule

ABIRATERONE, DOCETAXEL, NOTHING = [2, 0], [0, 2], [0, 0]
LINES = (("abiraterone",), ("docetaxel",), ("abiraterone", "docetaxel"))


def doses(course, rule, ratios, **seen):
    return course(rule, ratios, **seen)[:, :2].tolist()


def test_the_next_line_begins_once_the_marker_was_above_its_threshold_over_56_days(clinic, course):
    given = doses(course, make_rule("sequential", clinic), [1.0, 1.3, 1.1, 1.3, 1.3, 1.3, 1.3])
    assert given == [ABIRATERONE] * 5 + [DOCETAXEL] * 2


def test_each_line_has_its_own_baseline_and_the_last_goes_on(clinic, course):
    rule = make_rule("sequential", clinic, lines=LINES, confirmation=0.0)
    ratios = [1.0, 1.19, 1.21, 1.44, 1.46, 9.0, 9.0]
    assert doses(course, rule, ratios) == [ABIRATERONE] * 2 + [DOCETAXEL] * 2 + [[2, 2]] * 3


def test_above_the_lowest_marker_of_the_line_when_the_reference_is_the_nadir(clinic, course):
    rule = make_rule("sequential", clinic, reference="nadir", confirmation=28.0)
    assert doses(course, rule, [1.0, 0.3, 0.35, 0.37, 0.37, 0.37]) == [ABIRATERONE] * 4 + [DOCETAXEL] * 2


def test_a_visit_without_a_marker_changes_nothing(clinic, course):
    rule = make_rule("sequential", clinic, confirmation=28.0)
    given = doses(course, rule, [1.0, 1.3, 9.0, 1.3], measured=[1, 1, 0, 1])
    assert given == [ABIRATERONE] * 3 + [DOCETAXEL]


def test_a_line_pauses_after_its_most_days_until_progression(clinic, course):
    rule = make_rule("sequential", clinic, lines=LINES, confirmation=0.0, most_days=(56.0, np.inf, 29.0))
    ratios = [1.0, 0.2, 0.2, 1.3, 1.3, 1.6, 1.6, 1.6, 1.6]
    assert doses(course, rule, ratios) == [ABIRATERONE] * 2 + [NOTHING] + [DOCETAXEL] * 2 + [[2, 2]] * 2 + [NOTHING] * 2


def test_first_line_follows_the_reported_response_and_only_at_a_scan(clinic, course):
    rule = make_rule("sequential", clinic, switch_on="recist")
    given = doses(course, rule, [1.0, 9.0, 1.0, 1.0], scanned=[1, 1, 0, 1], response=[2, 1, 3, 3], diameters=[80] * 4)
    assert given == [ABIRATERONE] * 3 + [DOCETAXEL]


@pytest.mark.parametrize(
    ("diameters", "lesions", "moves_at"),
    [
        ([80, 80, 50, 59, 60], [4] * 5, 4),  # 20 % above 50
        ([80, 20, 10, 14.9, 15], [4] * 5, 4),  # 20 % and 5 mm above 10
        ([80, 80, 50, 50, 50], [4, 4, 3, 3, 4], 4),  # more than the fewest
        ([80, 60, 60, 60, 60], [4] * 5, None),
    ],
)
def test_later_lines_are_judged_from_their_own_start(clinic, course, diameters, lesions, moves_at):
    rule = make_rule("sequential", clinic, lines=LINES, switch_on="recist")
    seen = {"diameters": [10, *diameters], "lesions": [1, *lesions], "response": [2] + [3] * 5}
    given = doses(course, rule, [1.0] * 6, scanned=[1] * 6, **seen)
    later = [DOCETAXEL] * 5 if moves_at is None else [DOCETAXEL] * moves_at + [[2, 2]] * (5 - moves_at)
    assert given == [ABIRATERONE, *later]


@pytest.mark.parametrize(("allele", "second"), [(0.03, DOCETAXEL), (0.01, [2, 2]), (np.nan, [2, 2])])
def test_a_line_that_needs_a_trait_is_passed_over_without_it(clinic, course, allele, second):
    rule = make_rule("sequential", clinic, lines=LINES, confirmation=0.0, needs=(None, "AR-V7", None))
    given = doses(course, rule, [1.0, 1.0, 1.3], allele=[0.5, 0.5, allele])
    assert given == [ABIRATERONE] * 2 + [second]


@pytest.mark.parametrize(("early", "second"), [(True, DOCETAXEL), (False, ABIRATERONE)])
def test_an_early_change_does_not_wait_for_progression_where_blood_shows_the_trait(clinic, course, early, second):
    rule = make_rule("sequential", clinic, needs=(None, "AR-V7"), early=early)
    assert doses(course, rule, [1.0, 0.5, 0.5], allele=[0.01, 0.01, 0.03]) == [ABIRATERONE] * 2 + [second]


def test_adaptive_first_line_stops_and_restarts_until_progression(clinic, course):
    rule = make_rule("sequential", clinic, first="at50")
    ratios = [1.0, 0.49, 0.8, 1.3, 1.3, 1.3, 0.4, 0.4]
    given = doses(course, rule, ratios)
    assert given == [ABIRATERONE, NOTHING, NOTHING, ABIRATERONE, ABIRATERONE, DOCETAXEL, DOCETAXEL, DOCETAXEL]


def test_the_clinic_says_by_what_progression_is_judged(clinic, course):
    scans = make_rule("sequential", replace(clinic, progression="recist"))
    assert doses(course, scans, [1.0, 9.0, 9.0, 9.0, 9.0]) == [ABIRATERONE] * 5


def test_without_lines_or_a_second_drug_there_is_no_sequence(clinic):
    lone = replace(clinic, drugs=("abiraterone",))
    with pytest.raises(ValueError, match="needs a drug beyond"):
        make_rule("sequential", lone)
    assert make_rule("sequential", lone, lines=(("abiraterone",),)).given_lines == (("abiraterone",),)


def test_fixed_duration_gives_the_drug_until_the_days_have_passed(clinic, course):
    given = doses(course, make_rule("fixed_duration", clinic, days=57.0), [1.0, 0.1, 9.0, 1.0, 1.0])
    assert given == [ABIRATERONE] * 3 + [NOTHING] * 2
