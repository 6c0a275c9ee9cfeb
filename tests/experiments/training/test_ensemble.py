"""Trainings that are combined become one policy, which is judged, evaluated and compared as any other."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from metaenv_agents.rl.ensemble import combined
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.__main__ import main
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.failures import BAD_REQUEST


@pytest.fixture(scope="module")
def seeds(tmp_path_factory, small_training):
    """A folder of two trainings for prostate cancer."""
    folder = tmp_path_factory.mktemp("seeds")
    learn = small_training(folder, "--seeds", 2, "--out", folder / "runs", steps=32)
    assert main([str(each) for each in learn]) == 0
    for seed in (0, 1):
        (folder / "runs" / f"seed-{seed}" / "last.npz").write_bytes(b"whoever reads this one reads the wrong one")
    return folder / "runs"


@pytest.mark.slow
def test_the_policy_of_all_seeds_is_judged_and_can_be_evaluated_beside_them(seeds, run, tmp_path):
    combine = ["train", "--combine", seeds, "--validation-patients", 3, "--out", tmp_path / "together"]
    code, text = run(combine)
    assert code == 0, text
    best = [TrainedPolicy.from_bytes((seeds / f"seed-{seed}" / "policy.npz").read_bytes()) for seed in (0, 1)]
    assert (tmp_path / "together" / "policy.npz").read_bytes() == combined(best).to_bytes()
    record = TrainingRecord.read(tmp_path / "together")
    (score,) = record.scores
    assert record.name == "ppo ensemble" and record.finished and record.steps == 64
    assert record.seeds == (0, 1) and [member[-6:] for member in record.members] == ["seed-0", "seed-1"]
    assert f"2 trainings together; mean return on 3 validation patients: {score.mean_return:.3f}" in text
    judged = ["benchmark", "--policies", "--runs", tmp_path / "together", "--cohort", "validation", "--patients", 3]
    assert run([*judged, "--out", tmp_path / "judged"])[0] == 0
    episodes = pd.read_parquet(tmp_path / "judged" / "episodes.parquet")
    assert episodes["return"].mean() == pytest.approx(score.mean_return)
    export = ["export", "--run", tmp_path / "together", "--benchmark", tmp_path / "judged", "--name", "prostate/all"]
    assert run([*export, "--policy", "ppo ensemble", "--out", tmp_path / "shared"])[0] == 0
    card = " ".join((tmp_path / "shared" / "README.md").read_text().split())
    assert "(seed 0, 1); the mean of 2 networks, the best of each training: mean return" in card
    code, text = run(combine)
    assert code == BAD_REQUEST and "is never overwritten" in text


def test_trainings_of_different_kinds_one_alone_and_one_twice_are_refused(seeds, run, tmp_path):
    code, text = run(["train", "--combine", seeds / "seed-0", "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "--combine cannot: an ensemble must have two members or more, got 1" in text
    code, text = run(["train", "--combine", seeds, seeds / "seed-0", "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "--combine must be different trainings, got" in text
    other = tmp_path / "other"
    shutil.copytree(seeds / "seed-0", other)
    code, text = run(["train", "--combine", seeds, other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings that differ in their seed, got seeds [0, 1, 0]" in text
    code, text = run(["train", "--combine", tmp_path, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and f"must be the folder of one policy here, such as {other}, got {tmp_path}" in text
    about = TrainingRecord.read(other)
    replace(about, diseases=("prostate", "lung")).write(other)
    code, text = run(["train", "--combine", seeds / "seed-1", other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings of one kind, got diseases ('prostate',) in" in text
    replace(about, visit_interval=56.0).write(other)
    code, text = run(["train", "--combine", seeds / "seed-0", other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings of one kind, got visit_interval None in" in text and "56.0 in" in text
    assert not (tmp_path / "run").exists()
