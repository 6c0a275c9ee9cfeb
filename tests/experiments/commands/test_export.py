"""`export`: a trained policy as a folder to hand on, with a card of its results."""

import numpy as np
import pandas as pd
import pytest

import metaenv_agents
from metaenv_agents import saved_policies
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.commands import export
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import POLICY


@pytest.mark.parametrize("name", ["prostate", "Prostate/ppo", "prostate/ppo/one", "prostate/p po"])
def test_a_name_is_of_a_disease_and_a_policy(name, refused):
    asked = ["export", "--run", "run", "--benchmark", "trial", "--name", name]
    refused(asked, f"--name must be like prostate/ppo, of lower-case letters, digits, _ and -, got {name!r}")


def test_where_there_is_no_checkout_a_folder_must_be_named(monkeypatch, refused):
    monkeypatch.setattr(export, "CHECKOUT", None)
    asked = ["export", "--run", "run", "--benchmark", "trial", "--name", "prostate/mine"]
    refused(asked, "--out must be given: only in a checkout do shared policies have a folder of their own")


@pytest.mark.usefixtures("no_pictures")
def test_a_policy_is_handed_on_with_its_results_and_acts_as_before(run, small_training, tmp_path):
    assert run(small_training(tmp_path, "--out", tmp_path / "run", history=2))[0] == 0
    trial = ["--policies", "maximum_tolerated_dose", "--runs", tmp_path / "run", "--patients", 4]
    assert run(["benchmark", *trial, "--out", tmp_path / "trial"])[0] == 0
    asked = ["export", "--run", tmp_path / "run", "--benchmark", tmp_path / "trial", "--name", "prostate/small"]
    code, text = run([*asked, "--out", tmp_path / "shared"])
    assert code == 0, text
    card = (tmp_path / "shared" / "README.md").read_text()
    assert "| maximum_tolerated_dose |" in card and "| ppo |" in card and "Worse than under" in card
    policy = TrainedPolicy.from_bytes((tmp_path / "run" / POLICY).read_bytes())
    observations = np.random.default_rng(0).normal(size=(50, len(policy.mean) // 2))
    handed = metaenv_agents.load(tmp_path / "shared")
    assert np.array_equal(handed.predict(observations)[0], policy.predict(observations)[0])
    told = saved_policies.about(str(tmp_path / "shared"))
    assert TrainingRecord.of_json(told["training"]) == TrainingRecord.read(tmp_path / "run")
    assert Provenance.of_json(told["provenance"]) == Provenance.read(tmp_path / "run")
    found = BenchmarkSummary.read(tmp_path / "trial").policies["ppo"].outcomes["return"]
    assert told["benchmark"]["return"] == found._asdict()

    again = ["benchmark", "--policies", "maximum_tolerated_dose", "--agents", tmp_path / "shared", "--patients", 4]
    assert run([*again, "--out", tmp_path / "again"])[0] == 0
    first, second = (pd.read_parquet(tmp_path / name / "episodes.parquet") for name in ("trial", "again"))
    assert second["policy"].unique().tolist() == ["maximum_tolerated_dose", "prostate/small"]
    assert second["return"].tolist() == first["return"].tolist()
    code, text = run(["benchmark", "--agents", tmp_path / "shared", "--disease", "lung", "--patients", 2])
    assert code == BAD_REQUEST and "cannot treat lung" in text
    assert run(["benchmark", "--policies", "at50", "--patients", 2, "--out", tmp_path / "without"])[0] == 0
    code, text = run([*asked[:3], "--benchmark", tmp_path / "without", *asked[5:], "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "took part, got no training" in text and not (tmp_path / "other").exists()
