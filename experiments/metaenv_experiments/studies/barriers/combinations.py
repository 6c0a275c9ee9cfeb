"""The cells of the study: every treatment tried again in the same patients without each barrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.barriers.ablations import ABLATIONS, NOTHING, Ablation
from metaenv_experiments.studies.barriers.patient_facts import (
    resistance_at_progression,
    resistant_at_start,
    resisting_traits,
    treat,
)
from metaenv_experiments.studies.barriers.statements import Results
from metaenv_experiments.studies.barriers.strategies import (
    LOCAL_AND_COURSE,
    STRATEGIES,
    UNTREATED,
    Strategy,
    applies,
    pose,
    probes,
)

CELLS, TABLE, START = "cells", "barriers.parquet", "start.parquet"


def plan(disease: str) -> Iterator[tuple[Ablation, Strategy]]:
    """Every cell of one disease: each ablation under each strategy, and the probes of the disease as it is."""
    for ablation in ABLATIONS.values():
        for strategy in STRATEGIES.values():
            if applies(strategy, disease):
                yield ablation, strategy
    for strategy in probes(disease):
        yield NOTHING, strategy
    yield ABLATIONS["dormancy"], LOCAL_AND_COURSE


def play_cell(task: Task, ablation: Ablation, strategy: Strategy) -> pd.DataFrame:
    """Treat the task's patients without a barrier: one row per patient."""
    posed, policy = pose(task, ablation, strategy)
    table, courses = treat(posed, policy)
    if strategy.name.startswith("alone_"):
        _, untreated = treat(*pose(task, ablation, UNTREATED))
        table = table.merge(resistance_at_progression(posed, table, courses, untreated), on="patient", how="left")
    return table


def gather(task: Task, folder: RunFolder) -> Results:
    """Read every cell of one disease."""
    return Results(
        disease=task.disease,
        cells={
            (ablation.name, strategy.name): folder.read_table(_cell(task, ablation, strategy))
            for ablation, strategy in plan(task.disease)
        },
        start=folder.read_table(_start(task)),
        resisting=resisting_traits(task),
    )


def play_missing(tasks: list[Task], folder: RunFolder) -> None:
    """Play the cells that are not yet there."""
    cells = [(task, *cell) for task in tasks for cell in plan(task.disease)]
    with progress() as bar:
        treated = bar.add_task("treating", total=len(cells), unit="cells")
        for task, ablation, strategy in cells:
            bar.update(treated, description=f"{task.disease} without {ablation.name}: {strategy.name}")
            if not folder.has(name := _cell(task, ablation, strategy)):
                folder.write_table(name, play_cell(task, ablation, strategy))
            bar.advance(treated)
    for task in tasks:
        if not folder.has(_start(task)):
            folder.write_table(_start(task), resistant_at_start(task))


def join(everything: list[Results], folder: RunFolder) -> None:
    """One table of all cells, and one of all starts."""
    tables = [
        cell.assign(disease=results.disease, ablation=ablation, strategy=strategy)
        for results in everything
        for (ablation, strategy), cell in results.cells.items()
    ]
    folder.write_table(TABLE, pd.concat(tables, ignore_index=True))
    starts = [results.start.assign(disease=results.disease) for results in everything]
    folder.write_table(START, pd.concat(starts, ignore_index=True))


def _cell(task: Task, ablation: Ablation, strategy: Strategy) -> str:
    return str(Path(CELLS) / task.disease / f"{ablation.name}-{strategy.name}.parquet")


def _start(task: Task) -> str:
    return str(Path(CELLS) / task.disease / START)
