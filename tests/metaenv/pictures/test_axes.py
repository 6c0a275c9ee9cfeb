"""Axes hold what they show, with few round marks."""

import numpy as np
import pytest

from metaenv.pictures.axes import Panel, decades, level_marks, short, year_ticks, years_shown


@pytest.mark.parametrize("value", [0.0, 0.3, 4.9, 10.0, 99.0, 123.0, 5e4])
@pytest.mark.parametrize("most", [3.5, 5.0])
def test_level_axis_holds_the_value_and_has_a_few_round_marks(value, most):
    top, marks = level_marks(value, 1.0, most)
    assert top > value and top >= 1.0 and marks[0] == 0.0 and marks[-1] <= top
    assert 2 <= len(marks) <= most + 1
    assert all(float(f"{mark:.1e}") == pytest.approx(mark) for mark in marks)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (0.1, 400.0), (1e-3, 1e8), (20.0, 30.0)])
def test_logarithmic_axis_holds_both_ends_and_has_marks(low, high):
    start, end, marks = decades(low, high)
    assert 10**start < low and high < 10**end and end - start >= 0.99
    assert 2 <= len(marks) <= 9 and all(10**start * 0.999 <= mark <= 10**end * 1.001 for mark in marks)


@pytest.mark.parametrize("horizon", [100.0, 2520.0, 3640.0, 7308.0])
def test_time_axis_holds_every_day_of_the_follow_up(horizon):
    for day in np.linspace(0.0, horizon, 50):
        years = years_shown(float(day), horizon)
        assert day <= years * 365.25 * (1 + 1e-12) and years * 365.25 <= horizon * (1 + 1e-12)
        assert 1 <= len(year_ticks(years)) <= 8


def test_long_curve_keeps_its_ends_and_is_thinned():
    panel = Panel(left=0.0, right=100.0, top=0.0, bottom=50.0, span=1000.0, high=1000.0)
    day = np.arange(1001.0)
    points = panel.points(day, day)
    assert len(points) <= 200 and points[0].tolist() == [0.0, 50.0] and points[-1].tolist() == [100.0, 0.0]


def test_value_outside_the_frame_lies_on_its_edge():
    panel = Panel(left=0.0, right=1.0, top=0.0, bottom=10.0, span=1.0, low=0.0, high=2.0, log=True)
    assert panel.y(np.array([0.0, 1.0, 10.0, 100.0, 1e9])).tolist() == [10.0, 10.0, 5.0, 0.0, 0.0]


def test_marks_are_short():
    assert [short(mark) for mark in (0.05, 2.0, 2000.0, 1e6, 5e12)] == ["0.05", "2", "2000", "1e6", "5e12"]
