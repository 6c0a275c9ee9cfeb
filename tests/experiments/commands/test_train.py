"""`train`: seeds, teachers, several diseases, every learner; and what comes of them takes part in benchmarks."""

import re
import shutil
from functools import partial

import pandas as pd
import pytest

from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Teacher, TrainingRecord
from metaenv_experiments.evaluation.tuned_rules import TunedRule, TunedRules
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import LAST, POLICY, RunFolder
from metaenv_experiments.training.training_run import CHECKPOINTS, examined

pytestmark = pytest.mark.usefixtures("no_pictures")
OWN = {"ppo": {"n_epochs": 1}, "sac": {}, "recurrent_ppo": {"lstm_hidden_size": 4}, "qr_dqn": {}}


def tuned_record(**parameters):
    """A record of `tune rules` of prostate cancer, with at50 alone."""
    nothing = Estimate(1.0, 1.0, 1.0)
    told = {"train_defaults": 1.0, "train_tuned": 1.0, "validation_defaults": nothing}
    told |= {"validation_tuned": nothing, "validation_gain": nothing}
    rules = {"at50": TunedRule(parameters=parameters, **told)}
    return TunedRules(disease="prostate", patients=1, seed=0, trials=1, rules=rules)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--total-timesteps", "0"], "--total-timesteps must be >= 1"),
        (["--algo", "sac", "--total-timesteps", "10000"], "--total-timesteps: learning_starts must be"),
        (["--disease", "measles"], "disease must be one of"),
        (["--teacher", "at51"], "policy must be one of alternating,"),
        (["--teacher", "at50", "--algo", "sac"], "--teacher must be none with this --algo, got ('at50',)"),
        (["--teacher", "at50", "at50"], "--teacher must be one rule for each disease, got ('at50', 'at50')"),
        (["--also", "lung", "--teacher", "at50"], "--teacher must be one rule for each disease"),
        (["--teacher", "at50", "--tuned", "a", "b"], "--tuned must be one file for each --teacher, got ['a',"),
        (["--teacher", "at50", "--tuned", "/nowhere"], "those that ship: breast, lung, prostate,"),
        (["--teacher", "random", "--tuned", "prostate"], "--teacher must be one of maximum_tolerated_dose,"),
        (["--tuned", "prostate"], "--tuned must be one file for each --teacher, got ["),
        (
            ["--config", "ppo"],
            "that ship: ppo_full, ppo_limited, ppo_memoryless, ppo_shared, ppo_small, ppo_tiny, got 'ppo'",
        ),
        (["--also", "measles"], "disease must be one of"),
        (["--also", "prostate"], "--also must be other diseases than --disease"),
        (["--also", "lung", "--algo", "sac"], "--also must be other diseases than --disease, for ppo"),
        (["--also", "lung", "breast"], "multiple of the 3 diseases, such as 255, got 256"),
        (["--seeds", "2", "--workers", "3"], "--workers must be in 1 … 2, the --seeds, got 3"),
        (["--ray", "local"], "--ray must be given together with --seeds"),
        (["--combine", "/nowhere"], "--combine must be a run folder, got /nowhere"),
        (["--combine", "a", "--disease", "lung"], "--disease must be given without --combine, got 'lung'"),
        (["--combine", "a", "--resume"], "--resume must be given"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["train", *options], message)


def test_seeds_of_a_training_are_benchmarked_together_and_written_as_results(run, small_training, tmp_path):
    learn = small_training(tmp_path, "--seeds", 2, "--seed", 3)
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
    code, text = run(["results", "--add", tmp_path / "trial", "--to", tmp_path / "page"])
    assert code == 0, text
    page = (tmp_path / "page" / "docs" / "results" / "prostate.md").read_text()
    assert "| ppo seed 4 | seed of a learner |" in page and "| ppo | learner |" in page


@pytest.mark.slow
def test_seeds_that_are_trained_at_the_same_time_are_those_trained_one_after_another(run, small_training, tmp_path):
    learn = small_training(tmp_path, "--seeds", 2, "--seed", 3)
    assert run([*learn, "--out", tmp_path / "runs"])[0] == 0
    code, text = run([*learn, "--workers", 2, "--out", tmp_path / "aside"])
    assert code == 0 and "2 trainings; next" in text, text
    for seed in ("seed-3", "seed-4"):
        one, other = ((tmp_path / name / seed / POLICY).read_bytes() for name in ("runs", "aside"))
        assert one == other
        assert "best mean return on 2 validation patients" in (tmp_path / "aside" / seed / "train.log").read_text()


@pytest.mark.parametrize("algo", ["ppo", pytest.param("sac", marks=pytest.mark.slow)])
def test_a_training_killed_and_resumed_equals_an_uninterrupted_one(algo, kill, run, small_training, tmp_path):
    own = OWN[algo] | {"history": 8, "evaluate_every": 10, "checkpoint_every": 1}
    learn = small_training(tmp_path, "--algo", algo, steps=20 * 32, **own)
    cut, kept = [*learn, "--out", tmp_path / "cut"], tmp_path / "cut" / CHECKPOINTS
    kill(["-m", "metaenv", *cut], lambda: len(list(kept.glob("*/manifest.json"))) >= 2)
    assert not (tmp_path / "cut" / LAST).exists()
    for arguments in ([*cut, "--resume"], [*learn, "--out", tmp_path / "whole"]):
        code, text = run(arguments)
        assert code == 0, text
    cut, whole = (RunFolder(tmp_path / name) for name in ("cut", "whole"))
    for name in (POLICY, LAST):
        assert (cut.path / name).read_bytes() == (whole.path / name).read_bytes()
    assert TrainingRecord.read(cut.path).scores == TrainingRecord.read(whole.path).scores


def test_a_training_without_a_terminal_says_in_plain_lines_how_far_it_is_and_how_good(run, small_training, tmp_path):
    learn = partial(small_training, tmp_path, "--out", tmp_path / "run", evaluate_every=1)
    assert run(learn(steps=32))[0] == 0
    code, text = run([*learn(steps=64), "--resume"], flat=False)
    assert code == 0, text
    said = [line for line in text.splitlines() if line.startswith("training ppo")]
    assert said[0] == "training ppo: 32 of 64 visits (50 %), 0:00 elapsed"
    assert re.match(r"training ppo, validation -?\d\.\d\d, best \d\.\d\d: 64 of 64 visits \(100 %\)", said[-1])
    assert "\x1b" not in text


@pytest.mark.parametrize("algo", ["sac", "recurrent_ppo", "qr_dqn"])
def test_other_learners_are_trained_and_benchmarked_alike(algo, run, small_training, tmp_path):
    learn = small_training(tmp_path, "--algo", algo, steps=64, **OWN[algo])
    code, text = run([*learn, "--out", tmp_path / "run"])
    assert code == 0, text
    trial = ["benchmark", "--policies", "at50", "--runs", tmp_path / "run", "--patients", 2, "--watch", 0]
    code, text = run([*trial, "--out", tmp_path / "trial"])
    assert code == 0, text
    episodes = pd.read_parquet(tmp_path / "trial" / "episodes.parquet")
    assert episodes["policy"].unique().tolist() == ["at50", algo]
    (tmp_path / "small.toml").write_text("clip_range = 0.1\nexplored = 0.1\n")
    code, text = run([*learn, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "--config may set" in text


def test_a_training_begins_with_the_teacher_that_was_recorded(run, small_training, tmp_path):
    tuned_record(stop=0.4).write(tmp_path)
    learn = small_training(tmp_path)
    taught = ["--teacher", "at50", "--tuned", tmp_path / "tuned.json"]
    code, text = run([*learn, *taught, "--out", tmp_path / "run"])
    assert code == 0, text
    taught = Teacher(rule="at50", parameters={"stop": 0.4}, tuned=True)
    assert TrainingRecord.read(tmp_path / "run").teacher == taught
    assert run([*learn, "--out", tmp_path / "alone"])[0] == 0
    assert TrainingRecord.read(tmp_path / "alone").teacher is None
    one, other = ((tmp_path / name / POLICY).read_bytes() for name in ("run", "alone"))
    assert one != other


def test_one_network_learns_several_diseases_and_leaves_a_policy_of_each(run, small_training, tmp_path):
    learn = partial(small_training, tmp_path, "--also", "lung", "breast", "--out")
    sizes = {"n_envs": 6, "batch_size": 48}
    code, text = run(learn(tmp_path / "run", history=2, evaluate_every=1, **sizes))
    assert code == 0 and "per year of follow-up" in text, text
    assert not (tmp_path / "run" / "policy.npz").exists()
    for disease in ("prostate", "lung", "breast"):
        trial = ["benchmark", "--disease", disease, "--policies", "no_treatment", "--patients", 2, "--watch", 0]
        code, text = run([*trial, "--runs", tmp_path / "run" / disease, "--out", tmp_path / disease])
        assert code == 0, text
        record = TrainingRecord.read(tmp_path / "run" / disease)
        assert record.disease == disease and record.diseases == ("prostate", "lung", "breast")
        task = Task(disease=disease, cohort="validation", patients=2, seed=0)
        own = TrainedPolicy.from_bytes((tmp_path / "run" / disease / POLICY).read_bytes())
        assert record.scores[-1].mean_return == pytest.approx(examined(task, own)["mean_return"])
    code, text = run(learn(tmp_path / "other"))
    assert code == BAD_REQUEST and "n_envs to a multiple of the 3 diseases, such as 3, got 4" in text
    assert not (tmp_path / "other").exists()


def test_a_shared_training_killed_while_it_notes_its_best_policy_ends_with_the_score_of_the_policy_kept(
    run, small_training, tmp_path, monkeypatch
):
    learn = partial(small_training, tmp_path, "--also", "lung", "--out", tmp_path / "run", evaluate_every=1)
    real, killed = RunFolder.write_json, []

    def write(folder, name, content):
        """Be killed once a first score is written."""
        real(folder, name, content)
        if name.endswith("best.json") and not killed:
            killed.append(name)
            raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="killed"):
        patch.setattr(RunFolder, "write_json", write)
        run(learn(steps=32))
    code, text = run([*learn(steps=64), "--resume"])
    assert code == 0, text
    for disease in ("prostate", "lung"):
        own = RunFolder(tmp_path / "run" / disease)
        (score,) = TrainingRecord.read(own.path).scores
        task = Task(disease=disease, cohort="validation", patients=2, seed=0)
        policy = TrainedPolicy.from_bytes((own.path / POLICY).read_bytes())
        assert score.mean_return == pytest.approx(examined(task, policy)["mean_return"])
        assert len(Provenance.read(own.path).resumed) == 1, "as that of the whole"


def test_one_network_begins_with_a_teacher_of_each_disease_and_its_seeds_are_benchmarked_in_each(
    run, small_training, tmp_path
):
    learn = small_training(tmp_path, "--also", "lung")
    taught = ["--teacher", "at50", "metronomic", "--seeds", 2]
    code, text = run([*learn, *taught, "--out", tmp_path / "run"])
    assert code == 0, text
    both = (Teacher(rule="at50", parameters={}), Teacher(rule="metronomic", parameters={}))
    assert TrainingRecord.read(tmp_path / "run" / "seed-1").teachers == both
    for disease, teacher in zip(("prostate", "lung"), both, strict=True):
        assert TrainingRecord.read(tmp_path / "run" / "seed-1" / disease).teacher == teacher
        trial = ["benchmark", "--disease", disease, "--policies", "no_treatment", "--patients", 2, "--watch", 0]
        code, text = run([*trial, "--runs", tmp_path / "run", "--out", tmp_path / disease])
        assert code == 0, text
        policies = BenchmarkSummary.read(tmp_path / disease).policies
        about = [policies[f"ppo seed {seed}"].training for seed in (0, 1)]
        assert [each.source for each in about] == [str(tmp_path / "run" / f"seed-{k}" / disease) for k in (0, 1)]
        assert {each.group for each in about} == {str(tmp_path / "run")}
    code, text = run([*learn, "--teacher", "at50", "at51", "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "policy must be one of alternating," in text


def test_learners_may_see_everything_at_other_intervals(run, small_training, tmp_path):
    seen = ["--observation", "full", "--visit-interval", 56]
    assert run(small_training(tmp_path, *seen, "--out", tmp_path / "run"))[0] == 0
    trial = ["benchmark", "--policies", "at50", "--runs", tmp_path / "run", "--patients", 2, "--watch", 1]
    code, text = run([*trial, "--out", tmp_path / "trial"])
    assert code == 0, text
    days = pd.read_parquet(tmp_path / "trial" / "courses.parquet").query("policy == 'ppo'")["day"]
    assert days.iloc[:3].tolist() == [0.0, 56.0, 112.0]
    other = ["--out", tmp_path / "other"]
    code, text = run([*trial, "--observation", "clinic", *other])
    assert code == BAD_REQUEST and "cannot treat prostate" in text
    code, text = run([*trial, "--visit-interval", 28, *other])
    assert code == BAD_REQUEST and "trained for a visit every 56 days, got one every 28" in text
    tuned_record().write(tmp_path)
    code, text = run([*trial, "--tuned", tmp_path / "tuned.json", *other])
    assert code == BAD_REQUEST and "tuned for a visit every 28 days, got one every 56" in text
    assert not (tmp_path / "other").exists()
