"""The tables that a comparison prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from rich import box
from rich.table import Table

from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, DOSE, Comparison
from metaenv_experiments.trials.statistics import Estimate
from metaenv_experiments.trust.description import Description, label
from metaenv_experiments.trust.marks import CLASSES
from metaenv_experiments.trust.sensitivity import OUTCOMES, Uncertain, ranked

NOT_REACHED = "–"
POLICY_WIDTH = 14  # columns: two words of most names; a table then fits 80 columns


def outcome_table(comparison: Comparison, *, unit: str) -> Table:
    """How long and how well the patients lived.

    Args:
        comparison: the estimates.
        unit: what the return is measured in.
    """
    table = _table(f"Outcomes of {comparison.patients} patients per policy (with 95 % interval)")
    columns: list[Column] = [
        (f"{_stacked(unit)}\nmean", "return", _plain),
        ("survival\nmedian,\nmonths", "survival_median_days", _months),
        ("survival\nmean*,\nmonths", "survival_mean_days", _months),
        ("progression\nmedian,\nmonths", "progression_median_days", _months),
        ("progression\nmean*,\nmonths", "progression_mean_days", _months),
    ]
    if not _anybody_died(comparison):
        columns = [column for column in columns if not column[1].startswith("survival")]
    table.caption = "* within the follow-up (restricted mean). –: not reached."
    return _fill(table, comparison, columns)


def treatment_table(comparison: Comparison) -> Table:
    """What the patients were given and what it cost them."""
    table = _table("Treatment (with 95 % interval)")
    drugs = [metric for metric in next(iter(comparison.policies.values())) if metric.startswith(DOSE)]
    columns: list[Column] = [
        (f"{metric.removeprefix(DOSE)},\n% of\nfull dose", metric, _whole_percent) for metric in drugs
    ]
    columns += [
        ("toxic\ndeaths, %\nof patients", "toxic", _percent),
        ("progressed,\n% of\npatients", "progressed", _percent),
        ("cured,\n% of\npatients", "cured", _percent),
    ]
    return _fill(table, comparison, columns)


def difference_table(comparison: Comparison, *, unit: str) -> Table:
    """What a change of policy does to one and the same patient."""
    table = _table(f"Paired differences to {comparison.reference} (with 95 % interval)")
    table.add_column("policy", width=POLICY_WIDTH)
    lives = _anybody_died(comparison)
    survival = ["survival in\nfollow-up,\nmean, months", "survival,\nlogrank\np"] if lives else []
    for header in [f"{_stacked(unit)}\nmean", *survival, "progression,\nlogrank\np"]:
        table.add_column(header, justify="right", no_wrap=True)
    for name, difference in comparison.differences.items():
        gain, longer = _signed(difference.gain), _signed(difference.survival.scaled(1 / DAYS_PER_MONTH), digits=1)
        cells = [longer, _p(difference.survival_p)] if lives else []
        table.add_row(_words(name), gain, *cells, _p(difference.progression_p))
    return table


def reliability_table(comparison: Comparison, *, unit: str) -> Table:
    """How sure a difference is: the middle half of the patients, how many fare better, and the hazard of death."""
    table = _table(f"Beside the means, against {comparison.reference} (with 95 % interval)")
    table.add_column("policy", width=POLICY_WIDTH)
    lives = ["hazard ratio\nof death,\nPeto"] if _anybody_died(comparison) else []
    for header in (f"{_stacked(unit)}\nmiddle half", "patients\nbetter off,\n%", *lives):
        table.add_column(header, justify="right", no_wrap=True)
    for name, outcomes in comparison.policies.items():
        difference = comparison.differences.get(name)
        cells = ["", ""] if difference is None else [_percent(difference.improved), _plain(difference.hazard_ratio)]
        table.add_row(_words(name), _plain(outcomes["return_iqm"]), *cells[: 1 + len(lives)])
    return table


def cohort_table(description: Description) -> Table:
    """Who the patients are."""
    table = _table(description.title)
    table.add_column("characteristic")
    table.add_column("median (range), or n (%)", justify="right")
    for row in description.rows.itertuples():
        table.add_row(label(row), row.text)
    return table


def marks_table(marks: pd.DataFrame) -> Table:
    """What the numbers of every file rest on."""
    table = _table("Lines with numbers, by the weakest mark on each")
    for name in ("kind", "name"):
        table.add_column(name)
    for name in CLASSES:
        table.add_column(name, justify="right")
    for row in marks.itertuples(index=False):
        table.add_row(*(str(cell) for cell in row))
    table.add_section()
    table.add_row("all", "", *(str(marks[name].sum()) for name in CLASSES))
    return table


def effects_table(effects: pd.DataFrame, parameters: Mapping[str, Uncertain], *, title: str) -> Table:
    """How far each uncertain number moves each outcome."""
    table = _table(f"{title}: elementary effects, μ* (σ), months per range")
    table.add_column("number")
    table.add_column("range")
    for heading in OUTCOMES.values():
        table.add_column(heading.replace(", ", ",\n"), justify="right")
    wide = {outcome: effects[effects["outcome"] == outcome].set_index("parameter") for outcome in OUTCOMES}
    for path in ranked(effects, "maximum_tolerated_dose")["parameter"]:
        cells = [f"{rows.mu_star[path]:.1f} ({rows.sigma[path]:.1f})" for rows in wide.values()]
        table.add_row(path, parameters[path].range, *cells)
    return table


Column = tuple[str, str, Callable[[Estimate], str]]


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        caption_justify="left",
        title_style="bold",
        padding=(0, 0, 0, 1),
        box=box.SIMPLE_HEAD,
    )


def _fill(table: Table, comparison: Comparison, columns: Sequence[Column]) -> Table:
    table.add_column("policy", width=POLICY_WIDTH)
    for header, _, _ in columns:
        table.add_column(header, justify="right", no_wrap=True)
    for name, outcomes in comparison.policies.items():
        table.add_row(_words(name), *(write(outcomes[metric]) for _, metric, write in columns))
    return table


def _anybody_died(comparison: Comparison) -> bool:
    return any(outcomes["died"].value > 0 for outcomes in comparison.policies.values())


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.4f}"


def _words(policy: str) -> str:
    return policy.replace("_", " ")


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
    return f"{value or NOT_REACHED}\n[dim]{interval}[/dim]"
