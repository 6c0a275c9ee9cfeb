"""`population`: so many patients that no table of them is kept, only counts and sums, whose size does not grow."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from metaenv_experiments.config import Population
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.sheets import words, written
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.census import SHARES, Outcome, added, outcome, tally
from metaenv_experiments.trials.contestants import Contestant, rule
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, DOSE
from metaenv_experiments.trials.tasks import Task

SUMMARY, SHARDS = "summary.json", "shards"
MEMORY_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # in which the system counts, per MiB


class Chunk(NamedTuple):
    """Consecutive patients."""

    first: int  # id
    patients: int

    @property
    def shard(self) -> str:
        """The file of their counts."""
        return f"{SHARDS}/{self.first}-{self.first + self.patients - 1}.parquet"


@dataclass(frozen=True, kw_only=True)
class Census:
    """Who is treated, by which rule."""

    task: Task
    contestant: Contestant

    def count(self, chunk: Chunk) -> pd.DataFrame:
        """Treat a chunk and keep counts and sums."""
        ids = np.arange(chunk.first, chunk.first + chunk.patients, dtype=np.int64)
        return tally(self.contestant.play(self.task, ids).episodes)


def run(options: Population) -> None:
    """Treat chunk by chunk, add up, print, store."""
    task = Task(disease=options.disease, cohort="test", patients=1, seed=options.seed)
    census = Census(task=task, contestant=rule(options.policy, task))
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    started = time.perf_counter()
    treated = _treat(options, census, folder)
    spent = {
        "patients": treated,
        "seconds": time.perf_counter() - started,
        "by": f"a Ray cluster at {options.ray}" if options.ray else f"{options.workers} workers",
        "peak_memory_mib": _peak_memory(options),
    }
    total = pd.Series(dtype=np.float64)
    for chunk in _chunks(options):  # always in this order: sums of fractions depend on it
        total = added(total, folder.read_table(chunk.shard))
    found = outcome(total)
    folder.write_json(SUMMARY, {**_as_json(found), "this_call": spent})
    _print(options, found, spent, task.return_unit)
    say_where(folder.path)


def _chunks(options: Population) -> Iterator[Chunk]:
    end = options.first + options.patients
    for first in range(options.first, end, options.chunk):
        yield Chunk(first, min(options.chunk, end - first))


def _treat(options: Population, census: Census, folder: RunFolder) -> int:
    """Count those who are not counted yet; their number."""
    missing = [chunk for chunk in _chunks(options) if not folder.has(chunk.shard)]
    left = sum(chunk.patients for chunk in missing)
    with progress() as bar, workers(options.workers, options.ray) as each_of:
        step = bar.add_task(f"treating: {options.policy}", total=options.patients, unit="patients")
        bar.update(step, completed=options.patients - left)
        for place, counts in each_of.each(census.count, missing):
            folder.write_table(missing[place].shard, counts)
            bar.update(step, advance=missing[place].patients)
    return left


def _peak_memory(options: Population) -> dict[str, float]:
    """Of this process, and of the largest of its workers where it has some here, in MiB."""
    kinds = {"this process": resource.RUSAGE_SELF}
    if options.workers > 1 and options.ray is None:
        kinds["the largest worker"] = resource.RUSAGE_CHILDREN
    return {name: resource.getrusage(kind).ru_maxrss / MEMORY_UNIT for name, kind in kinds.items()}


def _as_json(found: Outcome) -> dict[str, Any]:
    told = {"means": found.means, "shares": found.shares, "median_days": found.medians}
    return {
        "patients": found.patients,
        **{what: {name: estimate._asdict() for name, estimate in group.items()} for what, group in told.items()},
    }


def _print(options: Population, found: Outcome, spent: dict[str, Any], unit: str) -> None:
    table = Table(
        title=f"{options.disease}: {found.patients:,} patients under {words(options.policy)}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=False,
    )
    table.add_row(unit, written(found.means["return"], digits=3))
    for name, what in (("survival", "survival"), ("progression", "time to progression")):
        table.add_row(f"median {what}, months", written(found.medians[name].scaled(1 / DAYS_PER_MONTH), digits=2))
    for name, estimate in found.means.items():
        if name != "return":
            table.add_row(f"dose of {name.removeprefix(DOSE)}, %", written(estimate.scaled(100.0), digits=2))
    for name, what in zip(SHARES, ("toxic deaths", "cured"), strict=True):
        table.add_row(f"{what}, %", written(found.shares[name].scaled(100.0), digits=2))
    console().print(table)
    if spent["patients"]:
        memory = ", ".join(f"{size:.0f} MiB in {name}" for name, size in spent["peak_memory_mib"].items())
        console().print(
            f"{spent['patients']:,} patients in {spent['seconds']:.0f} s by {spent['by']}, "
            f"{spent['patients'] / spent['seconds']:,.0f} per second; at most {memory}"
        )
