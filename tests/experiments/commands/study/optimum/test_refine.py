"""Refining a trained policy: never worse on validation patients than where it began, and the same after a kill."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.__main__ import main
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.run_folder import POLICY
from metaenv_experiments.studies.optimum.refining import Candidates, Tried, coordinates, measured


@pytest.fixture(scope="module")
def small(tmp_path_factory, small_training):
    """A run folder with a small policy for prostate cancer."""
    folder = tmp_path_factory.mktemp("small")
    learn = small_training(folder, "--out", folder / "run", steps=32, net_arch=[4])
    assert main([str(each) for each in learn]) == 0
    return folder / "run"


def refine(small, out, generations=4):
    return [
        *(
            "study",
            "optimum",
            "refine",
            "--run",
            small,
            "--patients",
            3,
            "--generations",
            generations,
            "--candidates",
            4,
        ),
        *("--evaluate-every", 2, "--validation-patients", 3, "--out", out),
    ]


@pytest.mark.slow
def test_the_best_on_validation_patients_is_kept_and_can_be_evaluated(small, run, tmp_path):
    code, text = run(refine(small, tmp_path / "run"))
    assert code == 0, text
    record = TrainingRecord.read(tmp_path / "run")
    scores = [score.mean_return for score in record.scores]
    assert len(scores) == 3 and f"{max(scores):.3f}, {scores[0]:.3f} at the start" in text
    assert record.finished and record.name == "ppo refined" and record.steps > 32
    assert run(refine(tmp_path / "run", tmp_path / "again", generations=1))[0] == 0
    assert TrainingRecord.read(tmp_path / "again").name == "ppo refined"
    judged = ["benchmark", "--policies", "--runs", tmp_path / "run", "--cohort", "validation", "--patients", 3]
    assert run([*judged, "--out", tmp_path / "judged"])[0] == 0
    episodes = pd.read_parquet(tmp_path / "judged" / "episodes.parquet")
    assert episodes["return"].mean() == pytest.approx(max(scores))


@pytest.mark.parametrize("generation", [0, 2])
def test_the_score_is_the_mean_return_or_the_mean_log_of_the_days_survived_of_the_generation(small, generation):
    policy = TrainedPolicy.from_bytes((small / POLICY).read_bytes())
    task = Task(disease="prostate", cohort="train", patients=3, seed=0)
    episodes = play(task, lambda env: policy, task.ids + 3 * generation).episodes
    means = {"return": episodes["return"].mean(), "log_survival": np.log(episodes["survival_days"]).mean()}
    for objective, mean in means.items():
        place = coordinates(policy, task)
        scores = Candidates(place, task, objective).scores(generation, [place.start] * 2)
        assert scores == pytest.approx([mean] * 2)


def test_who_dies_under_the_first_procedure_counts_as_a_day():
    episodes = pd.DataFrame({"return": [0.0, 2.0], "survival_days": [0.0, np.e]})
    assert [*measured(episodes, "log_survival")] == pytest.approx([0.0, 1.0])
    assert [*measured(episodes, "return")] == [0.0, 2.0]


def test_directions_are_of_living_patients_with_as_many_visits_behind_them_as_the_policy_looks_back_on(
    small_training, tmp_path
):
    learn = small_training(tmp_path, "--out", tmp_path / "run", steps=32, history=2, net_arch=[4])
    assert main([str(each) for each in learn]) == 0
    policy = TrainedPolicy.from_bytes((tmp_path / "run" / POLICY).read_bytes())
    task = Task(disease="prostate", cohort="train", patients=3, seed=0)
    env, memory, seen, alive = task.vector_env(3), None, [], np.ones(3, dtype=bool)
    observation, _ = env.reset(seed=[0] * 3, options={"patient": task.ids})
    while alive.any():
        actions, memory = policy.predict(observation, memory)
        seen.append(memory[alive])
        observation, _, terminated, truncated, _ = env.step(actions)
        alive &= ~(terminated | truncated)
    wanted = (np.concatenate(seen[1:]) - policy.mean) / policy.scale  # at the first visit there is none before
    np.testing.assert_allclose(
        coordinates(policy, task).mean, np.clip(wanted, -policy.clip, policy.clip).mean(axis=0), rtol=1e-9
    )


def test_every_generation_treats_other_patients_until_the_cohort_is_through(small):
    policy = TrainedPolicy.from_bytes((small / POLICY).read_bytes())
    place = coordinates(policy, Task(disease="prostate", cohort="train", patients=2, seed=0))
    candidates = Candidates(place, Task(disease="prostate", cohort="validation", patients=40_000, seed=0))
    assert candidates.ids(0)[0] == 100_000 and candidates.ids(1)[0] == 140_000
    assert [*candidates.ids(2)[[0, 19_999, 20_000]]] == [180_000, 199_999, 100_000]


@pytest.mark.slow
def test_a_killed_search_goes_on_to_the_same_end(small, kill, run, tmp_path):
    assert run(refine(small, tmp_path / "whole"))[0] == 0
    command = ["-m", "metaenv", *refine(small, tmp_path / "cut", generations=50)]
    kill(command, (tmp_path / "cut" / Tried.file).exists)  # after the first generation
    before = len(Tried.read(tmp_path / "cut").generations)
    most = max(before + 1, 4)
    assert run([*refine(small, tmp_path / "cut", generations=most), "--resume"])[0] == 0
    if most > 4:
        assert run([*refine(small, tmp_path / "whole", generations=most), "--resume"])[0] == 0
    whole, cut = (Tried.read(tmp_path / name) for name in ("whole", "cut"))
    assert whole.generations == cut.generations and len(cut.generations) == most


def test_bad_requests_are_refused(small, run, tmp_path):
    code, text = run(refine(tmp_path / "none", tmp_path / "run"))
    assert code == BAD_REQUEST and "does not exist" in text and not (tmp_path / "run").exists()
    base = tmp_path / "base"
    shutil.copytree(small, base)
    assert run(refine(base, tmp_path / "run", generations=1))[0] == 0
    code, text = run(refine(base, tmp_path / "run", generations=1))
    assert code == BAD_REQUEST and "resume" in text
    policy = TrainedPolicy.from_bytes((base / POLICY).read_bytes())
    (base / POLICY).write_bytes(replace(policy, mean=policy.mean + 1.0).to_bytes())
    code, text = run([*refine(base, tmp_path / "run", generations=2), "--resume"])
    assert code == BAD_REQUEST and f"{base / POLICY} has changed since" in text
