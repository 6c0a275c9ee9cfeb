"""What a finished trial says: tables, pictures, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from metaenv_experiments.pages import html_report
from metaenv_experiments.pages.pictures import draw
from metaenv_experiments.pages.table import difference_table, outcome_table, reliability_table, treatment_table
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.contestants import Contestant
from metaenv_experiments.trials.metrics import Comparison


def report(folder: RunFolder, comparison: Comparison, contestants: Sequence[Contestant], *, unit: str) -> None:
    """Print the tables, draw the pictures, say where everything lies."""
    screen = console()
    for table in tables(comparison, unit=unit):
        screen.print(table)
    for contestant in contestants:
        if contestant.note:
            screen.print(f"{contestant.name}: {contestant.note}")
    draw(folder)
    html_report.write(folder)
    say_where(folder.path)


def tables(comparison: Comparison, *, unit: str) -> list[Table]:
    """What the patients lived and were given, and the differences between policies where there are several."""
    found = [outcome_table(comparison, unit=unit), treatment_table(comparison)]
    if comparison.differences:
        found += [difference_table(comparison, unit=unit), reliability_table(comparison, unit=unit)]
    return found


def say_where(path: Path) -> None:
    """List what a run left behind."""
    files = sorted(
        entry for entry in path.rglob("*") if entry.is_file() and entry.parent.name in (path.name, "pictures")
    )
    console().print(f"\nleft in {path}: " + ", ".join(str(entry.relative_to(path)) for entry in files), soft_wrap=True)
