"""Results as data: tidy tables in CSV, a row per policy and metric, from which every page is made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import pandas as pd

from metaenv_experiments.running.files import write_text

Size = Literal["full", "quick"]
FOLDER = "results"
TASKS, TRAININGS, PARTS = "tasks.csv", "trainings.csv", "parts.csv"


class Row(NamedTuple):
    """One number about one policy in one task."""

    task: str
    policy: str
    kind: str  # as of `evaluation.policies.Kind`, or SEED
    metric: str
    value: float
    low: float  # 95 % interval; nan where there is none
    high: float
    patients: int
    seeds: int  # trainings behind the number
    size: str  # of the plan: full, or quick with small numbers
    commit: str


class TaskRow(NamedTuple):
    """Whom a task treats, and the command that made its results."""

    task: str
    disease: str
    unusual: str  # what is, in words; nothing for the disease's own test patients as a clinic sees them
    true_state: bool  # is shown to policies
    environment: str
    unit: str  # of the return
    cohort: str
    patients: int
    seed: int
    visit_interval: float  # days
    horizon: float  # days
    size: str
    commit: str
    command: str


class TrainingRow(NamedTuple):
    """How a learner of a task was trained."""

    task: str
    policy: str
    steps: int  # visits that were played
    finished: bool
    commit: str
    command: str
    first_command: str  # that it was begun with, where that was another


class PartRow(NamedTuple):
    """A part of the plan that is done."""

    part: str
    size: str
    commit: str
    minutes: float  # that it took
    key: str  # of its options and of those of the parts that it rests on
    commands: str


MINUS_BAR = "minus_bar"  # metric: a learner's gain over the bar, patient by patient
GAP_CLOSED = "gap_closed"  # metric: how far it goes from the bar towards the oracle, as a share
Kind = TypeVar("Kind", Row, TaskRow, TrainingRow, PartRow)


def write_rows(path: Path, rows: Sequence[Kind], kind: type[Kind]) -> None:
    """Write a table, sorted, with six digits: the same rows give the same bytes. Without rows it is its header."""
    ordered = sorted(rows, key=lambda row: tuple(str(cell) for cell in row))
    table = pd.DataFrame(ordered, columns=list(kind._fields))
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def read_rows(path: Path, kind: type[Kind]) -> list[Kind]:
    """Read a table; none if there is no such file.

    Raises:
        ValueError: it has other columns.
    """
    if not path.is_file():
        return []
    numbers = {name: [""] for name in ("value", "low", "high")}  # nan is written as nothing
    table = pd.read_csv(path, keep_default_na=False, na_values=numbers, dtype={"commit": str})
    if tuple(table.columns) != kind._fields:
        raise ValueError(f"{path} must have the columns {', '.join(kind._fields)}, got {', '.join(table.columns)}")
    return [kind(*row) for row in table.itertuples(index=False)]


def replace_rows(path: Path, rows: Sequence[Row | TaskRow | TrainingRow], task: str, kind: Any) -> None:
    """Write a task's rows into a table of all tasks, in place of those that it has."""
    everything = [*(row for row in read_rows(path, kind) if row.task != task), *rows]
    if everything:
        write_rows(path, everything, kind)
    else:
        path.unlink(missing_ok=True)


def merged(before: Sequence[Row], added: Sequence[Row]) -> list[Row]:
    """A task's rows and those of another benchmark of it; a number stands once, that of the most patients.

    So the first patients of a task may be treated by policies that would take too long for all. How much of the gap a
    learner closes is told again by whoever tells its gain over the bar, which may be another now.
    """
    patients = max((row.patients for row in added), default=0)
    told = {row.policy for row in added if row.metric == MINUS_BAR}
    others = [
        row for row in before if row.patients != patients and not (row.metric == GAP_CLOSED and row.policy in told)
    ]
    best: dict[tuple[str, str], Row] = {}
    for row in [*others, *added]:
        key = row.policy, row.metric
        if key not in best or row.patients >= best[key].patients:
            best[key] = row
    return list(best.values())
