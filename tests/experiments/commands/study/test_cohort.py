"""Table 1 says what the patients are, and freezing writes what the fingerprints are."""

import json

import numpy as np
import pandas as pd
import pytest

import metaenv
from metaenv import fingerprint
from metaenv_experiments.__main__ import main
from metaenv_experiments.commands.study import cohort as command
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.cohort.description import UntreatedLesions, describe, doubling_times, growth_rates


def row(table, name):
    found = table[table["characteristic"] == name]
    assert len(found) == 1, name
    return found.iloc[0]


@pytest.fixture(scope="module")
def prostate():
    return describe(Task(disease="prostate", cohort="test", patients=64, seed=0)).rows


def test_the_table_repeats_what_the_disease_states(prostate):
    lesions = row(prostate, "visible lesions")
    assert (lesions["low"], lesions["high"]) == (4, 12)  # drawn uniformly between these
    assert row(prostate, "patients")["n"] == 64
    assert row(prostate, "neutrophils")["median"] == pytest.approx(5.22, rel=0.15)
    assert row(prostate, "PSA, first sample")["median"] == pytest.approx(
        row(prostate, "burden")["median"] / 1e9, rel=0.2
    )
    assert row(prostate, "single disseminated cells")["median"] == pytest.approx(60, rel=0.15)
    assert row(prostate, "patients with visible lesions in bone")["percent"] > 80


def test_a_shift_shows_in_the_table(prostate):
    shifted = describe(Task(disease="prostate", cohort="test", patients=64, seed=0, shift="other_organs")).rows
    organ = "patients with visible lesions in brain"
    assert row(shifted, organ)["n"] > row(prostate, organ)["n"]
    same = row(shifted, "visible lesions") == row(prostate, "visible lesions")
    assert same[["n", "median", "low", "high"]].all()


def test_growth_is_measured_on_lesions_that_are_still_there():
    course = UntreatedLesions(
        visible=np.array([[True, True, False], [True, False, False]]),
        organ=np.zeros((2, 3), dtype=np.int64),
        start=np.array([[1e9, 1e9, 1e3], [1e9, 0.0, 0.0]]),
        end=np.array([[2e9, 0.0, 1e9], [4e9, 0.0, 0.0]]),
        days=np.array([70.0, 70.0]),
    )
    np.testing.assert_allclose(growth_rates(course), np.log([2.0, 4.0]) / 70.0)
    np.testing.assert_allclose(doubling_times(growth_rates(course)), [70.0, 35.0])
    assert doubling_times(np.array([-0.01, 0.0])).size == 0


def test_the_command_prints_and_stores_the_table(capsys, tmp_path):
    out = tmp_path / "run"
    arguments = [
        "study",
        "cohort",
        "--disease",
        "breast",
        "--patients",
        "16",
        "--shift",
        "lower_cost",
        "--out",
        str(out),
    ]
    assert main(arguments) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "16 patients of the test cohort, shift lower_cost" in printed
    table = pd.read_csv(out / "table1.csv")
    assert row(table, "visible lesions")["high"] == 0
    text = (out / "table1.md").read_text(encoding="utf-8")
    assert text.count("\n| ") == len(table) + 1
    assert "| patients | 16 (100 %) |" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["study", "cohort", "--shift", "older"], "unknown shift 'older'"),
        (
            ["study", "cohort", "--disease", "viossat2021", "--shift", "lower_cost"],
            "changes nothing in disease 'viossat2021'",
        ),
        (["study", "cohort", "--patients", "0"], "--patients must be >= 1"),
        (["study", "cohort", "--freeze", "--out", "somewhere"], "--out must be given without --freeze"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(arguments, message, refused):
    refused(arguments, message)


def test_freezing_needs_a_checkout(monkeypatch, refused):
    monkeypatch.setattr(command, "CHECKOUT", None)
    asked = ["study", "cohort", "--freeze"]
    refused(asked, "--freeze needs a checkout of the project, whose metaenv/fingerprints.json")


def test_freezing_writes_the_fingerprints_and_says_what_changed(capsys, monkeypatch, tmp_path):
    path = tmp_path / "cohorts.json"
    for module in (fingerprint, command):
        monkeypatch.setattr(module, "FROZEN", path)
    monkeypatch.setattr(metaenv, "DISEASES", {"strobl2021": metaenv.DISEASES["strobl2021"]})
    assert main(["study", "cohort", "--freeze"]) == 0
    assert "strobl2021: changed: drawn, course" in capsys.readouterr().out
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["diseases"] == {"strobl2021": fingerprint.take("strobl2021")}
    assert main(["study", "cohort", "--freeze"]) == 0
    assert "strobl2021: as before" in capsys.readouterr().out
    content["diseases"]["strobl2021"]["course"] = "0" * 64
    path.write_text(json.dumps(content), encoding="utf-8")
    assert main(["study", "cohort", "--freeze"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "strobl2021: changed: course" in printed
    assert "raise VERSION" in printed
