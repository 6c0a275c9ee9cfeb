"""`barriers`: why secondary cancer is so hard to cure. Each barrier is removed, and every treatment tried again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from metaenv_experiments.config_science import Barriers
from metaenv_experiments.obstacles import barrier_pictures
from metaenv_experiments.obstacles.barrier_page import page
from metaenv_experiments.obstacles.barrier_tables import as_json, evidence_text, outcome_sheets, trait_sheet
from metaenv_experiments.obstacles.facts import resistance_at_progression, resistant_at_start, resisting_traits, treat
from metaenv_experiments.obstacles.removals import NOTHING, REMOVALS, Removal
from metaenv_experiments.obstacles.statements import Results, findings
from metaenv_experiments.obstacles.strategies import (
    LOCAL_AND_COURSE,
    STRATEGIES,
    UNTREATED,
    Strategy,
    applies,
    pose,
    probes,
)
from metaenv_experiments.pages.pictures import PICTURES
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.sheets import drawn, words
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH
from metaenv_experiments.trials.tasks import Task

CELLS, TABLE, START, NUMBERS, REPORT = "cells", "barriers.parquet", "start.parquet", "barriers.json", "report.md"


def run(options: Barriers) -> None:
    """Check, treat what is missing, decide, print, store, draw."""
    tasks = [
        Task(disease=disease, cohort=options.cohort, patients=options.patients, seed=options.seed)
        for disease in options.disease
    ]
    for task in tasks:
        pose(task)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    _play_missing(tasks, folder)
    everything = [gather(task, folder) for task in tasks]
    _join(everything, folder)
    found = {results.disease: findings(results) for results in everything}
    folder.write_json(NUMBERS, {results.disease: as_json(results, found[results.disease]) for results in everything})
    screen = console()
    for task, results in zip(tasks, everything, strict=True):
        for sheet in (*outcome_sheets(results), trait_sheet(results)):
            screen.print(drawn(sheet))
        picture = folder.path / PICTURES / picture_name(results.disease)
        barrier_pictures.draw(results, picture, horizon=float(task.scenario.horizon) / DAYS_PER_MONTH)
    for results in everything:
        screen.print(f"\n[bold]{words(results.disease)}: what is shown[/bold]")
        for finding in found[results.disease]:
            screen.print(f"[bold]{finding.verdict}[/bold]: {finding.statement}")
            for item in finding.evidence:
                screen.print(f"    {evidence_text(item)}", highlight=False, soft_wrap=True)
    pictures = {disease: f"{PICTURES}/{picture_name(disease)}" for disease in options.disease}
    _publish(page(everything, found, pictures, _about(options)), folder, options)
    say_where(folder.path)


def plan(disease: str) -> Iterator[tuple[Removal, Strategy]]:
    """Every cell of one disease: each removal under each strategy, and the probes of the disease as it is."""
    for removal in REMOVALS.values():
        for strategy in STRATEGIES.values():
            if applies(strategy, disease):
                yield removal, strategy
    for strategy in probes(disease):
        yield NOTHING, strategy
    yield REMOVALS["dormancy"], LOCAL_AND_COURSE


def play_cell(task: Task, removal: Removal, strategy: Strategy) -> pd.DataFrame:
    """Treat the task's patients without a barrier: one row per patient."""
    posed, contestant = pose(task, removal, strategy)
    table, courses = treat(posed, contestant)
    if strategy.name.startswith("alone_"):
        _, untreated = treat(*pose(task, removal, UNTREATED))
        table = table.merge(resistance_at_progression(posed, table, courses, untreated), on="patient", how="left")
    return table


def gather(task: Task, folder: RunFolder) -> Results:
    """Read every cell of one disease."""
    return Results(
        disease=task.disease,
        cells={
            (removal.name, strategy.name): folder.read_table(_cell(task, removal, strategy))
            for removal, strategy in plan(task.disease)
        },
        start=folder.read_table(_start(task)),
        resisting=resisting_traits(task),
    )


def picture_name(disease: str) -> str:
    """File of a disease's picture."""
    return f"barriers-{disease}.png"


def _play_missing(tasks: list[Task], folder: RunFolder) -> None:
    cells = [(task, *cell) for task in tasks for cell in plan(task.disease)]
    with progress() as bar:
        treated = bar.add_task("treating", total=len(cells), unit="cells")
        for task, removal, strategy in cells:
            bar.update(treated, description=f"{task.disease} without {removal.name}: {strategy.name}")
            if not folder.has(name := _cell(task, removal, strategy)):
                folder.write_table(name, play_cell(task, removal, strategy))
            bar.advance(treated)
    for task in tasks:
        if not folder.has(_start(task)):
            folder.write_table(_start(task), resistant_at_start(task))


def _join(everything: list[Results], folder: RunFolder) -> None:
    """One table of all cells, and one of all starts."""
    tables = [
        cell.assign(disease=results.disease, removal=removal, strategy=strategy)
        for results in everything
        for (removal, strategy), cell in results.cells.items()
    ]
    folder.write_table(TABLE, pd.concat(tables, ignore_index=True))
    starts = [results.start.assign(disease=results.disease) for results in everything]
    folder.write_table(START, pd.concat(starts, ignore_index=True))


def _publish(text: str, folder: RunFolder, options: Barriers) -> None:
    """Write the page into the run folder and, with its pictures, to where it is wanted."""
    targets = [folder.path / REPORT] + ([options.report] if options.report is not None else [])
    for target in targets:
        write_atomically(target, lambda partial: partial.write_text(text, encoding="utf-8"))
    if options.report is not None:
        for disease in options.disease:
            name = Path(PICTURES) / picture_name(disease)
            write_atomically(options.report.parent / name, partial(shutil.copyfile, folder.path / name))


def _about(options: Barriers) -> dict[str, str]:
    command = f"metaenv barriers --disease {' '.join(options.disease)} --patients {options.patients}"
    command += f" --seed {options.seed} --cohort {options.cohort}"
    return {
        "command": command,
        "patients": str(options.patients),
        "cohort": options.cohort,
        "seed": str(options.seed),
    }


def _cell(task: Task, removal: Removal, strategy: Strategy) -> str:
    return str(Path(CELLS) / task.disease / f"{removal.name}-{strategy.name}.parquet")


def _start(task: Task) -> str:
    return str(Path(CELLS) / task.disease / START)
