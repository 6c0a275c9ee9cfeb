"""One kind of table, for the screen, for pages and for reports, and how numbers stand in it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich import box
from rich.markup import escape
from rich.table import Table as ScreenTable

from metaenv_experiments.evaluation.statistics import Estimate

NOT_REACHED = "not reached"
FIRST_WIDTH = 14  # columns: two words of most names; a table then fits 80 columns


class Table(NamedTuple):
    """A table before it is drawn. In a cell, what stands after a line break is said in passing, such as an interval."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""
    first_width: int | None = None  # columns of the first, on the screen


def on_screen(table: Table) -> ScreenTable:
    """The table for the screen."""
    drawn = ScreenTable(
        title=table.title or None,
        caption=table.caption or None,
        title_justify="left",
        caption_justify="left",
        title_style="bold",
        padding=(0, 0, 0, 1),
        box=box.SIMPLE_HEAD,
        show_header=any(table.header),
    )
    for k, column in enumerate(table.header):
        if k == 0:
            drawn.add_column(column, width=table.first_width, overflow="fold")  # a long name is never cut
        else:
            drawn.add_column(column, justify="right", no_wrap=True)
    for row in table.rows:
        drawn.add_row(*map(_dimmed, row))
    return drawn


def markdown(table: Table) -> str:
    """The table for a page."""
    rule = ["--:" if k and _is_numeric(row[k] for row in table.rows) else "---" for k in range(len(table.header))]
    lines: list[Sequence[str]] = [[_one_line(cell) for cell in table.header], rule]
    lines += [[_in_brackets(cell) for cell in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def as_html(table: Table) -> str:
    """The table for a report."""
    head = "".join(f"<th>{html.escape(_one_line(cell))}</th>" for cell in table.header)
    rows = ("".join(f"<td>{html.escape(_in_brackets(cell))}</td>" for cell in row) for row in table.rows)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    caption = f"<caption>{html.escape(table.title)}</caption>" if table.title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def written(estimate: Estimate, digits: int = 1) -> str:
    """A number with its interval; what a follow-up did not reach is said so."""
    value, low, high = ("" if math.isnan(number) else _rounded(number, digits) for number in estimate)
    between = " to " if low.startswith("-") else "–"
    interval = f" ({low}{between}{high})" if low and high else f" (> {low})" if low else ""
    return (value or NOT_REACHED) + interval


def words(name: str) -> str:
    """A name as text."""
    return name.replace("_", " ")


def _rounded(number: float, digits: int) -> str:
    text = f"{number:.{0 if abs(number) >= 99.95 else digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _is_numeric(cells: Iterable[str]) -> bool:
    """Whether a column holds numbers, or nothing."""
    return all(not cell or cell.removeprefix("-")[:1].isdigit() or cell.startswith(NOT_REACHED) for cell in cells)


def _dimmed(cell: str) -> str:
    first, _, rest = cell.partition("\n")
    return f"{escape(first)}\n[dim]{escape(rest)}[/dim]" if rest else escape(first)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _in_brackets(cell: str) -> str:
    first, _, rest = cell.partition("\n")
    return f"{first} ({_one_line(rest)})" if rest else first
