"""What tests of commands share."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.reporting import summary as report

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds
SMALL = {"patients": 4, "visits": 8, "batch": 32, "history": 1, "hidden": [8]}  # settings that learn in no time


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
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in (SMALL | settings).items()))
    return ["train", "--config", config, "--steps", steps, "--validation-patients", 2, *more]


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


@pytest.fixture(scope="session")
def small_training():
    """small_training(folder, *more, steps=1, **settings): the words of a training that takes no time."""
    return words_of_training


@pytest.fixture
def no_pictures(monkeypatch):
    """Pictures and pages of benchmarks are looked at elsewhere, and take most of the time."""
    monkeypatch.setattr(report, "draw", lambda folder: None)
    monkeypatch.setattr(report.html_report, "write", lambda folder: None)


@pytest.fixture(scope="session")
def kill():
    """kill(command, ready): run Python with a command line and kill it, as kill -9 does, once ready() is true."""
    return kill_process
