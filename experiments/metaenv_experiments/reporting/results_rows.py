"""What a finished benchmark adds to the tables of results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from metaenv_agents.policy import FloatArray
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import DEFAULT_REFERENCE, in_months
from metaenv_experiments.evaluation.policies import LEARNER, ORACLE, SIMPLE, TUNED_RULE, TrainedWith
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.results_table import GAP_CLOSED, MINUS_BAR, Row, Size, TaskRow, TrainingRow
from metaenv_experiments.reporting.shown_policies import group_of, training_of, validation
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder

STANDARD = DEFAULT_REFERENCE  # below which no learner may fall on shifted patients
BAR = (TUNED_RULE, SIMPLE)  # kinds whose best a learner must be above
SEED = "seed of a learner"  # kind of a single training, where several stand for one learner


def rows_of(folder: RunFolder, *, size: Size = "full") -> list[Row]:
    """What a finished benchmark found.

    Every outcome of every policy; of a learner the mean over its seeds and patients, and what was aimed at: how far it
    lies above the best tuned rule or simple policy, and how much of the way from there to the oracle it goes.
    """
    found = Found(BenchmarkSummary.read(folder.path), folder.read_table(EPISODES))
    commit = Provenance.read(folder.path).short_commit
    return [
        Row(
            task_name(found.summary.task),
            name,
            kind,
            metric,
            *estimate,
            found.summary.task.patients,
            seeds,
            size,
            commit,
        )
        for name, kind, metric, estimate, seeds in [*_outcomes(found), *_learners(found), *_doubled(found)]
    ]


def task_row_of(folder: RunFolder, *, size: Size = "full") -> TaskRow:
    """The task of a finished benchmark."""
    summary, provenance = BenchmarkSummary.read(folder.path), Provenance.read(folder.path)
    return TaskRow(
        task=task_name(summary.task),
        disease=summary.task.disease,
        unusual=", ".join(unusual(summary.task)),
        true_state=summary.task.observation == "full",
        environment=summary.environment,
        unit=summary.return_unit,
        cohort=summary.task.cohort,
        patients=summary.task.patients,
        seed=summary.task.seed,
        visit_interval=summary.setting.visit_interval,
        horizon=summary.setting.horizon,
        size=size,
        commit=provenance.short_commit,
        command=provenance.command,
    )


def training_rows_of(folder: RunFolder) -> list[TrainingRow]:
    """How the learners of a finished benchmark were trained."""
    summary = BenchmarkSummary.read(folder.path)
    return [
        training_row(task_name(summary.task), name, policy.training)
        for name, policy in summary.policies.items()
        if policy.training is not None
    ]


def training_row(task: str, policy: str, training: TrainedWith) -> TrainingRow:
    """How one learner of a task was trained."""
    return TrainingRow(
        task=task,
        policy=policy,
        steps=training.steps,
        finished=training.finished,
        commit=training.commit,
        command=training.command,
        first_command=training.first_command or "",
    )


def task_name(task: Task) -> str:
    """A task's name, for files and tables: its disease, and what is unusual about it."""
    return "-".join([task.disease, *(word.replace(" ", "-") for word in unusual(task))])


def unusual(task: Task) -> list[str]:
    """What sets a task apart from the disease's own test patients, as a clinic sees them."""
    words = [
        "with procedures" if task.local_therapy else "",
        f"every {task.visit_interval:g} days" if task.visit_interval is not None else "",
        (task.shift or "").replace("_", " "),
        "true state shown" if task.observation == "full" else "",
        task.cohort if task.cohort != "test" else "",
    ]
    return [word for word in words if word]


class Found(NamedTuple):
    """A finished benchmark."""

    summary: BenchmarkSummary
    episodes: pd.DataFrame  # one row per policy and patient

    def returns(self, name: str) -> FloatArray:
        """A policy's returns, in the order of the patients."""
        own = self.episodes[self.episodes["policy"] == name]
        return np.asarray(own.set_index("patient")["return"].sort_index(), dtype=np.float64)

    def learners(self) -> dict[str, list[str]]:
        """The policies of each training, one per seed; trainings of one kind are told apart by their group."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in self.summary.named(LEARNER):
            found.setdefault(group_of(training_of(self.summary, name)), []).append(name)
        kinds = Counter(learner for learner, _ in found)
        return {
            members[0] if len(members) == 1 else learner if kinds[learner] == 1 else f"{learner} of {group}": members
            for (learner, group), members in found.items()
        }

    def best(self, *kinds: str) -> str | None:
        """The policy of these kinds with the highest return."""
        names = [name for name, policy in self.summary.policies.items() if policy.kind in kinds]
        return max(names, key=lambda name: self.summary.policies[name].outcomes["return"].value, default=None)


_Numbers = Iterable[tuple[str, str, str, Estimate, int]]  # policy, kind, metric, estimate, seeds


def _outcomes(found: Found) -> _Numbers:
    """Every outcome; of learners with several seeds those of each."""
    several = {name for members in found.learners().values() if len(members) > 1 for name in members}
    oracle = found.best(ORACLE)
    for name, policy in found.summary.policies.items():
        kind = SEED if name in several else policy.kind
        for metric, estimate in policy.outcomes.items():
            yield name, kind, *in_months(metric, estimate), 1
        if oracle not in (None, name):
            yield name, kind, "regret", statistics.paired_difference(found.returns(str(oracle)), found.returns(name)), 1
        if policy.kind == LEARNER:
            score = validation(found.summary, name)
            if np.isfinite(score):
                yield name, kind, "validation_return", Estimate(score, np.nan, np.nan), 1


def _learners(found: Found) -> _Numbers:
    """All seeds of a learner together, against the bar, the oracle and the maximum tolerated dose."""
    best, oracle = found.best(*BAR), found.best(ORACLE)
    for name, members in found.learners().items():
        mine, seeds = np.stack([found.returns(member) for member in members]), len(members)
        if seeds > 1:
            yield name, LEARNER, "return", statistics.mean_of_seeds(mine), seeds
            scores = [validation(found.summary, member) for member in members]
            if np.isfinite(scores).all():
                yield name, LEARNER, "validation_return", Estimate(float(np.mean(scores)), np.nan, np.nan), seeds
        if STANDARD in found.summary.policies:
            gain = statistics.mean_of_seeds(mine - found.returns(STANDARD))
            yield name, LEARNER, f"minus_{STANDARD}", gain, seeds
        if best is None:
            continue
        bar = found.returns(best)
        yield name, LEARNER, MINUS_BAR, statistics.mean_of_seeds(mine - bar), seeds
        if oracle is not None:
            yield name, LEARNER, GAP_CLOSED, _share(mine - bar, found.returns(oracle) - bar), seeds


def _share(gain: FloatArray, room: FloatArray) -> Estimate:
    """How much of the way is gone; nothing is said where it is not seen that there is one."""
    if not statistics.mean_of_seeds(room).low > 0.0:
        return Estimate(np.nan, np.nan, np.nan)
    return statistics.ratio_of_means(gain, np.broadcast_to(room, gain.shape))


def _doubled(found: Found) -> _Numbers:
    """What twice the copies change in a planner's return, as a share of it."""
    for name, policy in found.summary.policies.items():
        if policy.doubles is not None and policy.doubles in found.summary.policies:
            before = found.returns(policy.doubles)
            change = statistics.ratio_of_means(found.returns(name) - before, before)
            yield policy.doubles, found.summary.policies[policy.doubles].kind, "change_when_doubled", change, 1
