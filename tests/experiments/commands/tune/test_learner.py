"""The search for hyperparameters: begins where it is told, is resumed, and leaves settings that train as they are."""

import json
import re
from dataclasses import replace

import optuna
import pytest

from metaenv_agents.rl.learners import LEARNERS
from metaenv_experiments.__main__ import main
from metaenv_experiments.commands.tune.learner import JOURNAL, Options, Trials
from metaenv_experiments.commands.tune.learner import run as tune
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.training.hyperparameters import as_toml, settings

SMALL = "n_envs = 4\nn_steps = 8\nbatch_size = 32\nevaluate_every = 1\n"


def trials(tmp_path, algo="ppo", **changes):
    start = LEARNERS[algo].settings(**changes)
    return Trials(path=tmp_path / JOURNAL, disease="prostate", start=start, trials=1, seed=0, validation_patients=2)


@pytest.mark.parametrize("algo", LEARNERS)
def test_a_search_begins_at_the_defaults(algo, tmp_path):
    search = trials(tmp_path, algo)
    asked = search.study(first=True).ask()
    chosen = LEARNERS[algo].search_space(asked)
    found = search.settings_of(asked.params)
    assert chosen.keys() > {"learning_rate", "gamma"}
    assert found.gamma == pytest.approx(search.start.gamma)
    assert replace(found, gamma=search.start.gamma) == search.start


@pytest.mark.parametrize("outside", [{"learning_rate": 1.0}, {"net_arch": (7,)}])
def test_a_start_outside_the_ranges_is_left_out(outside, tmp_path):
    assert trials(tmp_path, **outside).study(first=True).trials == []


@pytest.mark.parametrize("algo", LEARNERS)
def test_settings_written_as_toml_are_read_the_same(algo, tmp_path):
    chosen = LEARNERS[algo].settings(total_timesteps=30_000, net_arch=(32, 16), gamma=0.98)
    (tmp_path / "best.toml").write_text(as_toml(chosen, 1.5, 8))
    assert settings(tmp_path / "best.toml", total_timesteps=30_000, algo=algo) == chosen


def test_a_search_is_resumed_and_its_best_is_trained(tmp_path, capsys):
    config = tmp_path / "small.toml"
    config.write_text(SMALL)
    options = {"config": config, "steps": 64, "validation_patients": 2, "out": tmp_path / "run"}
    tune(Options(trials=2, **options))
    tune(Options(trials=3, resume=True, **options))
    said = capsys.readouterr()
    assert "0 of 2 trials are done" in said.out and "2 of 3 trials are done" in said.out
    assert "tuning ppo: 0 of 2 trainings (0 %)" in said.err and "tuning ppo: 2 of 3 trainings (67 %)" in said.err
    assert re.search(r"tuning ppo, best \d\.\d\d: 3 of 3 trainings \(100 %\)", said.err)
    study = trials_of(tmp_path / "run" / JOURNAL)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 3
    assert len({json.dumps(trial.params) for trial in study.trials}) == 3
    with pytest.raises(UsageError, match="steps was 64, got 32"):
        tune(Options(trials=4, resume=True, **(options | {"steps": 32})))
    best = tmp_path / "run" / "best.toml"
    assert settings(best, total_timesteps=64).n_envs == 4
    again = main(
        ["train", "--config", str(best), "--total-timesteps", "64", "--validation-patients", "2", *out(tmp_path)]
    )
    assert again == 0
    assert TrainingRecord.read(tmp_path / "trained").best == pytest.approx(study.best_value)


def test_a_trial_that_was_killed_does_not_count(tmp_path):
    search = trials(tmp_path, n_envs=4, n_steps=8, batch_size=32, evaluate_every=1, total_timesteps=32)
    search.study(first=True).ask()  # and never told
    search.work(0)
    states = [trial.state.name for trial in trials_of(tmp_path / JOURNAL).trials]
    assert states == ["RUNNING", "COMPLETE"]


def test_a_line_that_a_full_disk_cut_off_does_not_spoil_the_search(tmp_path):
    search = trials(tmp_path)
    search.study(first=True).ask()
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole + whole.splitlines()[-1][:20])
    search.study(first=True).ask()
    assert (tmp_path / JOURNAL).read_bytes().startswith(whole)
    assert [trial.number for trial in trials_of(tmp_path / JOURNAL).trials] == [0, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--trials", "0"], "--trials must be >= 1, got 0"),
        (["--config", "/nowhere"], "--config must be a file that exists, or one of those that ship: ppo_full,"),
        (["--disease", "measles"], "disease must be one of"),
    ],
)
def test_bad_requests_are_refused(options, message, refused):
    refused(["tune", "learner", *options], message)


def trials_of(journal):
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(journal)))
    return optuna.load_study(study_name="ppo", storage=storage)


def out(tmp_path):
    return ["--out", str(tmp_path / "trained")]
