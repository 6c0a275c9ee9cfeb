"""Treats so many patients that no table of them is kept, only counts and sums, whose size does not grow.

Their ids lie beyond the cohorts, which end at 299,999.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation.outcome_counts import Outcome, added, outcome, tally
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running import processes
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.run_folder import RunFolder

FIRST = 1_000_000  # id of the first patient
SUMMARY, SHARDS = "counts.json", "shards"
MEMORY_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # in which the system counts, per MiB


class Shard(NamedTuple):
    """Consecutive patients under one policy."""

    policy: NamedPolicy
    first: int  # id
    patients: int

    @property
    def file(self) -> str:
        """The file of their counts."""
        return f"{SHARDS}/{self.policy.name}/{self.first}-{self.first + self.patients - 1}.parquet"


class Spent(NamedTuple):
    """What this call took."""

    patients: int
    seconds: float
    by: str
    peak_memory: dict[str, float]  # MiB, of this process and of the largest of its workers


@dataclass(frozen=True, kw_only=True)
class Counting:
    """Who is treated, by which policies, and where the counts are kept."""

    task: Task  # its own patients are not treated
    policies: Sequence[NamedPolicy]
    patients: int
    folder: RunFolder
    chunk: int  # patients per shard
    workers: int = 1
    ray: str | None = None

    def run(self) -> tuple[dict[str, Outcome], Spent]:
        """Count those who are not counted yet; what became of all, by policy."""
        started = time.perf_counter()
        treated = self._count_missing()
        by = f"a Ray cluster at {self.ray}" if self.ray else f"{self.workers} workers"
        spent = Spent(treated, time.perf_counter() - started, by, self._peak_memory())
        found = {}
        for policy in self.policies:
            total = pd.Series(dtype=np.float64)
            for shard in self._shards(policy):  # always in this order: sums of fractions depend on it
                total = added(total, self.folder.read_table(shard.file))
            found[policy.name] = outcome(total)
        stored = {name: _as_json(each) for name, each in found.items()}
        self.folder.write_json(SUMMARY, {"policies": stored, "this_call": spent._asdict()})
        return found, spent

    def count(self, shard: Shard) -> pd.DataFrame:
        """Treat a shard's patients and keep counts and sums."""
        ids = np.arange(shard.first, shard.first + shard.patients, dtype=np.int64)
        return tally(shard.policy.play(self.task, ids).episodes)

    def _shards(self, policy: NamedPolicy) -> Iterator[Shard]:
        end = FIRST + self.patients
        for first in range(FIRST, end, self.chunk):
            yield Shard(policy, first, min(self.chunk, end - first))

    def _count_missing(self) -> int:
        shards = [shard for policy in self.policies for shard in self._shards(policy)]
        missing = [shard for shard in shards if not self.folder.has(shard.file)]
        left = sum(shard.patients for shard in missing)
        total = self.patients * len(self.policies)
        with progress() as bar, processes.workers(self.workers, self.ray) as each_of:
            step = bar.add_task("treating", total=total, unit="patients", completed=total - left)
            for number, counts in each_of.each(self.count, missing):
                self.folder.write_table(missing[number].file, counts)
                bar.update(step, advance=missing[number].patients)
        return left

    def _peak_memory(self) -> dict[str, float]:
        kinds = {"this process": resource.RUSAGE_SELF}
        if self.workers > 1 and self.ray is None:
            kinds["the largest worker"] = resource.RUSAGE_CHILDREN
        return {name: resource.getrusage(kind).ru_maxrss / MEMORY_UNIT for name, kind in kinds.items()}


def _as_json(found: Outcome) -> dict[str, Any]:
    groups = {"means": found.means, "shares": found.shares, "median_days": found.medians}
    return {
        "patients": found.patients,
        **{what: {name: estimate._asdict() for name, estimate in group.items()} for what, group in groups.items()},
    }
