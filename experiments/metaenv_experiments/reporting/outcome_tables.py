"""The tables that a benchmark prints: outcomes, treatment, and differences between policies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH, DOSE, Comparison
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.tables import FIRST_WIDTH, Table, words

NOT_REACHED = "–"
Column = tuple[str, str, Callable[[Estimate], str]]  # header, metric, how it is written


def outcome_tables(summary: BenchmarkSummary) -> list[Table]:
    """What the patients lived and were given, and the differences between policies where there are several."""
    found = [outcome_table(summary), treatment_table(summary)]
    if summary.comparison.differences:
        found += [difference_table(summary), reliability_table(summary)]
    return found


def outcome_table(summary: BenchmarkSummary) -> Table:
    """How long and how well the patients lived."""
    comparison = summary.comparison
    columns: list[Column] = [
        (f"{_stacked(summary.return_unit)}\nmean", "return", _plain),
        ("survival\nmedian,\nmonths", "survival_median_days", _months),
        ("survival\nmean*,\nmonths", "survival_mean_days", _months),
        ("progression\nmedian,\nmonths", "progression_median_days", _months),
        ("progression\nmean*,\nmonths", "progression_mean_days", _months),
    ]
    if not _anybody_died(comparison):
        columns = [column for column in columns if not column[1].startswith("survival")]
    return _table(
        f"Outcomes of {comparison.patients} patients per policy (with 95 % interval)",
        comparison,
        columns,
        caption="* within the follow-up (restricted mean). –: not reached.",
    )


def treatment_table(summary: BenchmarkSummary) -> Table:
    """What the patients were given and what it cost them."""
    columns: list[Column] = [
        (f"{drug},\n% of\nfull dose", f"{DOSE}{drug}", _whole_percent) for drug in summary.setting.drugs
    ]
    columns += [
        ("toxic\ndeaths, %\nof patients", "toxic", _percent),
        ("progressed,\n% of\npatients", "progressed", _percent),
        ("cured,\n% of\npatients", "cured", _percent),
    ]
    return _table("Treatment (with 95 % interval)", summary.comparison, columns)


def difference_table(summary: BenchmarkSummary) -> Table:
    """What a change of policy does to one and the same patient."""
    comparison = summary.comparison
    lives = _anybody_died(comparison)
    survival = ["survival in\nfollow-up,\nmean, months", "survival,\nlogrank\np"] if lives else []
    rows = []
    for name, difference in comparison.differences.items():
        gain, longer = _signed(difference.gain), _signed(difference.survival.scaled(1 / DAYS_PER_MONTH), digits=1)
        cells = [longer, _p(difference.survival_p)] if lives else []
        rows.append((words(name), gain, *cells, _p(difference.progression_p)))
    return Table(
        title=f"Paired differences to {comparison.reference} (with 95 % interval)",
        header=("policy", f"{_stacked(summary.return_unit)}\nmean", *survival, "progression,\nlogrank\np"),
        rows=rows,
        first_width=FIRST_WIDTH,
    )


def reliability_table(summary: BenchmarkSummary) -> Table:
    """How sure a difference is: the middle half of the patients, how many fare better, and the hazard of death."""
    comparison = summary.comparison
    lives = ["hazard ratio\nof death,\nPeto"] if _anybody_died(comparison) else []
    rows = []
    for name, outcomes in comparison.policies.items():
        difference = comparison.differences.get(name)
        cells = ["", ""] if difference is None else [_percent(difference.improved), _plain(difference.hazard_ratio)]
        rows.append((words(name), _plain(outcomes["return_iqm"]), *cells[: 1 + len(lives)]))
    return Table(
        title=f"Beside the means, against {comparison.reference} (with 95 % interval)",
        header=("policy", f"{_stacked(summary.return_unit)}\nmiddle half", "patients\nbetter off,\n%", *lives),
        rows=rows,
        first_width=FIRST_WIDTH,
    )


def _table(title: str, comparison: Comparison, columns: Sequence[Column], *, caption: str = "") -> Table:
    rows = [
        (words(name), *(write(outcomes[metric]) for _, metric, write in columns))
        for name, outcomes in comparison.policies.items()
    ]
    return Table(title, ("policy", *(header for header, _, _ in columns)), rows, caption, FIRST_WIDTH)


def _anybody_died(comparison: Comparison) -> bool:
    return any(outcomes["died"].value > 0 for outcomes in comparison.policies.values())


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def _stacked(unit: str) -> str:
    return unit.replace("-", "-\n").replace(" ", "\n") + ","


def _plain(estimate: Estimate) -> str:
    return _cell(estimate, "{:.2f}")


def _months(estimate: Estimate) -> str:
    return _cell(estimate.scaled(1 / DAYS_PER_MONTH), "{:.1f}")


def _percent(estimate: Estimate) -> str:
    return _cell(estimate.scaled(100.0), "{:.1f}")


def _whole_percent(estimate: Estimate) -> str:
    return _cell(estimate.scaled(100.0), "{:.0f}")


def _signed(estimate: Estimate, digits: int = 2) -> str:
    return _cell(estimate, f"{{:+.{digits}f}}", separator=" … ")


def _cell(estimate: Estimate, form: str, separator: str = "–") -> str:
    value, low, high = ("" if math.isnan(number) else form.format(number) for number in estimate)
    interval = f"{low}{separator}{high}" if low and high else f">{low}" if low else ""
    return f"{value or NOT_REACHED}\n{interval}"
