"""What is said of the model's credibility is counted, computed and resumable; what is cited exists."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metaenv
from metaenv.distribution import LogNormal, Normal
from metaenv.variation import vary
from metaenv_experiments.__main__ import main
from metaenv_experiments.commands.study import credibility
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.studies.credibility import sensitivity
from metaenv_experiments.studies.credibility.evidence import CLASSES, classify, comments_on_numbers, count_marks
from metaenv_experiments.studies.credibility.figure import draw_effects
from metaenv_experiments.studies.credibility.sensitivity import (
    LEADING,
    OUTCOMES,
    Uncertain,
    changes_at,
    design,
    elementary_effects,
    parameters_of,
    ranked,
)

ROOT = Path(__file__).parents[4]
FEW = (
    Uncertain(path="rates.birth", how="factor", low=0.8, high=1.25),
    Uncertain(path="host.lethal_hazard", how="factor", low=0.5, high=2.0),
)
TINY = ["study", "credibility", "--patients", "4", "--trajectories", "2"]


# ---- marks


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# /day; Source: Bozic2013", "source"),
        ("# of health; NICECG131", "source"),
        ("# /day; Source: Nobody1900", "unit only"),
        ("# days, label; from memory", "unit only"),
        ("# /day; fitted to Bozic2013", "fitted"),
        ("# /day; calibrated in a trial run", "fitted"),
        ("# /day; guess (6 in fits of Bozic2013)", "guess"),
        ("", "unit only"),
    ],
)
def test_a_line_counts_by_the_weakest_of_its_marks(comment, found):
    assert classify(comment, {"Bozic2013", "NICECG131"}) == found


def test_only_lines_with_numbers_that_say_something_count():
    text = '"""Since 1999."""\nX = f(\n    a=0.3,  # one\n    b=0.0,\n    lesions=32,\n    # two\n    c=(2, 3),\n)\n'
    assert [comment.split() for comment in comments_on_numbers(text)] == [["#", "one"], ["#", "two"]]


def test_every_preset_is_counted():
    marks = count_marks()
    assert set(marks[marks["kind"] == "disease"]["name"]) == set(metaenv.DISEASES)
    assert set(marks[marks["kind"] == "drug"]["name"]) >= {"abiraterone", "toxicity"}
    assert (marks[list(CLASSES)].sum(axis=1) > 0).all()


# ---- sensitivity


def test_a_position_moves_over_the_whole_range():
    assert [Uncertain(path="", how="value", low=1.0, high=3.0).at(9.0, u) for u in (0.0, 0.5, 1.0)] == [1.0, 2.0, 3.0]
    steps = [Uncertain(path="", how="value", low=1e-4, high=1e-2, log=True).at(9.0, u) for u in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(steps, [1e-4, 1e-3, 1e-2])
    double = Uncertain(path="", how="factor", low=0.5, high=2.0)
    assert (double.at(3.0, 0.5), double.at(LogNormal(0.1, 0.2), 1.0)) == (3.0, LogNormal(0.2, 0.2))
    shift = Uncertain(path="", how="offset", low=-0.5, high=0.5)
    assert (shift.at(3.0, 1.0), shift.at(Normal(9.0, 1.0), 0.0)) == (3.5, Normal(8.5, 1.0))


@pytest.mark.parametrize("disease", LEADING)
def test_every_end_of_every_range_is_a_disease(disease):
    parameters, scenario = parameters_of(disease), metaenv.make_scenario(disease)
    assert len(parameters) >= 15
    for end in (0.0, 1.0):
        vary(scenario, changes_at(scenario, parameters, np.full(len(parameters), end)))


def test_a_linear_result_gives_its_coefficients_and_no_spread():
    parameters = parameters_of("prostate")
    points = design(parameters, 4, seed=1)
    assert points.shape == (4 * (len(parameters) + 1), len(parameters))
    slopes = np.arange(len(parameters), dtype=float)
    results = pd.DataFrame({"maximum_tolerated_dose": points @ slopes, "at50": -3.0 * (points @ slopes)})
    effects = elementary_effects(parameters, points, results, seed=1)
    assert set(effects["outcome"]) == set(OUTCOMES)
    for outcome, factor in (("maximum_tolerated_dose", 1.0), ("at50", -3.0), ("gain", -4.0)):
        rows = effects[effects["outcome"] == outcome]
        np.testing.assert_allclose(rows["mu"], factor * slopes, atol=1e-9)
        np.testing.assert_allclose(rows["mu_star"], abs(factor) * slopes, atol=1e-9)
        np.testing.assert_allclose(rows["sigma"], 0.0, atol=1e-9)
        assert ranked(effects, outcome)["parameter"][0] == list(parameters)[-1]


# ---- the command


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(sensitivity, "UNCERTAIN", FEW)


def test_the_command_leaves_table_picture_and_text(few, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    docs = tmp_path / "docs"
    assert main([*TINY, "--out", str(tmp_path / "run"), "--docs", str(docs)]) == 0
    assert "rates.birth" in capsys.readouterr().out
    names = {str(path.relative_to(tmp_path / "run")) for path in (tmp_path / "run").rglob("*") if path.is_file()}
    stored = {"effects.parquet", "points.parquet", "marks.parquet", "config.json", "provenance.json"}
    assert names == {*stored, "credibility.md", "pictures/sensitivity.png"}
    assert (docs / "pictures" / "sensitivity.png").is_file()
    text = (docs / "credibility.md").read_text(encoding="utf-8")
    marks = pd.read_parquet(tmp_path / "run" / "marks.parquet")
    assert f"of {marks[list(CLASSES)].to_numpy().sum()} lines" in text
    assert "2 uncertain numbers" in text
    assert "6 points" in text
    assert re.search(r"at [0-6] of 6, with a median gain of\n-?[0-9.]+ months", text)
    assert "$" not in text
    assert "Not for clinical use" in text


def test_faster_growth_kills_sooner_and_so_do_higher_hazards(few, tmp_path):
    assert main([*TINY, "--out", str(tmp_path / "run")]) == 0
    effects = pd.read_parquet(tmp_path / "run" / "effects.parquet")
    assert (effects[effects["outcome"] == "maximum_tolerated_dose"]["mu"] < 0).all()


def test_a_study_that_was_cut_off_goes_on_and_ends_the_same(few, tmp_path, monkeypatch):
    assert main([*TINY, "--out", str(tmp_path / "whole")]) == 0
    played, real = [], sensitivity.evaluate

    def cut(task, changes):
        played.append(changes)
        if len(played) == 4:
            raise KeyboardInterrupt
        return real(task, changes)

    monkeypatch.setattr(credibility, "evaluate", cut)
    assert main([*TINY, "--out", str(tmp_path / "cut")]) != 0
    assert main([*TINY, "--out", str(tmp_path / "cut"), "--resume"]) == 0
    assert len(played) == 4 + 3  # of six points three were done, the fourth was cut off
    for name in ("effects.parquet", "points.parquet"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_disease_without_ranges_is_refused(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main([*TINY, "--disease", "strobl2021"]) == BAD_REQUEST
    assert "--disease must be one of prostate, lung, breast_recurrent, got 'strobl2021'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# ---- the text


def test_every_file_that_the_text_names_exists():
    text = credibility.TEMPLATE.read_text(encoding="utf-8")
    named = re.findall(r"`([\w./-]+(?:/|\.(?:py|md|json|txt|cff|bib)))`", text)
    assert len(named) > 10
    missing = [name for name in named if name != "provenance.json" and not (ROOT / name).exists()]
    assert not missing


def test_every_source_that_the_text_names_is_in_the_bibliography():
    keys = re.findall(r"^@\w+\{([^,\s]+),", (ROOT / "metaenv" / "references.bib").read_text(encoding="utf-8"), re.M)
    text = credibility.TEMPLATE.read_text(encoding="utf-8")
    cited = set(re.findall(r"`([A-Z]\w+(?:19|20)\d\d)`", text))
    assert cited >= {"Erdemir2020", "Manchel2025", "Morris1991"}
    assert cited <= set(keys)


def test_no_bar_of_the_picture_is_cut_off(tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    rows = [(outcome, path, 5.0 * k + 1.0, 2.0, 1.0) for k, outcome in enumerate(OUTCOMES) for path in ("a", "b")]
    effects = pd.DataFrame(rows, columns=["outcome", "parameter", "mu_star", "mu_star_reach", "sigma"])
    monkeypatch.setattr(plt, "close", lambda figure: None)
    draw_effects(effects, Task(disease="prostate", cohort="train", patients=1, seed=0), tmp_path / "effects.png")
    for axis in plt.gcf().axes:
        assert axis.get_xlim()[0] == 0.0 and axis.get_xlim()[1] >= 5.0 * 2 + 1.0 + 2.0
    monkeypatch.undo()
    plt.close("all")


def test_a_page_goes_into_a_folder(refused):
    refused(["study", "credibility", "--docs", __file__], "--docs must be a folder, got")
