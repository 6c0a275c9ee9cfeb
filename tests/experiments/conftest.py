"""What tests of commands share."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import choose_reference, compare
from metaenv_experiments.evaluation.policies import LEARNER, NamedPolicy, TrainedWith
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting import end_of_run
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds
SMALL = {"n_envs": 4, "batch_size": 32, "history": 1, "net_arch": [8]}  # settings that learn in no time
ON_POLICY = {"n_steps": 8}
OFF_POLICY = {"train_freq": 8, "learning_starts": 8, "buffer_size": 64}
OFF_POLICY_LEARNERS = ("sac", "tqc", "dqn", "qr_dqn")


def kill_process(command, ready):
    """Run Python with a command line from the project's root, and kill it (-9) once `ready()`."""
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *(str(each) for each in command)], **quiet)
    try:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline, "it wrote nothing that was waited for"
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def words_of_training(folder, *more, steps=1, **settings):
    """Words of a command that trains a small network, with settings of its own beside `SMALL`."""
    config = folder / "small.toml"
    some = OFF_POLICY if any(learner in more for learner in OFF_POLICY_LEARNERS) else ON_POLICY
    content = SMALL | some | settings
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in content.items()))
    return ["train", "--config", config, "--total-timesteps", steps, "--validation-patients", 2, *more]


@pytest.fixture
def run(capsys):
    """run(arguments): exit code of a command line, and all that it printed, as one line unless flat=False."""

    def answer(arguments, *, flat=True):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # what the parser refuses
            code = leaving.code
        printed = capsys.readouterr()
        text = printed.out + printed.err
        return code, " ".join(text.replace("│", " ").split()) if flat else text

    return answer


@pytest.fixture
def refused(run, monkeypatch, tmp_path):
    """refused(arguments, message): a command line is answered at the door, exit code 2, and leaves nothing."""

    def check(arguments, message):
        monkeypatch.chdir(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        code, text = run(arguments)
        assert code == BAD_REQUEST, text
        assert message in text
        assert "Traceback" not in text
        assert sorted(tmp_path.rglob("*")) == before

    return check


@pytest.fixture(scope="session")
def small_training():
    """small_training(folder, *more, steps=1, **settings): the words of a training that takes no time."""
    return words_of_training


@pytest.fixture
def no_pictures(monkeypatch):
    """Pictures and pages of benchmarks are looked at elsewhere, and take most of the time."""
    monkeypatch.setattr(end_of_run, "draw", lambda folder: None)
    monkeypatch.setattr(end_of_run.html_report, "write", lambda folder: None)


@pytest.fixture(scope="session")
def kill():
    """kill(command, ready): run Python with a command line and kill it, as kill -9 does, once ready() is true."""
    return kill_process


@pytest.fixture
def few_resamples(monkeypatch):
    """Intervals of few resamples: what is asked of them is not their last digit."""
    monkeypatch.setattr(statistics, "RESAMPLES", 100)


@pytest.fixture
def finished(few_resamples, tmp_path):
    """finished(policies, …): the folder of a benchmark that nobody had to play, see `finished_benchmark`."""
    return lambda policies, **options: finished_benchmark(tmp_path / "finished", policies, **options)


@pytest.fixture(scope="session")
def finished_at():
    """finished_at(path, policies, …): the same at a path, see `finished_benchmark`."""
    return finished_benchmark


def finished_benchmark(path, policies, *, trainings=None, noisy=None, **task):
    """Leave what a benchmark leaves, of policies with known means.

    Args:
        path: the folder; what lies there is replaced.
        policies: name -> (kind, mean return); learners whose names differ in a last digit are seeds of one training,
            and what is called ", doubled" has twice the copies.
        trainings: what is other than usual in a learner's training, by name.
        noisy: a policy whose patients have luck of their own, which changes no mean.
        task: fields of the task.
    """
    task = Task(**{"disease": "lung", "cohort": "test", "patients": 200, "seed": 3, **task})
    luck, noise = (np.random.default_rng(seed).normal(0.0, 0.1, task.patients) for seed in (0, 5))
    episodes = pd.concat(
        [
            episodes_of(name, task.ids, mean + luck + (name == noisy) * (noise - noise.mean()))
            for name, (_, mean) in policies.items()
        ]
    )
    told = trainings or {}
    named = [
        NamedPolicy(
            name=name,
            make=None,
            kind=kind,
            training=replace(training_of(name, mean), **told.get(name, {})) if kind == LEARNER else None,
            doubles=name.removesuffix(", doubled") if name.endswith(", doubled") else None,
        )
        for name, (kind, mean) in policies.items()
    ]
    folder, reference = RunFolder(path), choose_reference(None, list(policies))
    folder.write_table(EPISODES, episodes)
    comparison = compare(episodes, horizon=float(task.scenario.horizon), reference=reference)
    BenchmarkSummary.of(task, named, comparison).write(path)
    words = ("benchmark", "--disease", task.disease)
    Provenance(
        started="", arguments=words, seed=3, commit="0123456789abcdef", dirty=False, python="", versions={}, machine={}
    ).write(path)
    return folder


def episodes_of(name, ids, returns):
    """Episodes in which every patient dies after as many years as the return says."""
    columns = {"policy": name, "patient": ids, "return": returns, "survival_days": 365.25 * returns}
    columns |= {"died": True, "progression_days": 100.0, "progressed": True, "cured": False, "toxic": False}
    return pd.DataFrame(columns | {"dose_intensity_erlotinib": 0.5})


def training_of(name, validation):
    """How a learner was trained: the better its mean, the better it was on validation patients."""
    learner = name.rstrip("0123456789")
    return TrainedWith(
        learner=learner,
        seeds=(int(name.removeprefix(learner) or 0),),
        steps=1000,
        finished=True,
        validation=validation,
        group="runs",
        source=f"runs/{name}",
        command=f"metaenv train --out runs/{name}",
        commit="f" * 12,
    )
