"""Make the results: tune, train, benchmark, explain and export by a written plan, then write tables and pages."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rich.markup import escape

from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting.results_pages import write_pages
from metaenv_experiments.reporting.results_rows import rows_of, task_row_of, training_rows_of
from metaenv_experiments.reporting.results_table import (
    FOLDER,
    PARTS,
    TASKS,
    TRAININGS,
    PartRow,
    Row,
    Size,
    TaskRow,
    TrainingRow,
    merged,
    read_rows,
    replace_rows,
    write_rows,
)
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.results_plan import OPTIMUM, SCALES, Call, Part, Plan
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import write_bytes
from metaenv_experiments.running.installation import CHECKOUT
from metaenv_experiments.running.options import UsageError, check_places, require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RUNS, RunFolder
from metaenv_experiments.studies.optimum.comparison import OptimumSummary, results_of


@dataclass(frozen=True, kw_only=True)
class Options:
    """Make the results by the plan, going on where it was cut off on whatever machine; or add finished runs to them."""

    quick: bool = False
    """The same with small numbers, in a quarter of an hour; for trying the plan, not for its numbers."""
    only: tuple[str, ...] = ()
    """Diseases whose parts are done, by name. None given: all."""
    add: tuple[Path, ...] = ()
    """Finished runs of `benchmark` or `study optimum compare` to add to the tables, instead of the plan."""
    pages_only: bool = False
    """Only write the pages, from the tables as they are."""
    processes: int = 2
    """Processes that share the work (count). Results do not depend on it."""
    runs: Path | None = None
    """Folder for the runs of the plan. None: runs/results, or runs/results-quick."""
    to: Path | None = None
    """Folder that gets results/, RESULTS.md and docs/. None: the checkout, or with --quick runs/results-quick/pages."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        known = (*SCALES[self.size].lessons, OPTIMUM)
        require(set(self.only) <= set(known), "--only", self.only, f"some of {', '.join(known)}")
        require(not (self.add and self.pages_only), "--pages-only", True, "given without --add")
        check_places(folder=("--to", self.to))

    @property
    def size(self) -> Size:
        """Of the plan."""
        return "quick" if self.quick else "full"


def run(options: Options) -> None:
    """Do what is missing of the plan, part by part; keep each; write the pages."""
    root = _root(options)
    for path in options.add:
        _add(path, root, options.size, adds=True)
    if options.pages_only:
        tables = root / FOLDER / TASKS
        require(tables.is_file(), "--pages-only", True, f"given where there are tables, such as {tables}")
    elif not options.add:
        _follow(Plan(scale=SCALES[options.size], root=root, processes=options.processes), options)
    for page in write_pages(root):
        console().print(f"written: {page}", soft_wrap=True)


def _root(options: Options) -> Path:
    if options.to is not None:
        return options.to
    if options.quick and not options.add:
        return _runs(options) / "pages"
    if CHECKOUT is None:
        raise UsageError("--to must be given: only a checkout has a place for results of its own")
    return Path(os.path.relpath(CHECKOUT))  # so that commands are alike on every machine


def _runs(options: Options) -> Path:
    return options.runs or RUNS / ("results-quick" if options.quick else "results")


class State(NamedTuple):
    """A part and whether it is done."""

    part: Part
    done: bool


def _follow(plan: Plan, options: Options) -> None:
    states = [
        State(part, _is_done(part, plan)) for part in plan.parts() if not options.only or part.task in options.only
    ]
    console().print(on_screen(_overview(states)))
    for part, _ in states:
        if not _is_done(part, plan):  # which an earlier part may have changed
            _do(part, plan, _runs(options))
            write_pages(plan.root)


def _overview(states: Sequence[State]) -> Table:
    left = sum(state.part.minutes for state in states if not state.done)
    rows = [(state.part.name, f"{state.part.minutes:g}", "done" if state.done else "to do") for state in states]
    return Table(
        "The plan", ("part", "minutes on 2 cores,\nestimate", "state"), rows, f"left: about {left:.0f} minutes"
    )


def _is_done(part: Part, plan: Plan) -> bool:
    """Whether it is listed as done with the options that it and what it needs have now, and what it left is there."""
    listed = [row.key for row in read_rows(plan.results / PARTS, PartRow) if row.part == part.name]
    if not listed or not all((plan.results / kept).is_file() for kept in part.keeps.values()):
        return False
    try:
        return listed == [plan.key(part)]
    except UsageError:  # a training that it needs is gone
        return False


def _do(part: Part, plan: Plan, runs: Path) -> None:
    """Run its commands, keep what they left, and list it as done."""
    started = time.monotonic()
    commands = [_call(call, runs, part) for call in part.calls]
    if part.benchmark is not None:
        _add(runs / part.benchmark, plan.root, plan.scale.size, adds=part.adds)
    for source, kept in part.keeps.items():
        write_bytes(plan.results / kept, (runs / source).read_bytes())
    row = PartRow(
        part=part.name,
        size=plan.scale.size,
        commit=Provenance.now(None).short_commit,
        minutes=round((time.monotonic() - started) / 60.0, 1),
        key=plan.key(part),
        commands="; ".join(commands),
    )
    others = [each for each in read_rows(plan.results / PARTS, PartRow) if each.part != part.name]
    write_rows(plan.results / PARTS, [*others, row], PartRow)


def _call(call: Call, runs: Path, part: Part) -> str:
    """Run a command in a process of its own, or go on with it; returns it as it is typed.

    Raises:
        UsageError: it failed; what it printed stands above.
        KeyboardInterrupt: it was interrupted.
    """
    folder = runs / call.folder
    words = [*call.words, *call.options(runs), "--out", str(folder)]
    resumed = ["--resume"] if call.resumes and folder.exists() else []
    if not call.resumes:
        shutil.rmtree(folder, ignore_errors=True)
    command = shlex.join(["metaenv", *words])
    console().print(f"\n[bold]{escape(command)}[/bold]", soft_wrap=True)
    code = subprocess.run([sys.executable, "-m", "metaenv_experiments", *words, *resumed], check=False).returncode
    if code in (130, -2):
        raise KeyboardInterrupt
    if code != 0:
        raise UsageError(
            f"part {part.name!r} of the plan failed, exit code {code}, see above; run it again when mended"
        )
    return command


def _add(path: Path, root: Path, size: Size, *, adds: bool) -> None:
    """Put a finished run's numbers into the tables: to those of its task, or in their place."""
    if (path / OptimumSummary.file).is_file():
        about, rows, trainings = results_of(RunFolder.open(path, needs=(Provenance.file,), option="--add"), size=size)
    else:
        folder = RunFolder.open(path, needs=(Provenance.file, BenchmarkSummary.file, EPISODES), option="--add")
        about, rows, trainings = task_row_of(folder, size=size), rows_of(folder, size=size), training_rows_of(folder)
    results = root / FOLDER
    table = results / f"{about.task}.csv"
    write_rows(table, merged(read_rows(table, Row), rows) if adds else rows, Row)
    known = [task for task in read_rows(results / TASKS, TaskRow) if task.task == about.task]
    if not adds or all(task.patients <= about.patients for task in known):
        replace_rows(results / TRAININGS, trainings, about.task, TrainingRow)
        replace_rows(results / TASKS, [about], about.task, TaskRow)  # last: it says that there are results
