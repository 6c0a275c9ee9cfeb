"""Rules that one measurement guides, and constant ones, worked out by hand."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from metaenv_agents.rules import make_rule


def abiraterone(course, rule, ratios, **seen):
    return course(rule, ratios, **seen)[:, 0].tolist()


def with_neutrophils(clinic):
    """A clinic whose first part of the observation counts neutrophils, in 1e10/L."""
    layout = copy(clinic.layout)
    layout.neutrophils = layout.marker_ratio
    return replace(clinic, layout=layout)


def test_treat_above_is_at50_by_scans(clinic, course):
    given = abiraterone(
        course, make_rule("treat_above", clinic), [9.0] * 6, diameters=[80, 50, 40, 39, 79, 80], scanned=[1] * 6
    )
    assert given == [2, 2, 2, 0, 0, 2]


def test_treat_above_counts_from_ten_millimetres_where_little_was_seen(clinic, course):
    given = abiraterone(course, make_rule("treat_above", clinic), [1.0] * 4, diameters=[0, 9, 10, 5])
    assert given == [0, 0, 2, 2]


def test_treat_above_watches_first_where_it_starts_above_the_baseline(clinic, course):
    rule = make_rule("treat_above", clinic, measurement="marker", start=1.2, hold=0.9)
    assert abiraterone(course, rule, [1.0, 1.1, 1.2, 0.95, 0.85, 1.1]) == [0, 0, 2, 2, 0, 0]


def test_treat_above_with_one_threshold_is_containment(clinic, course):
    ratios = np.random.default_rng(0).uniform(0.5, 1.5, 30)
    rule = make_rule("treat_above", clinic, measurement="marker", start=0.9, hold=0.9)
    assert np.array_equal(course(rule, ratios), course(make_rule("containment", clinic, threshold=0.9), ratios))


def test_treat_above_keeps_the_last_marker_where_none_was_measured(clinic, course):
    rule = make_rule("treat_above", clinic, measurement="marker")
    assert abiraterone(course, rule, [1.0, 0.1, 0.4, 9.0], measured=[1, 0, 1, 0]) == [2, 2, 0, 0]


def test_treat_above_pauses_for_toxicity_but_not_what_is_always_given(clinic, course):
    rule = make_rule(
        "treat_above", clinic, measurement="lesions", start=3.0, hold=2.0, level=0.5, always=("docetaxel",),
        stop_at_grade=2.0,
    )  # fmt: skip
    given = course(rule, [1.0] * 5, lesions=[3, 2, 1, 4, 4], grade=[0, 0, 0, 2, 1])
    assert given[:, :2].tolist() == [[1, 2], [1, 2], [0, 2], [0, 2], [1, 2]]


def test_treat_above_waits_for_time_to_pass(clinic, course):
    rule = make_rule("treat_above", clinic, measurement="years", start=0.2, hold=0.0)
    assert abiraterone(course, rule, [1.0] * 5) == [0, 0, 0, 2, 2]  # days 0, 28, 56, 84, 112; 0.2 years are 73 days


def test_treat_above_holds_the_dose_while_neutrophils_are_few(clinic, course):
    rule = make_rule("treat_above", with_neutrophils(clinic), measurement="neutrophils", start=1.5, hold=1.0)
    assert abiraterone(course, rule, [0.4, 0.11, 0.09, 0.14, 0.15]) == [2, 2, 0, 0, 2]


def test_hold_above_breaks_for_toxicity_until_it_is_mild(clinic, course):
    given = abiraterone(course, make_rule("hold_above", clinic), [1.0] * 6, grade=[0, 1.9, 2, 1.5, 0.9, 1.5])
    assert given == [2, 2, 0, 0, 2, 2]


def test_hold_above_withdraws_the_drug_while_blood_shows_resistance(clinic, course):
    rule = make_rule("hold_above", clinic, measurement="resistance", hold=0.3, resume=0.1)
    given = abiraterone(course, rule, [1.0] * 5, allele=[np.nan, 0.2, 0.3, 0.2, 0.05])
    assert given == [2, 2, 0, 0, 2]


def test_dose_titration_raises_while_borne_and_lowers_from_a_grade(clinic, course):
    given = abiraterone(course, make_rule("dose_titration", clinic), [1.0] * 7, grade=[3, 0, 1, 2, 2, 2, 0.5])
    assert given == [1, 2, 2, 1, 0, 0, 1]


def test_dose_titration_lowers_where_neutrophils_are_few(clinic, course):
    rule = make_rule("dose_titration", with_neutrophils(clinic), neutrophils=1.5)
    assert abiraterone(course, rule, [0.4, 0.14, 0.14, 0.16]) == [1, 0, 0, 1]


def test_constant_gives_each_drug_its_own_level(clinic, course):
    given = course(make_rule("constant", clinic, doses=(1.0, 0.5)), [1.0, 0.1])
    assert given.tolist() == [[2, 1, 0]] * 2
    assert course(make_rule("constant", clinic), [1.0]).tolist() == [[1, 1, 0]]


@pytest.mark.parametrize(
    ("procedures", "asked"), [("irradiate", [2, 2, 2]), ("resect", [1, 1, 1]), ("both", [2, 1, 2])]
)
def test_constant_asks_for_procedures_at_every_visit(clinic, course, procedures, asked):
    given = course(make_rule("constant", clinic, doses=(1.0, 0.0), procedures=procedures), [1.0] * 3)
    assert given.tolist() == [[2, 0, local] for local in asked]
