"""The tables of a benchmark that kept only counts and sums."""

from __future__ import annotations

from collections.abc import Mapping

from metaenv_experiments.evaluation.counted_benchmark import Spent
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH, DOSE
from metaenv_experiments.evaluation.outcome_counts import SHARES, Outcome
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import Table, on_screen, words, written
from metaenv_experiments.running.console import console


def print_counts(task: Task, found: Mapping[str, Outcome], spent: Spent) -> None:
    """Print what became of everybody, policy by policy, and what this call took."""
    screen = console()
    for name, outcome in found.items():
        screen.print(on_screen(count_table(task, name, outcome)))
    if spent.patients:
        memory = ", ".join(f"{size:.0f} MiB in {whose}" for whose, size in spent.peak_memory.items())
        screen.print(
            f"{spent.patients:,} patients in {spent.seconds:.0f} s by {spent.by}, "
            f"{spent.patients / spent.seconds:,.0f} per second; at most {memory}"
        )


def count_table(task: Task, name: str, found: Outcome) -> Table:
    """What became of a policy's patients."""
    rows = [(task.return_unit, written(found.means["return"], digits=3))]
    for event, what in (("survival", "survival"), ("progression", "time to progression")):
        rows.append((f"median {what}, months", written(found.medians[event].scaled(1 / DAYS_PER_MONTH), digits=2)))
    for metric, estimate in found.means.items():
        if metric != "return":
            rows.append((f"dose of {metric.removeprefix(DOSE)}, %", written(estimate.scaled(100.0), digits=2)))
    for share, what in zip(SHARES, ("toxic deaths", "cured"), strict=True):
        rows.append((f"{what}, %", written(found.shares[share].scaled(100.0), digits=2)))
    return Table(f"{task.disease}: {found.patients:,} patients under {words(name)}", ("", ""), rows)
