"""What tests of commands share."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metaenv_experiments.reporting import summary as report

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds


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


@pytest.fixture
def no_pictures(monkeypatch):
    """Pictures and pages of benchmarks are looked at elsewhere, and take most of the time."""
    monkeypatch.setattr(report, "draw", lambda folder: None)
    monkeypatch.setattr(report.html_report, "write", lambda folder: None)


@pytest.fixture(scope="session")
def kill():
    """kill(command, ready): run Python with a command line and kill it, as kill -9 does, once ready() is true."""
    return kill_process
