"""What the user sees: one console, and one kind of progress, as a bar or in lines."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from metaenv_experiments.running.failures import silence
from metaenv_experiments.running.progress_lines import Lines

PLAIN_WIDTH = 110  # columns, where the output is no terminal and so has no width of its own


class Screen(Console):
    """A console whose reader may leave early (`| head`): the work goes on, its folder is written, nobody is told."""

    def on_broken_pipe(self) -> None:
        """Print to nowhere from now on, where rich would end the program."""
        self.quiet = True
        silence(self.file)


def console(*, stderr: bool = False) -> Console:
    """Return a console that does not squeeze tables into 80 columns when piped."""
    screen = Screen(stderr=stderr)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        return Screen(stderr=stderr, width=PLAIN_WIDTH)
    return screen


def progress() -> Progress:
    """Return progress with the time that is left, on the error stream so that tables can be piped.

    A bar where that is a terminal, elsewhere a plain line every ten seconds, even where colours are forced.
    """
    screen = console(stderr=True)
    if not _is_terminal() or screen.is_dumb_terminal:
        return Lines()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=screen,
    )


def _is_terminal() -> bool:
    """Whether the error stream is one; rich would also say so where FORCE_COLOR is set."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # no stream at all, or a closed one
        return False
