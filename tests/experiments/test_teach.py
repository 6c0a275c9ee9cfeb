"""Teaching the exact optimum: the best on validation patients is kept, and a killed run goes on to the same end."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from agents.control.dynamic_programming import BestDoses, Optimum
from experiments.__main__ import BAD_REQUEST, main
from experiments.learners import teaching
from experiments.learners.teaching import ROUND, SOLVED, Round, Teaching, solved
from experiments.running.processes import workers
from experiments.running.store import RunFolder
from experiments.trials.tasks import Task

COARSE = """
from agents.control.dynamic_programming import Optimum
from experiments.__main__ import main
from experiments.learners import teaching
teaching._solve = lambda asked: Optimum.of(asked[0].scenario, asked[1], resistant=20, sizes=40)
main({arguments})
"""  # a real process that solves in no time


def run(arguments, capsys):
    try:
        code = main([str(each) for each in arguments])
    except SystemExit as leaving:  # what the parser refuses
        code = leaving.code
    told = capsys.readouterr()
    return code, told.out + told.err


def teach(out, rounds=2):
    return ["teach", "--patients", 2, "--rounds", rounds, "--hidden", 4, "--validation-patients", 1, "--out", out]


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Grids so coarse that a patient is solved in no time; what they promise is off, which changes no claim here."""
    monkeypatch.setattr(
        teaching, "_solve", lambda asked: Optimum.of(asked[0].scenario, asked[1], resistant=20, sizes=40)
    )


def test_the_best_on_validation_patients_is_kept_and_can_be_evaluated(tmp_path, capsys):
    code, text = run(teach(tmp_path / "run"), capsys)
    assert code == 0, text
    training = json.loads((tmp_path / "run" / "training.json").read_text())
    scores = [point["mean_return"] for point in training["scores"]]
    assert len(scores) == 2 and f"{max(scores):.3f}, {scores[0]:.3f} after the first" in " ".join(text.split())
    assert training["finished"] and training["algo"] == "aggrevate"
    judged = ["evaluate", "--run", tmp_path / "run", "--cohort", "validation", "--patients", 1]
    assert run([*judged, "--out", tmp_path / "judged"], capsys)[0] == 0
    episodes = pd.read_parquet(tmp_path / "judged" / "episodes.parquet")
    assert episodes["return"].mean() == pytest.approx(max(scores))


def test_the_optimum_loses_nothing_and_is_watched_from_the_visit_on_that_fills_the_history(tmp_path):
    task = Task(disease="strobl2021", cohort="train", patients=2, seed=0, observation="full")
    with workers(1) as each_of:
        optima = list(solved(task, RunFolder(tmp_path), each_of))
    best = BestDoses(task.scenario, optima)
    lesson = Teaching(task, best, history=3, hidden=(4,), seed=0).watch(None)
    days = best.play()
    assert lesson.visits == days.sum() and len(lesson.seen) == len(lesson.losses) == (days - 2).sum()
    assert (lesson.losses.min(axis=1) == 0.0).all() and lesson.losses.max() <= 1.01
    width = lesson.seen.shape[1] // 3
    assert np.array_equal(lesson.seen[0, width:], lesson.seen[1, :-width]), "the next visit of the same patient"


def test_who_was_solved_is_not_solved_again(tmp_path, monkeypatch):
    task, folder = Task(disease="strobl2021", cohort="train", patients=2, seed=0), RunFolder(tmp_path)
    with workers(1) as each_of:
        first = list(solved(task, folder, each_of))
        (folder.path / SOLVED.format(int(task.ids[0]))).unlink()
        again = list(solved(task, folder, each_of))
        monkeypatch.setattr(teaching, "_solve", None)
        kept = list(solved(task, folder, each_of))
    assert [each.identity for each in again] == [int(task.ids[1]), int(task.ids[0])]
    for one, other in zip(first, kept, strict=True):
        assert (one.identity, one.grid, one.days) == (other.identity, other.grid, other.days)
        assert np.array_equal(one.values, other.values)


def test_a_killed_run_goes_on_to_the_same_end(tmp_path, capsys):
    assert run(teach(tmp_path / "whole"), capsys)[0] == 0
    arguments = [str(each) for each in teach(tmp_path / "cut", rounds=50)]
    code = COARSE.format(arguments=arguments)
    killed = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "cut" / ROUND.format(0)).exists():
        assert killed.poll() is None
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    most = max(2, len([*(tmp_path / "cut" / "rounds").glob("*.npz")]) + 1)
    assert run([*teach(tmp_path / "cut", rounds=most), "--resume"], capsys)[0] == 0
    for number in range(2):
        whole, cut = (
            Round.from_bytes((tmp_path / name / ROUND.format(number)).read_bytes()) for name in ("whole", "cut")
        )
        assert np.array_equal(whole.place, cut.place) and whole.score == cut.score
        assert np.array_equal(whole.lesson.losses, cut.lesson.losses)
    assert json.loads((tmp_path / "cut" / "training.json").read_text())["finished"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--hidden", 0], "--hidden must be one or more layers of >= 1 unit, got (0,"),
        (["--rounds", 0], "--rounds must be >= 1, got 0"),
        (["--validation-patients", 0], "--validation-patients must be >= 1, got 0"),
    ],
)
def test_bad_requests_are_refused(options, said, tmp_path, capsys):
    code, text = run(["teach", *options, "--out", tmp_path / "run"], capsys)
    assert code == BAD_REQUEST and said in " ".join(text.replace("│", " ").split()) and not (tmp_path / "run").exists()
