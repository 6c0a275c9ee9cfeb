"""How near policies come to the exact optimum of the two-population model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from metaenv_agents.control.dynamic_programming import BestDoses, Optimum, hold_then_strike
from metaenv_agents.policy import FloatArray
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import Kind, NamedPolicy, TrainedWith, rule
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import learned_alike, learners
from metaenv_experiments.reporting.results_rows import training_row
from metaenv_experiments.reporting.results_table import Row, Size, TaskRow, TrainingRow
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.running.stored_records import Record

DISEASE = "strobl2021"  # the model whose optimum is known
TASK = f"{DISEASE}-optimum"  # in the tables of results
DAYS = "days.parquet"  # one row per patient: days without progression under the optimum and every policy
RULES = ("no_treatment", "maximum_tolerated_dose", "at50")
THRESHOLDS = (0.6, 0.8, 1.0, 1.05, 1.1, 1.12, 1.14, 1.15, 1.16, 1.17, 1.18, 1.19)  # x baseline; progression is at 1.2
STRIKES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)  # resistant cells at which to strike, x all cells at the start


@dataclass(frozen=True, kw_only=True)
class PolicyShare:
    """How near a policy comes to the optimum, as shares of its days without progression."""

    kind: Kind
    training: TrainedWith | None = None
    share: Estimate  # mean
    median: float
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class OptimumSummary(Record):
    """The record of a comparison."""

    file: ClassVar[str] = "optimum.json"

    task: Task
    at_stake: int  # patients whom nothing controls to the end of the follow-up, the only ones who are compared
    promise_kept: float | None = None  # share of the days that its grid promises which the optimum's doses reach
    optimum_days: float | None = None  # mean
    containment_threshold: float  # x baseline marker, the best on train patients
    policies: dict[str, PolicyShare]


class Player:
    """A policy and the task that shows it what it learned from."""

    def __init__(self, policy: NamedPolicy, task: Task) -> None:
        self.policy, self.task = policy, task

    def days(self) -> FloatArray:
        """Days without progression, (patient,)."""
        episodes = self.policy.play(self.task, self.task.ids).episodes
        return np.asarray(episodes["progression_days"], dtype=np.float64)


def rules_and_learners(runs: Iterable[Path], task: Task) -> list[Player]:
    """Rules, and learners, which see what they learned to see."""
    full = replace(task, observation="full")
    seen = {run: learned_alike([run], (), DISEASE) for run in runs}
    clinic = [run for run, known in seen.items() if known is None or known[1].observation == "clinic"]
    others = [run for run in seen if run not in clinic]
    shown = [replace(each, name=f"{each.name}, full observation") for each in learners(others, full)]
    return [
        *(Player(rule(name, task), task) for name in RULES),
        *(Player(each, task) for each in learners(clinic, task)),
        *(Player(each, full) for each in shown),
    ]


def contained(task: Task, threshold: float) -> Player:
    """Containment with a threshold that was searched."""
    found = rule("containment", task, threshold=threshold)
    return Player(replace(found, name=f"containment at {threshold:g}, tuned", kind="tuned rule"), task)


def solve(identity: int) -> tuple[float, float]:
    """Days without progression that the grid promises a test patient, and that the best doses reach."""
    task = Task(disease=DISEASE, cohort="test", patients=1, seed=0)
    optimum = Optimum.of(task.scenario, identity)
    return optimum.days, float(BestDoses(task.scenario, [optimum]).play()[0])


def strike(task: Task, train: Task) -> tuple[str, FloatArray]:
    """Hold the tumour, then strike: the best moment on train patients, and days without progression, (patient,)."""
    best = max(STRIKES, key=lambda share: np.log(hold_then_strike(task.scenario, train.ids, strike=share)).mean())
    return f"hold, then strike at {best:g}", hold_then_strike(task.scenario, task.ids, strike=best)


def summarise(
    table: pd.DataFrame, kinds: dict[str, tuple[Kind, TrainedWith | None]], task: Task, threshold: float
) -> OptimumSummary:
    """How near policies come to the optimum, among the patients whom nothing controls to the end of the follow-up.

    Args:
        table: a row per patient with the columns patient, promised, optimum and a policy each; days.
        kinds: the policies, each with its kind and how it was trained.
        task: whose patients.
        threshold: of containment.
    """
    at_stake = table[table["optimum"] < float(task.scenario.horizon)]
    if at_stake.empty:
        return OptimumSummary(task=task, at_stake=0, containment_threshold=threshold, policies={})
    shares = {name: at_stake[name] / at_stake["optimum"] for name in kinds}
    return OptimumSummary(
        task=task,
        at_stake=len(at_stake),
        promise_kept=float((at_stake["optimum"] / at_stake["promised"]).mean()),
        optimum_days=float(at_stake["optimum"].mean()),
        containment_threshold=threshold,
        policies={
            name: PolicyShare(
                kind=kinds[name][0],
                training=kinds[name][1],
                share=statistics.mean(share),
                median=float(share.median()),
                lowest=float(share.min()),
                highest=float(share.max()),
            )
            for name, share in shares.items()
        },
    )


def results_of(folder: RunFolder, *, size: Size = "full") -> tuple[TaskRow, Sequence[Row], Sequence[TrainingRow]]:
    """What a finished comparison adds to the tables of results."""
    summary, provenance = OptimumSummary.read(folder.path), Provenance.read(folder.path)
    task, commit = summary.task, provenance.short_commit
    about = TaskRow(
        task=TASK,
        disease=DISEASE,
        unusual="beside the exact optimum",
        true_state=False,
        environment=task.env_id,
        unit="share of the optimum",
        cohort=task.cohort,
        patients=task.patients,
        seed=task.seed,
        visit_interval=float(task.scenario.visit_interval),
        horizon=float(task.scenario.horizon),
        size=size,
        commit=commit,
        command=provenance.command,
    )
    rows, trainings = [], []
    for name, policy in summary.policies.items():
        numbers = {
            "share_of_optimum": policy.share,
            **{
                f"{what}_share": Estimate(getattr(policy, what), np.nan, np.nan)
                for what in ("median", "lowest", "highest")
            },
        }
        if (training := policy.training) is not None:
            trainings.append(training_row(TASK, name, training))
            if training.validation is not None:
                numbers["validation_return"] = Estimate(training.validation, np.nan, np.nan)
        rows += [
            Row(TASK, name, policy.kind, metric, *estimate, summary.at_stake, 1, size, commit)
            for metric, estimate in numbers.items()
        ]
    return about, rows, trainings
