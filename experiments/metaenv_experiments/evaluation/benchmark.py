"""A benchmark: every policy treats the same patients, shard by shard, so that a killed one goes on where it was."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_experiments.evaluation import metrics
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.rollout import Rollout
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running import processes
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import RunFolder

EPISODES, COURSES, SHARDS = "episodes.parquet", "courses.parquet", "shards"
CHUNK, WATCH = 256, 24  # patients of a shard, and those whose whole course is stored, unless asked otherwise


def check_names(policies: Sequence[NamedPolicy]) -> None:
    """Raise UsageError unless every policy has a name of its own."""
    twice = sorted(name for name, count in Counter(each.name for each in policies).items() if count > 1)
    if twice:
        raise UsageError(f"every policy must take part once, got {', '.join(twice)} twice")


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Who is treated, by whom, and where it is written."""

    task: Task
    policies: Sequence[NamedPolicy]
    folder: RunFolder
    chunk: int  # patients per shard
    watch: int  # patients whose course is stored
    reference: str
    workers: int = 1  # shards that are played at the same time, each by a process of its own
    ray: str | None = None  # cluster that plays them

    def __post_init__(self) -> None:
        """Check that every policy has a name of its own, under which its shards are stored."""
        check_names(self.policies)

    def run(self) -> BenchmarkSummary:
        """Play what is not yet there, then write the tables and the summary."""
        if not self.folder.has(BenchmarkSummary.file):
            self._play_missing_shards()
            self._join(COURSES)
            self._join(EPISODES)
        comparison = metrics.compare(
            self.folder.read_table(EPISODES), horizon=float(self.task.scenario.horizon), reference=self.reference
        )
        summary = BenchmarkSummary.of(self.task, self.policies, comparison)
        summary.write(self.folder.path)
        shutil.rmtree(self.folder.path / SHARDS, ignore_errors=True)
        return summary

    def _play_missing_shards(self) -> None:
        shards = list(self._shards())
        visits = int(self.task.scenario.visits)
        with progress() as bar:
            treated = bar.add_task("treating", total=self.task.patients * len(self.policies), unit="patients")
            if self.workers > 1 or self.ray is not None:
                self._share_missing_shards(shards, lambda patients: bar.advance(treated, patients))
                return
            done = 0
            for policy, ids in shards:
                bar.update(treated, description=f"treating: {policy.name}")
                if not self.folder.has(self._shard(EPISODES, policy, ids)):

                    def show(visit: int, done: int = done, size: int = len(ids)) -> None:
                        bar.update(treated, completed=done + size * visit // visits)

                    self._play_shard(policy, ids, show)
                done += len(ids)
                bar.update(treated, completed=done)

    def _share_missing_shards(
        self, shards: list[tuple[NamedPolicy, NDArray[np.int64]]], advance: Callable[[int], None]
    ) -> None:
        missing = [shard for shard in shards if not self.folder.has(self._shard(EPISODES, *shard))]
        advance(sum(len(ids) for _, ids in shards) - sum(len(ids) for _, ids in missing))
        with processes.workers(self.workers, self.ray) as each_of:
            for number, rollout in each_of.each(self._play_quietly, missing):
                self._store_shard(*missing[number], rollout)
                advance(len(missing[number][1]))

    def _play_quietly(self, shard: tuple[NamedPolicy, NDArray[np.int64]]) -> Rollout:
        policy, ids = shard
        return policy.play(self.task, ids, watch=self.task.ids[: self.watch].tolist())

    def _play_shard(self, policy: NamedPolicy, ids: NDArray[np.int64], show: Callable[[int], None]) -> None:
        watch = self.task.ids[: self.watch].tolist()
        self._store_shard(policy, ids, policy.play(self.task, ids, watch=watch, on_visit=show))

    def _store_shard(self, policy: NamedPolicy, ids: NDArray[np.int64], rollout: Rollout) -> None:
        for name, table in ((COURSES, rollout.courses), (EPISODES, rollout.episodes)):  # episodes last: they say "done"
            if len(table):
                table.insert(0, "policy", policy.name)
                self.folder.write_table(self._shard(name, policy, ids), table)

    def _join(self, name: str) -> None:
        """Put the shards of all policies into one table, in the order of policies and patients."""
        paths = [self._shard(name, policy, ids) for policy, ids in self._shards()]
        tables = [self.folder.read_table(path) for path in paths if self.folder.has(path)]
        if tables:
            self.folder.write_table(name, pd.concat(tables, ignore_index=True))

    def _shards(self) -> Iterator[tuple[NamedPolicy, NDArray[np.int64]]]:
        for policy in self.policies:
            for start in range(0, self.task.patients, self.chunk):
                yield policy, self.task.ids[start : start + self.chunk]

    @staticmethod
    def _shard(name: str, policy: NamedPolicy, ids: NDArray[np.int64]) -> str:
        return str(Path(SHARDS) / policy.name / f"{ids[0]}-{ids[-1]}.{name}")
