"""The tables of the study of barriers, for the screen and for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from metaenv_experiments.evaluation import statistics, survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.tables import Table, words, written
from metaenv_experiments.studies.barriers.ablations import ABLATIONS
from metaenv_experiments.studies.barriers.statements import Results
from metaenv_experiments.studies.barriers.strategies import STRATEGIES, applies
from metaenv_experiments.studies.barriers.verdicts import Evidence, Finding


def outcomes(cell: pd.DataFrame) -> dict[str, Estimate]:
    """How the patients of one cell fared; shares are fractions, times months."""
    found = {
        "cured": statistics.proportion(cell["cured"]),
        "event_free": statistics.proportion(~cell["died"] & ~cell["progressed"]),
        "toxic": statistics.proportion(cell["toxic"]),
    }
    for name, days, event in (("progression", "progression_days", "progressed"), ("survival", "survival_days", "died")):
        curve = survival_statistics.kaplan_meier(cell[days], cell[event])
        found[name] = survival_statistics.median(curve).scaled(1 / DAYS_PER_MONTH)
    return found


def outcome_tables(results: Results) -> list[Table]:
    """One table per strategy: every ablation, what became of the patients."""
    header = (
        "barrier removed",
        "cured, %",
        "alive without progression at the end, %",
        "median time to progression, months",
        "median survival, months",
        "toxic deaths, %",
    )
    tables = []
    for strategy in STRATEGIES.values():
        if not applies(strategy, results.disease):
            continue
        rows = []
        for ablation in ABLATIONS:
            found = outcomes(results.of(strategy.name, ablation))
            shares = [written(found[name].scaled(100.0)) for name in ("cured", "event_free")]
            times = [written(found[name]) for name in ("progression", "survival")]
            rows.append((words(ablation), *shares, *times, written(found["toxic"].scaled(100.0))))
        tables.append(Table(f"{words(results.disease)}: {strategy.does}", header, rows))
    return tables


def trait_table(results: Results) -> Table:
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
    return Table(title, ("drug alone", "progressed on it", *traits), rows)


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


def as_json(results: Results, found: Sequence[Finding]) -> dict[str, Any]:
    """Every number of the tables and statements."""
    cells: dict[str, dict[str, Any]] = {}
    for (ablation, strategy), cell in results.cells.items():
        estimates = {name: estimate._asdict() for name, estimate in outcomes(cell).items()}
        cells.setdefault(strategy, {})[ablation] = estimates
    return {
        "outcomes": cells,
        "resisting_traits": results.resisting,
        "statements": [finding.as_json() for finding in found],
    }
