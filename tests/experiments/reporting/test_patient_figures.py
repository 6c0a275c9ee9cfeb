"""Treatment over time, patient by patient."""

from metaenv_experiments.reporting.patient_figures import _stretches


def test_neighbouring_visits_with_one_treatment_are_one_bar():
    assert _stretches(["a", "a", "b", "a"], [0.0, 1.0, 3.0, 4.0, 6.0]) == {
        "a": [(0.0, 3.0), (4.0, 2.0)],
        "b": [(3.0, 1.0)],
    }
