"""Trainings that are combined become one policy, which is judged, evaluated and compared as any other."""

import json
import shutil

import pandas as pd
import pytest

from metaenv_agents.rl.ensemble import combined
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.__main__ import main
from metaenv_experiments.running.failures import BAD_REQUEST


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """A folder of two trainings for prostate cancer."""
    folder = tmp_path_factory.mktemp("seeds")
    config = folder / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [4]\n")
    learn = ["train", "--config", config, "--steps", 32, "--validation-patients", 2, "--seeds", 2]
    assert main([str(each) for each in [*learn, "--out", folder / "runs"]]) == 0
    for seed in (0, 1):
        (folder / "runs" / f"seed-{seed}" / "last.npz").write_bytes(b"whoever reads this one reads the wrong one")
    return folder / "runs"


@pytest.mark.slow
def test_the_policy_of_all_seeds_is_judged_and_can_be_evaluated_beside_them(seeds, tmp_path):
    combine = ["train", "--combine", seeds, "--validation-patients", 3, "--out", tmp_path / "together"]
    code, text = run(combine)
    assert code == 0, text
    best = [TrainedPolicy.from_bytes((seeds / f"seed-{seed}" / "policy.npz").read_bytes()) for seed in (0, 1)]
    assert (tmp_path / "together" / "policy.npz").read_bytes() == combined(best).to_bytes()
    training = json.loads((tmp_path / "together" / "training.json").read_text())
    (score,) = training["scores"]
    assert training["algo"] == "ppo_ensemble" and training["finished"] and training["steps"] == 64
    assert training["seeds"] == [0, 1]
    assert [member[-6:] for member in training["members"]] == ["seed-0", "seed-1"]
    assert f"2 trainings together; mean return on 3 validation patients: {score['mean_return']:.3f}" in text
    judged = ["benchmark", "--policies", "--runs", tmp_path / "together", "--cohort", "validation", "--patients", 3]
    assert run([*judged, "--out", tmp_path / "judged"])[0] == 0
    episodes = pd.read_parquet(tmp_path / "judged" / "episodes.parquet")
    assert episodes["return"].mean() == pytest.approx(score["mean_return"])
    export = ["export", "--run", tmp_path / "together", "--benchmark", tmp_path / "judged", "--name", "prostate/all"]
    assert run([*export, "--policy", "ppo_ensemble", "--out", tmp_path / "shared"])[0] == 0
    card = " ".join((tmp_path / "shared" / "README.md").read_text().split())
    assert "(seed 0, 1); the mean of 2 networks, the best of each training: mean return" in card
    code, text = run(combine)
    assert code == BAD_REQUEST and "is never overwritten" in text


def test_trainings_of_different_kinds_one_alone_and_one_twice_are_refused(seeds, tmp_path):
    code, text = run(["train", "--combine", seeds / "seed-0", "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "--runs cannot be combined: an ensemble must have two members or more, got 1" in text
    code, text = run(["train", "--combine", seeds, seeds / "seed-0", "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "--runs must be different trainings, got" in text
    other = tmp_path / "other"
    shutil.copytree(seeds / "seed-0", other)
    code, text = run(["train", "--combine", seeds, other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings that differ in their seed, got seeds [0, 1, 0]" in text
    code, text = run(["train", "--combine", tmp_path, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and f"must be the folder of one policy here, such as {other}, got {tmp_path}" in text
    about = json.loads((other / "training.json").read_text())
    (other / "training.json").write_text(json.dumps(about | {"together": ["prostate", "lung"]}))
    code, text = run(["train", "--combine", seeds / "seed-1", other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings of one kind, got together None in" in text
    (other / "training.json").write_text(json.dumps(about | {"visit_interval": 56.0}))
    code, text = run(["train", "--combine", seeds / "seed-0", other, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "trainings of one kind, got visit_interval None in" in text and "56.0 in" in text
    assert not (tmp_path / "run").exists()
