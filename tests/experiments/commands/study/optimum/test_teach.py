"""Teaching the exact optimum: what is seen and lost, what is kept, and a killed run that goes on to the same end."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metaenv_agents.control.dynamic_programming import BestDoses, Optimum
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.search_coordinates import SearchCoordinates
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.optimum import teaching
from metaenv_experiments.studies.optimum.refining import COORDINATES
from metaenv_experiments.studies.optimum.teaching import BLANK, ROUND, SOLVED, Round, Teaching, solved, watch

COARSE = """
from metaenv_agents.control.dynamic_programming import Optimum
from metaenv_experiments.__main__ import main
from metaenv_experiments.studies.optimum import teaching
teaching._solve = lambda asked: Optimum.of(asked[0].scenario, asked[1], resistant=20, sizes=40)
main({arguments})
"""  # a real process that solves in no time


def coarsely(asked):
    """Solve on grids so coarse that it takes no time; what they promise is off, which changes no claim here."""
    return Optimum.of(asked[0].scenario, asked[1], resistant=20, sizes=40)


def teach(out, rounds=2):
    return [
        "study",
        "optimum",
        "teach",
        "--patients",
        2,
        "--rounds",
        rounds,
        "--net-arch",
        4,
        "--validation-patients",
        1,
        "--out",
        out,
    ]


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    monkeypatch.setattr(teaching, "_solve", coarsely)


@pytest.mark.slow
def test_what_was_taught_can_be_evaluated_and_handed_on(run, tmp_path):
    code, text = run(teach(tmp_path / "run"))
    assert code == 0, text
    record = TrainingRecord.read(tmp_path / "run")
    scores = [score.mean_return for score in record.scores]
    assert len(scores) == 2 and f"{max(scores):.3f}, {scores[0]:.3f} after the first" in text
    assert record.finished and record.name == "aggrevate" and record.solved == 2
    judged = ["benchmark", "--policies", "--runs", tmp_path / "run", "--cohort", "validation", "--patients", 1]
    assert run([*judged, "--out", tmp_path / "judged"])[0] == 0
    episodes = pd.read_parquet(tmp_path / "judged" / "episodes.parquet")
    assert episodes["return"].mean() == pytest.approx(max(scores))
    export = ["export", "--run", tmp_path / "run", "--benchmark", tmp_path / "judged", "--name", "strobl2021/taught"]
    assert run([*export, "--policy", "aggrevate", "--out", tmp_path / "shared"])[0] == 0
    card = " ".join((tmp_path / "shared" / "README.md").read_text().split())
    assert "Told by the exact optimum of 2 train patients what every dose loses. Learned from" in card
    assert "gives the most probable level of drug, with a visit" in card


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """Two train patients, what their best doses are, and a folder."""
    task = Task(disease="strobl2021", cohort="train", patients=2, seed=0, observation="full")
    optima = [Optimum.of(task.scenario, int(identity), resistant=20, sizes=40) for identity in task.ids]
    return task, BestDoses(task.scenario, optima), RunFolder(tmp_path_factory.mktemp("school"))


@pytest.mark.slow
def test_the_optimum_is_watched_from_the_visit_on_that_fills_the_history(school):
    task, best, _ = school
    lesson, days = watch(task, best, None, 3), best.play()
    assert lesson.visits == days.sum() and len(lesson.seen) == len(lesson.losses) == (days - 2).sum()
    width = lesson.seen.shape[1] // 3
    assert np.array_equal(lesson.seen[0, width:], lesson.seen[1, :-width]), "the next visit of the same patient"
    never = watch(task, best, None, 5_000)
    assert len(never.seen) == days.sum(), "where nobody has so many visits, all count"


def test_what_is_not_given_loses_nothing_until_it_loses_control(school):
    """A policy that never treats: the tumour grows for some days, in which waiting costs nothing, then all is lost."""
    task, best, folder = school
    start = Teaching.begin(task, best, folder, history=1, net_arch=(4,), seed=0).coordinates.policy
    lesson = watch(replace(task, patients=1), BestDoses(task.scenario, best.optima[:1]), start, 1)
    waiting = lesson.losses[:, 0]
    assert lesson.visits == len(waiting) and waiting[0] < 0.01 and waiting[-1] > 0.5
    assert lesson.losses[-1, 1:].max() < 0.01 and (waiting >= 0.0).all() and waiting.max() <= 1.01


def test_what_was_begun_is_read_again_and_not_made_anew(school, monkeypatch):
    task, best, folder = school
    begun = [Teaching.begin(task, best, folder, history=1, net_arch=(4,), seed=0) for _ in range(2)]
    monkeypatch.setattr(teaching, "watch", None)
    begun.append(Teaching.begin(task, best, folder, history=1, net_arch=(4,), seed=0))
    assert all(np.array_equal(each.first.point, begun[0].first.point) for each in begun)
    assert all(np.array_equal(each.coordinates.start, begun[0].coordinates.start) for each in begun)


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


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_end_and_so_does_one_of_two_processes(kill, run, tmp_path):
    assert run([*teach(tmp_path / "whole"), "--processes", 2])[0] == 0
    arguments = [str(each) for each in teach(tmp_path / "cut", rounds=50)]
    kill(["-c", COARSE.format(arguments=arguments)], (tmp_path / "cut" / ROUND.format(0)).exists)
    most = len([*(tmp_path / "cut" / "rounds").glob("[0-9]*.npz")]) + 1
    assert run([*teach(tmp_path / "cut", rounds=most), "--resume"])[0] == 0
    assert run([*teach(tmp_path / "whole", rounds=most), "--resume"])[0] == 0
    for name in ("policy.npz", "training.json", *(ROUND.format(number) for number in range(most))):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes(), name


@pytest.mark.slow
def test_who_is_killed_after_the_last_round_gets_the_record_that_was_not_written(run, tmp_path):
    assert run(teach(tmp_path / "run", rounds=1))[0] == 0
    record = tmp_path / "run" / "training.json"
    written = record.read_bytes()
    record.unlink()
    assert run([*teach(tmp_path / "run", rounds=1), "--resume"])[0] == 0
    assert record.read_bytes() == written and TrainingRecord.read(tmp_path / "run").finished


@pytest.mark.slow
def test_the_policy_that_is_kept_is_the_best_on_validation_patients_not_the_last(tmp_path, run, monkeypatch):
    scores = iter([0.3, 0.5, 0.4])
    monkeypatch.setattr(
        "metaenv_experiments.commands.study.optimum.teach.judge", lambda task: lambda policy: next(scores)
    )
    assert run(teach(tmp_path / "run", rounds=3))[0] == 0
    kept = TrainedPolicy.from_bytes((tmp_path / "run" / "policy.npz").read_bytes())
    start = TrainedPolicy.from_bytes((tmp_path / "run" / BLANK).read_bytes())
    place = SearchCoordinates.from_bytes(start, (tmp_path / "run" / COORDINATES).read_bytes())
    rounds = [Round.from_bytes((tmp_path / "run" / ROUND.format(number)).read_bytes()) for number in range(3)]
    same = [np.array_equal(place.policy_at(each.point).weights[0], kept.weights[0]) for each in rounds]
    assert same == [False, True, False] and [each.score for each in rounds] == [0.3, 0.5, 0.4]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--net-arch", 0], "--net-arch must be one or more layers of >= 1 unit, got (0,"),
        (["--rounds", 0], "--rounds must be >= 1, got 0"),
        (["--validation-patients", 0], "--validation-patients must be >= 1, got 0"),
    ],
)
def test_bad_requests_are_refused(options, said, run, tmp_path):
    code, text = run(["study", "optimum", "teach", *options, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and said in text and not (tmp_path / "run").exists()
