"""What the user sees: one console and one kind of progress bar."""

from __future__ import annotations

import os

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PLAIN_WIDTH = 110  # columns, where the output is no terminal and so has no width of its own


def console(*, stderr: bool = False) -> Console:
    """Return a console that does not squeeze tables into 80 columns when piped."""
    screen = Console(stderr=stderr)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        return Console(stderr=stderr, width=PLAIN_WIDTH)
    return screen


def progress() -> Progress:
    """Return a progress bar with the time that is left, on the error stream so that tables can be piped."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TextColumn("elapsed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console(stderr=True),
    )
