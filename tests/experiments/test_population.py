"""Counts and sums of a population say what the table of its patients says, whoever counts, whenever."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments import population, statistics
from experiments.__main__ import main
from experiments.contestants import rule
from experiments.population import Outcome, added, outcome, tally
from experiments.tasks import Task


@pytest.fixture(scope="module")
def episodes():
    task = Task(disease="prostate", cohort="test", patients=1, seed=0)
    return rule("at50", task).play(task, np.arange(1_000_000, 1_000_024)).episodes


def counted(episodes, size):
    total = pd.Series(dtype=np.float64)
    for first in range(0, len(episodes), size):
        total = added(total, tally(episodes.iloc[first : first + size]))
    return outcome(total)


@pytest.mark.parametrize("size", [24, 7, 1])
def test_counts_say_what_the_table_says(episodes, size):
    found = counted(episodes, size)
    assert isinstance(found, Outcome) and found.patients == 24
    for event, days in population.EVENTS.items():
        curve = statistics.kaplan_meier(episodes[days], episodes[event])
        np.testing.assert_allclose(found.medians[event], statistics.median(curve))
    for name in ("return", "dose_intensity_abiraterone"):
        values = episodes[name].to_numpy(dtype=float)
        assert found.means[name].value == pytest.approx(values.mean())
        reach = 1.959964 * values.std(ddof=1) / np.sqrt(24)
        assert found.means[name].high - found.means[name].value == pytest.approx(reach, abs=1e-7)

    for name in population.SHARES:
        assert found.shares[name] == statistics.proportion(episodes[name])


@pytest.mark.parametrize("censored", [0.0, 0.3, 1.0])
def test_the_median_of_counts_is_that_of_the_curve(censored):
    rng = np.random.default_rng(3)
    days = rng.integers(1, 60, size=400).astype(float)
    died = rng.random(400) >= censored
    moments = np.unique(days)
    counts = [np.array([(happened & (days == day)).sum() for day in moments], float) for happened in (died, ~died)]
    expected = statistics.median(statistics.kaplan_meier(days, died))
    np.testing.assert_allclose(statistics.median_of_counts(moments, *counts), expected)


def test_killed_and_resumed_with_other_workers_is_the_same(capsys, tmp_path, monkeypatch):
    asked = [
        "population",
        "--disease",
        "strobl2021",
        "--policy",
        "maximum_tolerated_dose",
        "--patients",
        "7",
        "--chunk",
        "2",
    ]
    assert main([*asked, "--out", str(tmp_path / "whole")]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "7 patients under maximum tolerated dose" in printed and "7 patients in" in printed
    kept, played = population.RunFolder.write_table, []

    def killed(folder, name, table):
        if len(played) == 2:
            raise KeyboardInterrupt
        played.append(name)
        kept(folder, name, table)

    with monkeypatch.context() as patch:
        patch.setattr(population.RunFolder, "write_table", killed)
        assert main([*asked, "--out", str(tmp_path / "parts")]) == 130
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts" / "shards").iterdir()}
    assert len(finished) == 2
    assert main([*asked, "--workers", "2", "--resume", "--out", str(tmp_path / "parts")]) == 0
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    one, other = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("whole", "parts"))
    assert other.pop("this_call")["patients"] == 3 and one.pop("this_call")["patients"] == 7
    assert one == other
