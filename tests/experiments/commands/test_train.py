"""`train`: seeds, teachers, several diseases, every learner; and what comes of them takes part in benchmarks."""

import json
import re
import shutil

import pandas as pd
import pytest

from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.store import LAST, POLICY, RunFolder
from metaenv_experiments.training.learning import CHECKPOINTS, examined

pytestmark = pytest.mark.usefixtures("no_pictures")


def test_seeds_of_a_training_are_benchmarked_together_and_written_as_results(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    learn = ["train", "--config", config, "--steps", 1, "--validation-patients", 2, "--seeds", 2, "--seed", 3]
    assert run([*learn, "--out", tmp_path / "runs"])[0] == 0
    assert sorted(path.name for path in (tmp_path / "runs").glob("seed-*")) == ["seed-3", "seed-4"]
    trial = ["benchmark", "--policies", "at50", "--patients", 3, "--watch", 0]
    code, text = run([*trial, "--runs", tmp_path / "runs", "--out", tmp_path / "trial"])
    assert code == 0, text
    episodes = pd.read_parquet(tmp_path / "trial" / "episodes.parquet")
    assert episodes["policy"].unique().tolist() == ["at50", "ppo seed 3", "ppo seed 4"]
    code, text = run([*trial, "--runs", *([tmp_path / "runs" / "seed-3"] * 2), "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "must be different trainings" in text
    (tmp_path / "others").mkdir()
    shutil.copytree(tmp_path / "runs" / "seed-3", tmp_path / "others" / "seed-3")
    both = ["--runs", tmp_path / "runs", tmp_path / "others"]
    code, text = run([*trial, *both, "--out", tmp_path / "both"])
    assert code == 0, text
    names = pd.read_parquet(tmp_path / "both" / "episodes.parquet")["policy"].unique().tolist()
    assert names == ["at50", "ppo runs seed-3", "ppo seed 4", "ppo others seed-3"]
    code, text = run(["results", "--runs", tmp_path / "trial", "--report", tmp_path / "RESULTS.md"])
    assert code == 0, text
    page = (tmp_path / "RESULTS.md").read_text()
    assert "## Prostate, test cohort" in page and "| ppo seed 4 | learner |" in page


@pytest.mark.slow
def test_seeds_that_are_trained_at_the_same_time_are_those_trained_one_after_another(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    learn = ["train", "--config", config, "--steps", 1, "--validation-patients", 2, "--seeds", 2, "--seed", 3]
    assert run([*learn, "--out", tmp_path / "runs"])[0] == 0
    code, text = run([*learn, "--workers", 2, "--out", tmp_path / "aside"])
    assert code == 0 and "2 trainings; next" in text, text
    for seed in ("seed-3", "seed-4"):
        one, other = ((tmp_path / name / seed / POLICY).read_bytes() for name in ("runs", "aside"))
        assert one == other
        assert "best mean return on 2 validation patients" in (tmp_path / "aside" / seed / "train.log").read_text()


@pytest.mark.parametrize("algo", ["ppo", pytest.param("sac", marks=pytest.mark.slow)])
def test_a_training_killed_and_resumed_equals_an_uninterrupted_one(algo, kill, run, tmp_path):
    config = tmp_path / "small.toml"
    own = {"ppo": "epochs = 1", "sac": "warmup = 8\nbuffer = 64"}
    also = "evaluate_every = 10\ncheckpoint_every = 1\n"
    config.write_text(f"patients = 4\nvisits = 8\nbatch = 32\nhidden = [8]\n{own[algo]}\n{also}")
    learn = ["train", "--algo", algo, "--config", config, "--steps", 20 * 32, "--validation-patients", 2]
    cut, kept = [*learn, "--out", tmp_path / "cut"], tmp_path / "cut" / CHECKPOINTS
    kill(["-m", "metaenv", *cut], lambda: len(list(kept.glob("*/manifest.json"))) >= 2)
    assert not (tmp_path / "cut" / LAST).exists()
    for arguments in ([*cut, "--resume"], [*learn, "--out", tmp_path / "whole"]):
        code, text = run(arguments)
        assert code == 0, text
    cut, whole = (RunFolder(tmp_path / name) for name in ("cut", "whole"))
    for name in (POLICY, LAST):
        assert (cut.path / name).read_bytes() == (whole.path / name).read_bytes()
    assert cut.read_json("training.json")["scores"] == whole.read_json("training.json")["scores"]


def test_a_training_without_a_terminal_says_in_plain_lines_how_far_it_is_and_how_good(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhidden = [8]\nevaluate_every = 1\n")
    learn = ["train", "--config", config, "--validation-patients", 2, "--out", tmp_path / "run"]
    assert run([*learn, "--steps", 32])[0] == 0
    code, text = run([*learn, "--steps", 64, "--resume"])
    assert code == 0, text
    said = [line for line in text.splitlines() if line.startswith("training ppo")]
    assert said[0] == "training ppo: 32 of 64 visits (50 %), 0:00 elapsed"
    assert re.match(r"training ppo, validation -?\d\.\d\d, best \d\.\d\d: 64 of 64 visits \(100 %\)", said[-1])
    assert "\x1b" not in text


@pytest.mark.parametrize("algo", ["sac", "recurrent_ppo", "qr_dqn"])
def test_other_learners_are_trained_and_benchmarked_alike(algo, run, tmp_path):
    config = tmp_path / "small.toml"
    own = {"sac": "warmup = 8\nbuffer = 64", "recurrent_ppo": "lstm = 4", "qr_dqn": "warmup = 8\nbuffer = 64"}
    config.write_text(f"patients = 4\nvisits = 8\nbatch = 32\nhidden = [8]\n{own[algo]}\n")
    learn = ["train", "--algo", algo, "--config", config, "--steps", 64, "--validation-patients", 2]
    code, text = run([*learn, "--out", tmp_path / "run"])
    assert code == 0, text
    trial = ["benchmark", "--policies", "at50", "--runs", tmp_path / "run", "--patients", 2, "--watch", 0]
    code, text = run([*trial, "--out", tmp_path / "trial"])
    assert code == 0, text
    episodes = pd.read_parquet(tmp_path / "trial" / "episodes.parquet")
    assert episodes["policy"].unique().tolist() == ["at50", algo]
    config.write_text("clip_range = 0.1\nexplored = 0.1\n")
    code, text = run([*learn, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "--config may set" in text


def test_a_training_begins_with_the_teacher_that_was_recorded(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    (tmp_path / "tuned.json").write_text(
        json.dumps(
            {"disease": "prostate", "patients": 1, "trials": 1, "rules": {"at50": {"parameters": {"stop": 0.4}}}}
        )
    )
    learn = ["train", "--config", config, "--steps", 1, "--validation-patients", 2]
    taught = ["--teacher", "at50", "--tuned", tmp_path / "tuned.json"]
    code, text = run([*learn, *taught, "--out", tmp_path / "run"])
    assert code == 0, text
    training = json.loads((tmp_path / "run" / "training.json").read_text())
    assert training["teacher"] == {"at50, tuned": {"stop": 0.4}}
    assert run([*learn, "--out", tmp_path / "alone"])[0] == 0
    assert json.loads((tmp_path / "alone" / "training.json").read_text())["teacher"] is None
    one, other = ((tmp_path / name / POLICY).read_bytes() for name in ("run", "alone"))
    assert one != other


def test_one_network_learns_several_diseases_and_leaves_a_policy_of_each(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 6\nvisits = 8\nbatch = 48\nhistory = 2\nhidden = [8]\nevaluate_every = 1\n")
    learn = ["train", "--also", "lung", "breast", "--config", config, "--steps", 1, "--validation-patients", 2]
    code, text = run([*learn, "--out", tmp_path / "run"])
    assert code == 0 and "per year of follow-up" in text, text
    assert not (tmp_path / "run" / "policy.npz").exists()
    for disease in ("prostate", "lung", "breast"):
        trial = ["benchmark", "--disease", disease, "--policies", "no_treatment", "--patients", 2, "--watch", 0]
        code, text = run([*trial, "--runs", tmp_path / "run" / disease, "--out", tmp_path / disease])
        assert code == 0, text
        training = json.loads((tmp_path / "run" / disease / "training.json").read_text())
        assert training["disease"] == disease and training["together"] == ["prostate", "lung", "breast"]
        task = Task(disease=disease, cohort="validation", patients=2, seed=0)
        own = TrainedPolicy.from_bytes((tmp_path / "run" / disease / POLICY).read_bytes())
        assert training["scores"][-1]["mean_return"] == pytest.approx(examined(task, own)["mean_return"])
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\n")
    code, text = run([*learn, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "patients to a multiple of the 3 diseases, such as 3, got 4" in text
    assert not (tmp_path / "other").exists()


def test_a_shared_training_killed_while_it_notes_its_best_policy_ends_with_the_score_of_the_policy_kept(
    run, tmp_path, monkeypatch
):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\nevaluate_every = 1\n")
    learn = ["train", "--also", "lung", "--config", config, "--validation-patients", 2, "--out", tmp_path / "run"]
    real, killed = RunFolder.write_json, []

    def write(folder, name, content):
        """Be killed once a first score is written."""
        real(folder, name, content)
        if name.endswith("best.json") and not killed:
            killed.append(name)
            raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(RunFolder, "write_json", write)
        run([*learn, "--steps", 32])
    code, text = run([*learn, "--steps", 64, "--resume"])
    assert code == 0, text
    for disease in ("prostate", "lung"):
        own = RunFolder(tmp_path / "run" / disease)
        (score,) = own.read_json("training.json")["scores"]
        task = Task(disease=disease, cohort="validation", patients=2, seed=0)
        policy = TrainedPolicy.from_bytes((own.path / POLICY).read_bytes())
        assert score["mean_return"] == pytest.approx(examined(task, policy)["mean_return"])
        assert len(own.read_json("provenance.json")["resumed"]) == 1, "as that of the whole"


def test_one_network_begins_with_a_teacher_of_each_disease_and_its_seeds_are_benchmarked_in_each(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    learn = ["train", "--also", "lung", "--config", config, "--steps", 1, "--validation-patients", 2]
    taught = ["--teacher", "at50", "metronomic", "--seeds", 2]
    code, text = run([*learn, *taught, "--out", tmp_path / "run"])
    assert code == 0, text
    whole = json.loads((tmp_path / "run" / "seed-1" / "training.json").read_text())
    assert whole["teacher"] == {"prostate": {"at50": {}}, "lung": {"metronomic": {}}}
    for disease, teacher in (("prostate", "at50"), ("lung", "metronomic")):
        training = json.loads((tmp_path / "run" / "seed-1" / disease / "training.json").read_text())
        assert training["teacher"] == {teacher: {}}
        trial = ["benchmark", "--disease", disease, "--policies", "no_treatment", "--patients", 2, "--watch", 0]
        code, text = run([*trial, "--runs", tmp_path / "run", "--out", tmp_path / disease])
        assert code == 0, text
        summary = json.loads((tmp_path / disease / "summary.json").read_text())
        about = [summary["parameters"][f"ppo seed {seed}"] for seed in (0, 1)]
        assert [each["run"] for each in about] == [str(tmp_path / "run" / f"seed-{k}" / disease) for k in (0, 1)]
        assert {each["group"] for each in about} == {str(tmp_path / "run")}
    code, text = run([*learn, "--teacher", "at50", "at51", "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "policy must be one of alternating," in text


def test_learners_may_see_everything_at_other_intervals(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    seen = ["--observation", "full", "--visit-interval", 56]
    learn = ["train", "--config", config, "--steps", 1, "--validation-patients", 2, "--out", tmp_path / "run"]
    assert run([*learn, *seen])[0] == 0
    trial = ["benchmark", "--policies", "at50", "--runs", tmp_path / "run", "--patients", 2, "--watch", 1]
    code, text = run([*trial, *seen, "--out", tmp_path / "trial"])
    assert code == 0, text
    days = pd.read_parquet(tmp_path / "trial" / "courses.parquet").query("policy == 'ppo'")["day"]
    assert days.iloc[:3].tolist() == [0.0, 56.0, 112.0]
    code, text = run([*trial, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "cannot treat prostate" in text
    code, text = run([*trial, *seen[:2], "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "trained for a visit every 56 days, got one every 28" in text
    (tmp_path / "tuned.json").write_text(
        json.dumps({"disease": "prostate", "patients": 1, "trials": 1, "rules": {"at50": {"parameters": {}}}})
    )
    told = ["--tuned", tmp_path / "tuned.json", *seen]
    code, text = run([*trial, *told, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "tuned for a visit every 28 days, got one every 56" in text
    code, text = run(
        ["benchmark", "--policies", "--runs", tmp_path / "run", "--patients", 2, "--out", tmp_path / "seen"]
    )
    assert code == 0, text
    code, text = run([*trial, "--visit-interval", -1, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "visit_interval must be a number > 0 and finite, got -1" in text
