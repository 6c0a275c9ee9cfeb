"""Courses small enough to be read by eye."""

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.evaluation import courses

E = np.e


@pytest.fixture
def two():
    """Patient 1: on, on, off, off, on, on, progressed at the last visit but one. Patient 2: off throughout."""
    one = pd.DataFrame(
        {
            "patient": 1,
            "visit": range(8),
            "day": [0, 28, 56, 84, 112, 140, 168, 196],
            "marker": [10, 10 / E, 5, 5 * E, 5 * E**2, 20, 40, 80],
            "dose_abiraterone": [0, 1, 1, 0, 0, 1, 1, 0],
            "dose_docetaxel": [0, 0, 0, 0, 0, 0, 0, 1],
            "resistant_AR-V7": [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9],
            "progressed": [False] * 6 + [True, True],
        }
    )
    two = pd.DataFrame(
        {
            "patient": 2,
            "visit": range(3),
            "day": [0, 28, 56],
            "marker": [1, 2, 4],
            "dose_abiraterone": 0.0,
            "dose_docetaxel": 0.0,
            "resistant_AR-V7": 0.0,
            "progressed": False,
        }
    )
    return pd.concat([one, two], ignore_index=True)


def test_the_visit_at_which_progression_was_recorded_is_the_last_before_it(two):
    assert courses.until_progression(two).groupby("patient")["visit"].max().tolist() == [6, 2]


def test_dose_share_is_the_mean_dose_until_progression(two):
    shares = courses.dose_shares(two)
    assert shares["dose_abiraterone_share"].tolist() == pytest.approx([4 / 6, 0.0])
    assert shares["dose_docetaxel_share"].tolist() == [0.0, 0.0]


def test_resistance_is_read_at_progression_and_only_of_the_progressed(two):
    found = courses.resistance_at_progression(two)
    assert found["AR-V7_at_progression"].to_dict() == {1: 0.5}


def test_slopes_are_of_the_natural_logarithm_per_day(two):
    slopes = courses.marker_slopes(two, "abiraterone")
    assert slopes.loc[1, "marker_fall_per_day"] == pytest.approx(1 / 28)
    assert slopes.loc[1, "marker_rise_per_day"] == pytest.approx(1 / 28)  # both stretches off the drug
    assert slopes.loc[2, "marker_rise_per_day"] == pytest.approx(np.log(2) / 28)
    assert np.isnan(slopes.loc[2, "marker_fall_per_day"])


def test_a_cycle_lasts_from_start_to_start(two):
    slopes = courses.marker_slopes(two, "abiraterone")
    assert slopes.loc[1, "cycle_days"] == 112.0  # started at day 0 and at day 112
    assert np.isnan(slopes.loc[2, "cycle_days"])


def test_no_slope_joins_two_patients(two):
    stretches = courses.intervals(courses.followed(two, "abiraterone"))
    assert len(stretches) == 6 + 2
    assert stretches["slope"].notna().all()
    assert (stretches["day"] > stretches["from_day"]).all()
