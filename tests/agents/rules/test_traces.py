"""Courses worked out by hand; the columns are abiraterone, docetaxel (0, 1 = half, 2 = full) and local therapy."""

import numpy as np
import pytest

from metaenv_agents.rules import make_rule


def test_no_treatment_gives_nothing(clinic, course):
    assert not course(make_rule("no_treatment", clinic), [1.0, 5.0, 0.1]).any()


def test_maximum_tolerated_dose_gives_the_first_line_whatever_happens(clinic, course):
    given = course(make_rule("maximum_tolerated_dose", clinic), [1.0, 5.0, 0.0])
    assert given.tolist() == [[2, 0, 0]] * 3


def test_maximum_tolerated_dose_of_all_drugs(clinic, course):
    assert course(make_rule("maximum_tolerated_dose", clinic, drugs="all"), [1.0]).tolist() == [[2, 2, 0]]


def test_multimodal_irradiates_resects_contains_and_gives_the_second_line_while_borne(clinic, course):
    rule = make_rule("multimodal", clinic, courses=2, threshold=0.3)
    given = course(rule, [1.0, 0.5, 0.29, 0.31], grade=[0, 1, 1, 2])
    assert given.tolist() == [[2, 2, 2], [2, 2, 2], [0, 2, 1], [2, 0, 0]]


def test_intermittent_alternates_two_visits_on_and_two_off(clinic, course):
    given = course(make_rule("intermittent", clinic), [1.0] * 9)
    assert given[:, 0].tolist() == [2, 2, 0, 0, 2, 2, 0, 0, 2]


def test_intermittent_days_are_rounded_up_to_visits(clinic, course):
    given = course(make_rule("intermittent", clinic, on_days=29.0, off_days=27.0), [1.0] * 5)
    assert given[:, 0].tolist() == [2, 2, 2, 2, 2]  # days of cycle 0, 28, 0, 28, 0
    given = course(make_rule("intermittent", clinic, on_days=28.0, off_days=84.0), [1.0] * 5)
    assert given[:, 0].tolist() == [2, 0, 0, 0, 2]


def test_at50_stops_below_half_and_restarts_at_baseline(clinic, course):
    ratios = [1.0, 0.5, 0.49, 0.8, 0.99, 1.0, 0.7, 0.3, 1.2]
    given = course(make_rule("at50", clinic), ratios)
    assert given[:, 0].tolist() == [2, 2, 0, 0, 0, 2, 2, 0, 2]
    assert not given[:, 1:].any()


def test_at50_with_other_thresholds(clinic, course):
    given = course(make_rule("at50", clinic, stop=0.3, restart=0.6), [1.0, 0.4, 0.2, 0.5, 0.6])
    assert given[:, 0].tolist() == [2, 2, 0, 0, 2]


def test_at50_goes_on_as_before_without_a_measurement(clinic, course):
    given = course(make_rule("at50", clinic), [1.0, 0.1, 0.4, 1.5, 1.5], measured=[1, 0, 1, 0, 1])
    assert given[:, 0].tolist() == [2, 2, 0, 0, 2]


def test_containment_treats_at_and_above_the_threshold(clinic, course):
    given = course(make_rule("containment", clinic, threshold=1.25), [1.0, 1.25, 1.3, 1.2, 2.0])
    assert given[:, 0].tolist() == [0, 2, 2, 0, 2]


def test_containment_goes_on_as_before_without_a_measurement(clinic, course):
    given = course(make_rule("containment", clinic), [0.5, 9.0, 1.5, 0.5, 0.5], measured=[1, 0, 1, 0, 1])
    assert given[:, 0].tolist() == [0, 0, 2, 2, 0]


def test_containment_with_chosen_drugs(clinic, course):
    given = course(make_rule("containment", clinic, drugs=("docetaxel",)), [1.0, 0.9])
    assert given[:, :2].tolist() == [[0, 2], [0, 0]]


def test_second_line_joins_while_the_marker_is_high_and_pauses_at_grade_two(clinic, course):
    ratios = [1.0, 0.6, 0.45, 0.7, 1.1, 1.1]
    given = course(make_rule("at50_with_second_line", clinic), ratios, grade=[0, 1, 0, 2, 2, 1])
    assert given[:, :2].tolist() == [[2, 2], [2, 2], [0, 0], [0, 0], [2, 0], [2, 2]]


def test_second_line_needs_a_second_drug(clinic):
    from dataclasses import replace

    with pytest.raises(ValueError, match="needs a drug beyond"):
        make_rule("at50_with_second_line", replace(clinic, drugs=("abiraterone",)))


def test_random_is_reproducible_and_differs_between_seeds_visits_and_patients(clinic, course):
    first = course(make_rule("random", clinic), [1.0] * 30)
    assert np.array_equal(first, course(make_rule("random", clinic), [1.0] + [0.2] * 29))
    assert not np.array_equal(first, course(make_rule("random", clinic, seed=1), [1.0] * 30))
    assert not np.array_equal(first, course(make_rule("random", clinic), [0.9] * 30))
    assert len(np.unique(first, axis=0)) > 5


def test_random_levels_are_uniform(clinic, see):
    ratios = np.linspace(0.0, 10.0, 9000)
    actions, _ = make_rule("random", clinic).predict(see(ratios))
    for entry in actions.T:
        # 3 standard errors of a binomial share of 1/3 among 9000
        assert np.abs(np.bincount(entry, minlength=3) / 9000 - 1 / 3).max() < 3 * np.sqrt(2 / 9 / 9000)


def test_local_first_treats_what_is_seen_lesion_by_lesion_and_then_gives_the_drugs(clinic, course):
    given = course(
        make_rule("local_first", clinic, drugs="all"),
        [1.0] * 6,
        scanned=[1, 0, 0, 1, 0, 0],
        lesions=[2, 2, 2, 1, 1, 1],
        procedure=[0, 1, 1, 0, 0, 2],  # done at the last visit: the fourth resection is refused, so it irradiates
    )
    assert given.tolist() == [[0, 0, 1], [0, 0, 1], [2, 2, 0], [2, 2, 1], [2, 2, 2], [2, 2, 0]]


def test_local_first_waits_for_the_next_scan_where_both_procedures_are_refused(clinic, course):
    rule = make_rule("local_first", clinic)
    given = course(rule, [1.0] * 4, scanned=[1, 0, 0, 1], lesions=[1] * 4, procedure=[0] * 4)
    assert given.tolist() == [[0, 0, 1], [0, 0, 2], [2, 0, 0], [2, 0, 1]]


def test_local_first_gives_drugs_for_the_stated_time_or_none(clinic, course):
    assert course(make_rule("local_first", clinic, days=56.0), [1.0] * 3, scanned=[1] * 3).tolist() == [
        [2, 0, 0],
        [2, 0, 0],
        [0, 0, 0],
    ]
    watched = course(make_rule("local_first", clinic, drugs=()), [1.0] * 2, scanned=[1, 0], lesions=[1, 1])
    assert not watched[:, :2].any()


def test_local_first_needs_local_therapy(clinic):
    from dataclasses import replace

    with pytest.raises(ValueError, match="needs local therapy"):
        make_rule("local_first", replace(clinic, local_therapy=False))


def test_metronomic_gives_half_of_the_dose_whatever_happens(clinic, course):
    assert course(make_rule("metronomic", clinic), [1.0, 5.0, 0.0]).tolist() == [[1, 0, 0]] * 3


def test_dose_modulation_steps_with_the_trend(clinic, course):
    ratios = [1.0, 0.95, 0.8, 0.7, 0.3, 0.5, 0.52, 0.6, 2.0]  # within 10 %, falls three times, rises, within 10 %, ...
    given = course(make_rule("dose_modulation", clinic), ratios)
    assert given[:, 0].tolist() == [2, 2, 1, 0, 0, 1, 1, 2, 2]


def test_dose_modulation_compares_with_the_last_measurement_there_was(clinic, course):
    given = course(make_rule("dose_modulation", clinic), [1.0, 0.1, 0.8, 9.0, 0.8], measured=[1, 0, 1, 0, 1])
    assert given[:, 0].tolist() == [2, 2, 1, 1, 1]


def test_dose_skipping_treats_growth_only(clinic, course):
    given = course(make_rule("dose_skipping", clinic), [1.0, 0.6, 0.65, 0.72, 0.72, 0.9])
    assert given[:, 0].tolist() == [2, 0, 0, 2, 0, 2]


def test_dose_skipping_goes_on_as_before_without_a_measurement(clinic, course):
    given = course(make_rule("dose_skipping", clinic), [1.0, 0.1, 0.9, 9.0, 0.5], measured=[1, 0, 1, 0, 1])
    assert given[:, 0].tolist() == [2, 2, 0, 0, 0]


def test_alternating_takes_the_lines_in_turn(clinic, course):
    given = course(make_rule("alternating", clinic, days=50.0), [1.0] * 5)  # two visits of 28 days each
    assert given[:, :2].tolist() == [[2, 0], [2, 0], [0, 2], [0, 2], [2, 0]]


def test_two_strikes_strikes_again_at_the_response_rests_and_begins_again_at_baseline(clinic, course):
    rule = make_rule("two_strikes", clinic, response=0.3, days=56.0)
    given = course(rule, [1.0, 0.29, 0.1, 0.1, 0.5, 1.0, 0.9, 0.8])
    assert given[:, :2].tolist() == [[2, 0], [0, 2], [0, 2], [0, 0], [0, 0], [2, 0], [2, 0], [0, 2]]


def test_standard_of_care_of_prostate_cancer_is_abiraterone_until_progression_and_then_docetaxel(clinic, course):
    ratios = [1.0, 1.3, 1.3, 1.3, 1.5] + [1.0] * 7
    given = course(make_rule("standard_of_care", clinic), ratios)
    # 56 days above 1.2 times the start; then infusions on days 0, 28, ... 168 of at most 196
    assert given[:, :2].tolist() == [[2, 0]] * 3 + [[0, 2]] * 7 + [[0, 0]] * 2


def test_standard_of_care_needs_a_known_disease_and_its_drugs(clinic):
    from dataclasses import replace

    with pytest.raises(ValueError, match=r"knows the standards of .* got 'gout'"):
        make_rule("standard_of_care", replace(clinic, disease="gout"))
    with pytest.raises(ValueError, match="needs a drug of the standard"):
        make_rule("standard_of_care", replace(clinic, drugs=("aspirin", "quinine")))
    alone = make_rule("standard_of_care", replace(clinic, drugs=("docetaxel",)))
    assert alone.sequential.given_lines == (("docetaxel",),)
