"""Progress where there is no terminal: a plain line every ten seconds, for a log, a pipe or a notebook."""

from __future__ import annotations

import math
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

from rich.progress import Progress, Task, TaskID

EVERY = 10.0  # seconds between two lines
LOOK = 1.0  # seconds between two looks at the tasks
AT_ONCE = 2.0  # seconds within which what a resumed run finds done is counted, which is no work of now
WINDOW = 60.0  # seconds over which a rate is taken, longer where less than two changes fall into them
PERIODS = (("s", 1.0), ("min", 60.0), ("h", 3600.0))  # of rates, in seconds


class Lines(Progress):
    """Counts as rich's bar does, and tells it in lines: at once, every ten seconds however little moves, at the end.

    Args:
        stream: where the lines go. None: the error stream as it is when told.
        clock: seconds. None: the console's.
    """

    def __init__(self, *, stream: TextIO | None = None, clock: Callable[[], float] | None = None) -> None:
        super().__init__(disable=True, get_time=clock)
        self._stream = stream
        self._told: dict[TaskID, tuple[float, str]] = {}  # when its last line was written, and what it counted
        self._course: dict[TaskID, deque[tuple[float, float]]] = {}  # (seconds, completed) at every change
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look_on, daemon=True)

    def start(self) -> None:
        """Begin to look; a long step that reports nothing is told too."""
        self._watch.start()

    def stop(self) -> None:
        """Tell where everything stands, and end."""
        self._ended.set()
        self._watch.join()
        self.look(last=True)

    def add_task(self, *arguments: Any, **options: Any) -> TaskID:
        """As rich's, and told at once."""
        task = super().add_task(*arguments, **options)
        self.look()
        return task

    def look(self, *, last: bool = False) -> None:
        """Tell every task whose line is due; the last time those that have moved since they were told."""
        with self._lock:
            now = self.get_time()
            for task in self.tasks:
                self._note(task, now)
                when, counted = self._told.get(task.id, (-math.inf, ""))
                due = counted != _counted(task) if last else now - when >= EVERY
                if due:
                    self._told[task.id] = now, _counted(task)
                    self._print(self._line(task, now))

    def _look_on(self) -> None:
        while not self._ended.wait(LOOK):
            self.look()

    def _note(self, task: Task, now: float) -> None:
        course = self._course.setdefault(task.id, deque([(now, task.completed)]))
        if task.completed != course[-1][1]:
            if (task.elapsed or 0.0) <= AT_ONCE:
                course.clear()
            course.append((now, task.completed))
        while len(course) > 2 and course[1][0] <= course[-1][0] - WINDOW:
            course.popleft()

    def _line(self, task: Task, now: float) -> str:
        parts = [_counted(task)]
        (began, before), (changed, completed) = self._course[task.id][0], self._course[task.id][-1]
        if changed > began and completed > before:
            rate = (completed - before) / (changed - began)
            parts.append(_rate(rate, task.fields.get("unit", "")))
            if task.total is not None and not task.finished:
                parts.append(f"{_time(max(0.0, task.total - completed) / rate - (now - changed))} left")
        return ", ".join([*parts, f"{_time(task.elapsed or 0.0)} elapsed"])

    def _print(self, line: str) -> None:
        try:
            print(line, file=self._stream or sys.stderr, flush=True)
        except (OSError, ValueError):  # a full disk under the log, a reader that left: the work goes on untold
            self._ended.set()


def _counted(task: Task) -> str:
    """What is done, how far it is, of how much."""
    done, unit = f"{task.completed:,.0f}", task.fields.get("unit", "")
    if not task.total:
        return f"{task.description}: {done} {unit}"
    return f"{task.description}: {done} of {task.total:,.0f} {unit} ({100 * task.completed / task.total:.0f} %)"


def _rate(rate: float, unit: str) -> str:
    """Per second, minute or hour, whichever is the first with one at least."""
    name, seconds = next((each for each in PERIODS if rate * each[1] >= 1.0), PERIODS[-1])
    each = rate * seconds
    return f"{each:,.0f} {unit}/{name}" if each >= 100 else f"{each:.2g} {unit}/{name}"


def _time(seconds: float) -> str:
    """Seconds as m:ss, or h:mm:ss."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
