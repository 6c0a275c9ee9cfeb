"""What `barriers` says: the same tables on the screen and on a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd
from rich import box
from rich.table import Table

from experiments import statistics
from experiments.metrics import DAYS_PER_MONTH
from experiments.removals import REMOVALS
from experiments.statements import Results, scaled
from experiments.statistics import Estimate
from experiments.strategies import STRATEGIES, applies
from experiments.verdicts import Evidence, Finding

NOT_REACHED = "not reached"


class Sheet(NamedTuple):
    """A table before it is drawn."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def outcomes(cell: pd.DataFrame) -> dict[str, Estimate]:
    """How the patients of one cell fared; shares are fractions, times months."""
    found = {
        "cured": statistics.proportion(cell["cured"]),
        "event_free": statistics.proportion(~cell["died"] & ~cell["progressed"]),
        "toxic": statistics.proportion(cell["toxic"]),
    }
    for name, days, event in (("progression", "progression_days", "progressed"), ("survival", "survival_days", "died")):
        curve = statistics.kaplan_meier(cell[days], cell[event])
        found[name] = scaled(statistics.median(curve), 1 / DAYS_PER_MONTH)
    return found


def outcome_sheets(results: Results) -> list[Sheet]:
    """One table per strategy: every removal, what became of the patients."""
    header = (
        "barrier removed",
        "cured, %",
        "alive without progression at the end, %",
        "median time to progression, months",
        "median survival, months",
        "toxic deaths, %",
    )
    sheets = []
    for strategy in STRATEGIES.values():
        if not applies(strategy, results.disease):
            continue
        rows = []
        for removal in REMOVALS:
            found = outcomes(results.of(strategy.name, removal))
            shares = [written(scaled(found[name], 100.0)) for name in ("cured", "event_free")]
            times = [written(found[name]) for name in ("progression", "survival")]
            rows.append((words(removal), *shares, *times, written(scaled(found["toxic"], 100.0))))
        sheets.append(Sheet(f"{words(results.disease)}: {strategy.does}", header, rows))
    return sheets


def trait_sheet(results: Results) -> Sheet:
    """Which traits a drug leaves behind: their mean share at progression, and untreated on the same day."""
    traits = sorted({trait for traits in results.resisting.values() for trait in traits})
    rows = []
    for drug, resisting in results.resisting.items():
        cell = results.of(f"alone_{drug}")
        cell = cell[cell["on_drug"] == True]  # noqa: E712  # absent where nobody progressed
        shares = [
            " / ".join(f"{100 * cell[f'{name}_{trait}'].mean():.2g}" for name in ("at_progression", "untreated"))
            + (" *" if trait in resisting else "")
            if len(cell)
            else "–"
            for trait in traits
        ]
        rows.append((drug, str(len(cell)), *shares))
    title = (
        f"{words(results.disease)}: mean share of cells with a trait, %, at progression on one drug / untreated on "
        "the same day (*: makes a cell resistant to this drug)"
    )
    return Sheet(title, ("drug alone", "progressed on it", *traits), rows)


def statement_list(found: Iterable[Finding]) -> str:
    """Statement, verdict and evidence as a list for a page."""
    lines = []
    for finding in found:
        lines.append(f"- **{finding.statement}**: {finding.verdict}")
        lines += [f"  - {evidence_text(item)}" for item in finding.evidence]
    return "\n".join(lines)


def evidence_text(item: Evidence) -> str:
    """One number in words; what decides is marked."""
    if item.patients == 0:
        return f"{item.what}: no patient"
    unit = " %" if item.unit == "%" else f" {item.unit}"
    decides = "" if item.verdict is None else f" → {item.verdict}"
    number = written(item.estimate, digits=2 if item.unit.startswith("log10") else 1)
    return f"{item.what}: {number}{unit}, n = {item.patients}{decides}"


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


def as_json(results: Results, found: Sequence[Finding]) -> dict[str, Any]:
    """Every number of the tables and statements."""
    cells: dict[str, dict[str, Any]] = {}
    for (removal, strategy), cell in results.cells.items():
        estimates = {name: estimate._asdict() for name, estimate in outcomes(cell).items()}
        cells.setdefault(strategy, {})[removal] = estimates
    return {
        "outcomes": cells,
        "resisting_traits": results.resisting,
        "statements": [finding.as_json() for finding in found],
    }
