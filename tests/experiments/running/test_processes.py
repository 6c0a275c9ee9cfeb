"""Processes share work, give what one would give, and do not outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metaenv_experiments.running.processes import workers

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import time
from metaenv_experiments.running.processes import workers

if __name__ == "__main__":
    with workers(2) as each_of:
        print(*{*each_of(who, range(8))}, flush=True)
        time.sleep(600)
"""


def square(number):
    return number * number


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes):
    with workers(processes) as each_of:
        assert each_of(square, list(range(7))) == [number * number for number in range(7)]


def who(_):
    time.sleep(0.2)
    return os.getpid()


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_they_end_when_their_parent_is_killed(tmp_path):
    script = "from tests.experiments.running.test_processes import who" + PARENT
    file = tmp_path / "parent.py"
    file.write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, file], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    children = [int(number) for number in parent.stdout.readline().split()]
    parent.stdout.close()
    assert len(children) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20.0
    while any(runs(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(runs(child) for child in children)


def runs(process):
    """Whether it is there and no zombie that nobody has asked for."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def begun(file):
    """Say in a file that it began, and take a while; the first fails."""
    file.touch()
    if file.name == "0":
        raise KeyboardInterrupt
    time.sleep(1.0)


def test_after_an_interrupt_no_other_piece_of_work_begins(tmp_path):
    with pytest.raises(KeyboardInterrupt), workers(2, waiting=1) as each_of:
        each_of(begun, [tmp_path / str(k) for k in range(6)])
    assert {file.name for file in tmp_path.iterdir()} <= {"0", "1"}


STARTING = """
import os, signal, sys, threading
from metaenv_experiments.running.processes import workers
from tests.experiments.running.test_processes import sleep

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a shell's background job
    threading.Timer({after}, os.killpg, (0, signal.SIGINT)).start()
    try:
        with workers(2) as each_of:
            each_of(sleep, list(range(8)))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
"""


def sleep(_):
    time.sleep(60)


@pytest.mark.skipif(os.name != "posix", reason="interrupts as POSIX does")
@pytest.mark.parametrize("after", [0.1, 3.0])  # seconds: while they begin, and while they work
def test_ctrl_c_in_a_terminal_ends_them_without_a_word_of_theirs(after, tmp_path):
    file = tmp_path / "parent.py"
    file.write_text(STARTING.format(after=after))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, file], stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "interrupted\n")
    assert time.monotonic() - begun < 30.0
