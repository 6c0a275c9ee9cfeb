"""Tables that stand both on the screen and on a page, and how numbers stand in them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich import box
from rich.table import Table

from metaenv_experiments.trials.statistics import Estimate

NOT_REACHED = "not reached"


class Sheet(NamedTuple):
    """A table before it is drawn."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def written(estimate: Estimate, digits: int = 1) -> str:
    """A number with its interval; what a follow-up did not reach is said so."""
    value, low, high = ("" if math.isnan(number) else _rounded(number, digits) for number in estimate)
    between = " to " if low.startswith("-") else "–"
    interval = f" ({low}{between}{high})" if low and high else f" (> {low})" if low else ""
    return (value or NOT_REACHED) + interval


def _rounded(number: float, digits: int) -> str:
    text = f"{number:.{0 if abs(number) >= 99.95 else digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def words(name: str) -> str:
    """A name as text."""
    return name.replace("_", " ")


def commit(provenance: Mapping[str, Any]) -> str:
    """The commit that a run was made with."""
    dirty = ", with changes that were not committed" if provenance["dirty"] else ""
    return "unknown" if provenance["commit"] is None else f"`{provenance['commit'][:12]}`{dirty}"


def how_trained(name: str, about: Mapping[str, Any]) -> str:
    """How a learner was trained, and how good it was on validation patients; `about` are its parameters in a record."""
    score = "none" if about["validation"] is None else f"{about['validation']:.2f}"
    begun = f", begun as `{about['begun']}`" if about.get("begun") else ""
    whole = "" if about.get("finished", True) else ", **not finished**"
    return (
        f"{words(name)}: `metaenv {about['command']}`{begun}{whole}, commit "
        f"{commit({'dirty': False, **about})}; best return of validation patients {score}."
    )


def drawn(sheet: Sheet) -> Table:
    """The table for the screen."""
    table = Table(
        title=sheet.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for k, column in enumerate(sheet.header):
        table.add_column(column, justify="left" if k == 0 else "right")
    for row in sheet.rows:
        table.add_row(*row)
    return table


def markdown(sheet: Sheet) -> str:
    """The table for a page."""
    right = [k > 0 for k in range(len(sheet.header))]
    lines: list[Sequence[str]] = [sheet.header, ["--:" if k else "---" for k in right], *sheet.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
