"""Where there is no terminal, progress is plain lines: at once, every ten seconds, and at the end."""

import errno
import io
import os
import subprocess
import sys

import pytest
from rich.progress import Progress

from metaenv_experiments.running import console as screen
from metaenv_experiments.running.progress_lines import Lines


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def told():
    """A watch over tasks whose seconds a test lets pass: `told.after(seconds)` gives the lines that this brought."""

    class Told(Lines):
        def __init__(self):
            self.clock, self.text = Clock(), io.StringIO()
            super().__init__(stream=self.text, clock=self.clock)

        def after(self, seconds, *, last=False):
            before = len(self.text.getvalue())
            for _ in range(seconds):
                self.clock.now += 1.0
                self.look()
            self.look(last=last)
            return self.text.getvalue()[before:].splitlines()

    return Told()


def test_a_task_is_told_at_once_and_then_every_ten_seconds_however_little_moves(told):
    told.add_task("treating", total=8, unit="patients")
    assert told.text.getvalue() == "treating: 0 of 8 patients (0 %), 0:00 elapsed\n"
    assert told.after(9) == []
    assert told.after(1) == ["treating: 0 of 8 patients (0 %), 0:10 elapsed"]
    assert len(told.after(60)) == 6


def test_a_line_says_what_how_much_the_rate_and_the_time_left(told):
    step = told.add_task("training ppo", total=1_000_000, unit="visits")
    for second in range(1, 101):
        told.update(step, completed=2_000 * second, description="training ppo, validation 2.31, best 2.40")
        lines = told.after(1)
    (line,) = lines
    assert line == (
        "training ppo, validation 2.31, best 2.40: 200,000 of 1,000,000 visits (20 %), 2,000 visits/s, "
        "6:40 left, 1:40 elapsed"
    )


def test_the_rate_is_that_of_the_last_minute(told):
    step = told.add_task("treating", total=1_000_000, unit="patients")
    for _ in range(300):
        told.advance(step, 1_000)
        told.after(1)
    for _ in range(100):
        told.advance(step, 500)
        lines = told.after(1)
    assert ", 500 patients/s, 21:40 left," in lines[-1]


def test_slow_work_is_counted_by_the_hour_and_the_time_left_falls_meanwhile(told):
    step = told.add_task("solving", total=3, unit="patients")
    told.after(1200)
    told.advance(step)
    told.after(1)
    assert ", 3 patients/h, 30:03 left, 30:00 elapsed" in told.after(599)[-1]
    assert told.after(3600)[-1].endswith(", 0:00 left, 1:30:00 elapsed")


def test_what_a_resumed_run_finds_done_is_no_speed(told):
    step = told.add_task("treating", total=1_000, unit="patients")
    told.update(step, completed=900)
    told.after(1)
    for _ in range(9):
        told.advance(step, 2)
        lines = told.after(1)
    assert lines[-1].startswith("treating: 918 of 1,000 patients (92 %), 2 patients/s, 0:41 left")


def test_the_end_is_told_unless_it_was_told_already(told):
    step = told.add_task("treating", total=4, unit="patients")
    told.after(3)
    told.update(step, completed=4)
    assert told.after(0, last=True) == ["treating: 4 of 4 patients (100 %), 1.3 patients/s, 0:03 elapsed"]
    assert told.after(0, last=True) == []


def test_a_log_that_cannot_be_written_does_not_end_the_work():
    class Full(io.StringIO):
        def flush(self):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Lines(stream=Full()) as lines:
        step = lines.add_task("treating", total=4, unit="patients")
        lines.advance(step, 4)
    assert lines.finished


PIPED = """
import sys, time
from metaenv_experiments.running import progress_lines as lines
from metaenv_experiments.running.console import console, progress
lines.LOOK, lines.EVERY = 0.02, 0.1
with progress() as bar:
    step = bar.add_task("training ppo", total=3, unit="visits")
    time.sleep(0.45)
    bar.update(step, completed=3)
console().print("a table")
"""


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"TERM": "xterm-256color", "CLICOLOR_FORCE": "1"}])
def test_a_pipe_gets_lines_without_control_codes_while_the_work_goes_on(environment):
    done = subprocess.run(
        [sys.executable, "-c", PIPED], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    lines = done.stderr.splitlines()
    assert lines[0] == "training ppo: 0 of 3 visits (0 %), 0:00 elapsed"
    assert lines[-1].startswith("training ppo: 3 of 3 visits (100 %)")
    assert 4 <= len(lines) <= 7
    assert "\x1b" not in done.stderr and "\r" not in done.stderr
    assert done.stdout.strip() == "a table"


def test_a_terminal_keeps_its_bar(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert type(screen.progress()) is Progress
    monkeypatch.setenv("TERM", "dumb")
    assert type(screen.progress()) is Lines
