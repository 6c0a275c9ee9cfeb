"""Compare rules, planners and trained policies with the exact optimum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from metaenv_experiments.evaluation.containment_threshold import search
from metaenv_experiments.evaluation.planners import Planner, planner
from metaenv_experiments.evaluation.policies import ORACLE, Kind, TrainedWith
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, written
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import check_heeded, require
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.optimum.comparison import (
    DAYS,
    DISEASE,
    THRESHOLDS,
    OptimumSummary,
    Player,
    contained,
    rules_and_learners,
    solve,
    strike,
    summarise,
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Compare policies with the exact optimum of the two-population model strobl2021."""

    patients: int = 32
    """Test patients (count), each solved and treated with every policy."""
    runs: tuple[Path, ...] = ()
    """Run folders of `train` on strobl2021 whose policies take part too."""
    planners: tuple[Planner, ...] = ()
    """Planners that take part too: mpc knows what the clinic knows, oracle the true state."""
    plan_every: int = 90
    """Days (count) between two plans of a planner."""
    plan_copies: int = 8
    """Copies of every patient (count) on which a planner tries each rule."""
    tune_patients: int = 64
    """Train patients (count) on which each containment threshold is tried."""
    seed: int = 0
    """Seed, for the record (integer >= 0): nothing in this model is left to chance."""
    processes: int = 1
    """Processes that share the patients (count). Results do not depend on it."""
    out: Path | None = None
    """Run folder to write. None: runs/study-optimum-compare-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.plan_every >= 1, "--plan-every", self.plan_every, ">= 1 day")
        require(self.plan_copies >= 1, "--plan-copies", self.plan_copies, ">= 1")
        require(self.tune_patients >= 1, "--tune-patients", self.tune_patients, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        planned = len(self.planners) > 0
        check_heeded(self, planned, "given together with --planners", "plan_every", "plan_copies")


def run(options: Options) -> None:
    """Solve every patient, treat them with every policy, print, store."""
    task = Task(disease=DISEASE, cohort="test", patients=options.patients, seed=options.seed)
    players = rules_and_learners(options.runs, task)
    folder = RunFolder.create(options, out=options.out)
    train = Task(disease=DISEASE, cohort="train", patients=options.tune_patients, seed=options.seed)
    threshold = search(train, THRESHOLDS).threshold
    players += [contained(task, threshold), *_planners(options, task)]
    table = _solve(task, options.processes)
    with progress() as bar:
        step = bar.add_task("treating", total=len(players), unit="policies")
        for player in players:
            bar.update(step, description=f"treating: {player.policy.name}")
            table[player.policy.name] = player.days()
            bar.advance(step)
    simple, table_of_simple = strike(task, train)
    table[simple] = table_of_simple
    folder.write_table(DAYS, table)
    kinds: dict[str, tuple[Kind, TrainedWith | None]] = {
        player.policy.name: (player.policy.kind, player.policy.training) for player in players
    }
    summary = summarise(table, {**kinds, simple: (ORACLE, None)}, task, threshold)
    summary.write(folder.path)
    console().print(_said(summary))
    say_where(folder.path)


def _planners(options: Options, task: Task) -> list[Player]:
    return [
        Player(planner(name, task, options.plan_every, options.plan_copies, thresholds=THRESHOLDS), task)
        for name in options.planners
    ]


def _solve(task: Task, processes: int) -> pd.DataFrame:
    """Days without progression that are promised and reached, a row per patient."""
    with progress() as bar, workers(processes) as each_of:
        step = bar.add_task("solving", total=task.patients, unit="patients")
        best: list[tuple[float, float]] = []
        for first in range(0, task.patients, processes):
            best += each_of(solve, [int(each) for each in task.ids[first : first + processes]])
            bar.update(step, completed=len(best))
    table = pd.DataFrame(best, columns=["promised", "optimum"])
    table.insert(0, "patient", task.ids)
    return table


def _said(summary: OptimumSummary) -> object:
    if summary.promise_kept is None:
        return f"the best doses control all {summary.task.patients} patients to the end: nothing to compare, take more"
    return on_screen(
        Table(
            title=f"{DISEASE}: {summary.task.patients} test patients, of whom {summary.at_stake} progress even under "
            f"the best doses, after {summary.optimum_days:.0f} days on average",
            header=("policy", "share of the optimum, %", "median", "lowest", "highest"),
            rows=[
                (
                    name,
                    written(found.share.scaled(100.0)),
                    *(f"{100 * number:.1f}" for number in (found.median, found.lowest, found.highest)),
                )
                for name, found in summary.policies.items()
            ],
            caption="time to progression as a share of the optimum's, of those patients; 95 % interval. The optimum "
            f"knows the patient and sees the cells; its doses reach {100 * summary.promise_kept:.1f} % of what its "
            "grid promises",
        )
    )
