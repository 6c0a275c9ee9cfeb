"""Audit: search simple policies, which anybody could have written down, so that no learner is praised for less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import clinic
from metaenv_experiments.evaluation.simple_policies import FoundPolicies, FoundPolicy, named
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, written
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import UsageError, check_places, check_resume, require
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.training.simple_search import Budget, Round, Tried, search

ROUNDS = "rounds.json"
GROWTH = (1, 2, 6, 16)  # patients of the rounds of a generation, as multiples of the first


@dataclass(frozen=True, kw_only=True)
class Options:
    """Search policies with at most two thresholds per drug on train patients; check the best on others."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    local_therapy: bool | None = None
    """Whether lesions can be resected and irradiated too, where the disease allows it. None: drugs alone."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    drawn: int = 2048
    """Policies by chance in the first generation (count), beside every constant one."""
    children: int = 1024
    """Policies like the best so far in every later generation (count)."""
    generations: int = 4
    """Generations (count)."""
    patients: int = 16
    """Train patients whom every policy of a generation treats (count); the best treat 2, 6 and 16 times as many more,
    others in every generation."""
    best: int = 3
    """Policies that are kept (count), the best on validation patients of ten times as many."""
    check_patients: int = 1024
    """Validation patients on whom they are checked (count)."""
    seed: int = 0
    """Seed of the patients' courses and of the search (integer >= 0)."""
    processes: int = 1
    """Processes that share the policies (count). Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays them, or "local" to start one here. None: local processes."""
    record: Path | None = None
    """File that gets the result as JSON too, such as simple_policies/prostate.json; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-simple-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished rounds are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        for name in ("drawn", "children", "generations", "patients", "best", "processes"):
            require(getattr(self, name) >= 1, f"--{name}", getattr(self, name), ">= 1")
        require(self.check_patients >= 2, "--check-patients", self.check_patients, ">= 2")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_places(file=("--record", self.record))
        check_resume(self.resume, self.out)

    @property
    def budget(self) -> Budget:
        """How much is tried."""
        return Budget(
            drawn=self.drawn,
            children=self.children,
            generations=self.generations,
            patients=tuple(self.patients * factor for factor in GROWTH),
        )


def run(options: Options) -> None:
    """Search, try the best on other patients, print, store."""
    task = Task(
        disease=options.disease,
        cohort="train",
        patients=options.generations * options.patients * sum(GROWTH),
        seed=options.seed,
        local_therapy=options.local_therapy,
        visit_interval=options.visit_interval,
    )
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    rounds, tried = _searched(options, task, folder)
    record = FoundPolicies(
        disease=task.disease,
        visit_interval=task.visit_interval,
        local_therapy=task.scenario.local_therapy,
        drugs=tuple(drug.name for drug in task.scenario.drugs),
        seed=options.seed,
        candidates=sum(len(each.scores) for each in rounds[:: len(GROWTH)]),
        visits=sum(each.visits for each in rounds),
        policies=tuple(_checked(options, task, tried[: 10 * options.best])),
    )
    record.write(folder.path)
    if options.record is not None:
        record.write_to(options.record)
    console().print(on_screen(_table(record, task, options)))
    say_where(folder.path)


def _searched(options: Options, task: Task, folder: RunFolder) -> tuple[list[Round], list[Tried]]:
    """The rounds, each stored as it is played, and the candidates of the last one."""
    rounds, tried = _rounds_before(folder), []
    known = tuple(rounds)
    with progress() as bar, workers(options.processes, options.ray) as each_of:
        step = bar.add_task("searching", total=options.generations * len(GROWTH), unit="rounds")
        bar.advance(step, len(known))
        for found in search(task, options.budget, options.seed, each_of, known):
            if isinstance(found, Tried):
                tried.append(found)
                continue
            rounds.append(found)
            folder.write_json(ROUNDS, {"rounds": [each._asdict() for each in rounds]})
            bar.advance(step)
    return rounds, tried


def _rounds_before(folder: RunFolder) -> list[Round]:
    if not folder.has(ROUNDS):
        return []
    try:
        return [Round(**each) for each in folder.read_json(ROUNDS)["rounds"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--resume needs the rounds that were played, but {ROUNDS} cannot be read: {error}") from error


def _checked(options: Options, task: Task, tried: Sequence[Tried]) -> list[FoundPolicy]:
    """The best of those tried on validation patients with other luck, so many as are kept."""
    others = replace(task, cohort="validation", patients=options.check_patients, seed=task.seed + 1)
    drugs, found = clinic(task).drugs, []
    nothing = statistics.Estimate(np.nan, np.nan, np.nan)
    with progress() as bar:
        step = bar.add_task("checking", total=len(tried), unit="policies")
        for each in tried:
            one = FoundPolicy(said=each.policy.said(drugs), policy=each.policy, train=each.score, validation=nothing)
            returns = named("simple", one).play(others, others.ids).episodes["return"].to_numpy()
            found.append(replace(one, validation=statistics.mean(returns)))
            bar.advance(step)
    return sorted(found, key=lambda one: -one.validation.value)[: options.best]


def _table(record: FoundPolicies, task: Task, options: Options) -> Table:
    return Table(
        title=f"{record.disease}: mean return, {task.return_unit}",
        header=("simple policy", "train", "validation"),
        rows=[(one.said, f"{one.train:.2f}", written(one.validation, digits=2)) for one in record.policies],
        caption=f"the best of {record.candidates:,} policies in {record.visits:,} simulated visits; validation: "
        f"{options.check_patients} other patients, 95 % intervals",
    )
