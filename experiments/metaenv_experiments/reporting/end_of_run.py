"""What is said at the end of a run: tables, figures, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.policies import LEARNER, RULE, NamedPolicy
from metaenv_experiments.reporting import html_report
from metaenv_experiments.reporting.benchmark_figures import draw
from metaenv_experiments.reporting.outcome_tables import outcome_tables
from metaenv_experiments.reporting.tables import Table, on_screen, words, written
from metaenv_experiments.running.console import console
from metaenv_experiments.running.run_folder import RunFolder


def report(folder: RunFolder, summary: BenchmarkSummary, policies: Sequence[NamedPolicy]) -> None:
    """Print the tables, draw the figures, say where everything lies."""
    screen = console()
    for table in outcome_tables(summary):
        screen.print(on_screen(table))
    for policy in policies:
        if policy.note:
            screen.print(f"{policy.name}: {policy.note}")
    draw(folder)
    html_report.write(folder)
    say_where(folder.path)


SHOWN = 8  # rows of the table that a demonstration ends with
PLAIN = ("no_treatment", "maximum_tolerated_dose", "standard_of_care")  # that it always shows


def conclude(folder: RunFolder, summary: BenchmarkSummary) -> None:
    """Print the policies that tell the story, the best first, and one sentence; leave all else in the folder."""
    draw(folder)
    html_report.write(folder)
    returns = {name: policy.outcomes["return"] for name, policy in summary.policies.items()}
    ranked = sorted(returns, key=lambda name: -returns[name].value)
    learners = summary.named(LEARNER)
    kept = [name for name in ranked if name in (*learners, *PLAIN)]
    kept += [name for name in ranked if name not in kept][: SHOWN - len(kept)]
    rows = [
        (
            words(name),
            written(returns[name], digits=2),
            written(summary.policies[name].outcomes["survival_median_days"].scaled(1 / DAYS_PER_MONTH)),
            written(summary.policies[name].outcomes["toxic"].scaled(100.0)),
        )
        for name in ranked
        if name in kept
    ]
    title = (
        f"{words(summary.task.disease).capitalize()} cancer: {summary.task.patients} unseen patients under each policy"
    )
    unit = summary.return_unit.replace(" ", "\n", 1)
    header = ("policy", unit, "median survival,\nmonths", "toxic deaths,\n%")
    console().print(on_screen(Table(title, header, rows, f"95 % intervals; {len(rows)} of {len(ranked)} policies")))
    console().print(learned(summary), soft_wrap=True)
    console().print(f"all policies, figures and patients: {folder.path / html_report.PAGE}", soft_wrap=True)


def learned(summary: BenchmarkSummary) -> str:
    """One sentence: the learner against the rule with the highest return, on the same patients."""
    returns = {name: policy.outcomes["return"] for name, policy in summary.policies.items()}
    (learner,), rule = summary.named(LEARNER), max(summary.named(RULE), key=lambda name: returns[name].value)
    mine, other = returns[learner], returns[rule]
    if mine.low > other.high:
        said = "is above every rule of thumb"
    elif mine.high < other.low:
        said = f"is below the best rule of thumb, {words(rule)}"
    else:
        said = f"cannot be told from the best rule of thumb, {words(rule)}"
    return (
        f"{words(learner)} {said}: {written(mine, digits=2)} against {written(other, digits=2)} {summary.return_unit}."
    )


def say_where(path: Path) -> None:
    """List what a run left behind."""
    files = sorted(
        entry for entry in path.rglob("*") if entry.is_file() and entry.parent.name in (path.name, "pictures")
    )
    console().print(f"\nleft in {path}: " + ", ".join(str(entry.relative_to(path)) for entry in files), soft_wrap=True)
