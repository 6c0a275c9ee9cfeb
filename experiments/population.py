"""`population`: so many patients that no table of them is kept, only counts and sums, whose size does not grow."""

from __future__ import annotations

import math
import resource
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from experiments import statistics
from experiments.config import Population
from experiments.contestants import Contestant, rule
from experiments.metrics import DAYS_PER_MONTH, DOSE
from experiments.processes import workers
from experiments.report import say_where
from experiments.screen import console, progress
from experiments.sheets import words, written
from experiments.statistics import Estimate
from experiments.store import RunFolder
from experiments.tasks import Task

SUMMARY, SHARDS = "summary.json", "shards"
EVENTS = {
    "died": "survival_days",
    "progressed": "progression_days",
}  # and when it was, or was last looked for
SHARES = ("toxic", "cured")
NOT = "not "  # begin of the name of the counts of those whom an event did not reach


class Chunk(NamedTuple):
    """Consecutive patients."""

    first: int  # id
    patients: int


class Outcome(NamedTuple):
    """What became of everybody."""

    patients: int
    means: dict[str, Estimate]  # return and dose intensities
    shares: dict[str, Estimate]  # of toxic deaths and cures
    medians: dict[str, Estimate]  # days until death and progression


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
    contestant = rule(options.policy, task)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    end = options.first + options.patients
    chunks = [Chunk(first, min(options.chunk, end - first)) for first in range(options.first, end, options.chunk)]
    missing = [chunk for chunk in chunks if not folder.has(_shard(chunk))]
    started = time.perf_counter()
    with progress() as bar, workers(options.workers, options.ray) as each_of:
        step = bar.add_task(f"treating: {options.policy}", total=options.patients, unit="patients")
        bar.update(step, advance=options.patients - sum(chunk.patients for chunk in missing))
        for place, counts in each_of.each(partial(Census.count, Census(task=task, contestant=contestant)), missing):
            folder.write_table(_shard(missing[place]), counts)
            bar.update(step, advance=missing[place].patients)
    seconds = time.perf_counter() - started
    total = pd.Series(dtype=np.float64)
    for chunk in chunks:  # always in this order: sums of fractions depend on it
        total = added(total, folder.read_table(_shard(chunk)))
    found = outcome(total)
    spent = {
        "patients": sum(chunk.patients for chunk in missing),
        "seconds": seconds,
        "workers": options.workers,
        "peak_memory_mib": _peak_memory(),
    }
    folder.write_json(SUMMARY, {**_as_json(found), "this_call": spent})
    _print(options, found, spent, task.return_unit)
    say_where(folder.path)


def tally(episodes: pd.DataFrame) -> pd.DataFrame:
    """Counts by day and sums of patients, (what, day, value); sums stand at day 0."""
    parts: dict[str, Any] = {}
    for event, days in EVENTS.items():
        parts[event] = episodes.loc[episodes[event], days].value_counts()
        parts[f"{NOT}{event}"] = episodes.loc[~episodes[event], days].value_counts()
    for share in SHARES:
        parts[share] = pd.Series({0.0: episodes[share].sum()})
    for column in ("return", *(name for name in episodes if str(name).startswith(DOSE))):
        values = episodes[column].to_numpy(dtype=np.float64)
        parts[f"{column} sum"] = pd.Series({0.0: values.sum()})
        parts[f"{column} squares"] = pd.Series({0.0: (values**2).sum()})
    counts = pd.concat(parts, names=["what", "day"]).rename("value").astype(np.float64)
    return counts.sort_index().reset_index()


def added(total: pd.Series[float], counts: pd.DataFrame) -> pd.Series[float]:
    """The counts and sums of more patients, by what and day."""
    more = counts.set_index(["what", "day"])["value"]
    return more if total.empty else total.add(more, fill_value=0.0)


def outcome(total: pd.Series[float]) -> Outcome:
    """What the counts and sums say."""
    by_day = {what: group.droplevel("what") for what, group in total.groupby(level="what")}
    empty = pd.Series(dtype=np.float64)
    medians = {}
    for event in EVENTS:
        happened, ended = by_day.get(event, empty), by_day.get(f"{NOT}{event}", empty)
        days = happened.index.union(ended.index)
        fallen, left = (each.reindex(days, fill_value=0.0).to_numpy() for each in (happened, ended))
        medians[event] = statistics.median_of_counts(days.to_numpy(dtype=np.float64), fallen, left)
    patients = int(sum(by_day[what].sum() for what in ("died", f"{NOT}died") if what in by_day))
    names = [what.removesuffix(" sum") for what in by_day if what.endswith(" sum")]
    means = {
        name: statistics.mean_of_sums(patients, by_day[f"{name} sum"].iloc[0], by_day[f"{name} squares"].iloc[0])
        for name in names
    }
    shares = {name: statistics.proportion_of_counts(int(by_day[name].sum()), patients) for name in SHARES}
    return Outcome(patients, means, shares, medians)


def _shard(chunk: Chunk) -> str:
    return f"{SHARDS}/{chunk.first}-{chunk.first + chunk.patients - 1}.parquet"


def _peak_memory() -> dict[str, float]:
    """Of this process, and of the largest of those it started, in MiB; Linux counts in KiB."""
    kinds = {"this_process": resource.RUSAGE_SELF, "the_largest_it_started": resource.RUSAGE_CHILDREN}
    return {name: resource.getrusage(kind).ru_maxrss / 1024 for name, kind in kinds.items()}


def _as_json(found: Outcome) -> dict[str, Any]:
    return {
        "patients": found.patients,
        "shares": {name: estimate._asdict() for name, estimate in found.shares.items()},
        "means": {name: estimate._asdict() for name, estimate in found.means.items()},
        "median_days": {name: estimate._asdict() for name, estimate in found.medians.items()},
    }


def _print(options: Population, found: Outcome, spent: dict[str, Any], unit: str) -> None:
    table = Table(
        title=f"{options.disease}: {found.patients:,} patients under {words(options.policy)}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=False,
    )
    table.add_row(unit, written(found.means["return"], digits=3))
    for event, what in (("died", "survival"), ("progressed", "time to progression")):
        table.add_row(f"median {what}, months", written(found.medians[event].scaled(1 / DAYS_PER_MONTH), digits=2))
    for name, estimate in found.means.items():
        if name != "return":
            table.add_row(f"dose of {name.removeprefix(DOSE)}, %", written(estimate.scaled(100.0), digits=2))
    for name, what in zip(SHARES, ("toxic deaths", "cured"), strict=True):
        table.add_row(f"{what}, %", written(found.shares[name].scaled(100.0), digits=2))
    console().print(table)
    if spent["patients"]:
        memory = ", ".join(f"{size:.0f} MiB in {words(name)}" for name, size in spent["peak_memory_mib"].items())
        rate = spent["patients"] / max(spent["seconds"], math.ulp(1.0))
        console().print(
            f"{spent['patients']:,} patients in {spent['seconds']:.0f} s with {spent['workers']} workers, "
            f"{rate:,.0f} per second; at most {memory}"
        )
