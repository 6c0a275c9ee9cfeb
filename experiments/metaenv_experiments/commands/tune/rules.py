"""Search the parameters of every rule on train patients, so that learners meet the best of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from metaenv_agents.rules import tunable
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import clinic, every_rule, rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.tuned_rules import TunedRule, TunedRules, frozen
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, words
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import UsageError, check_heeded, check_places, check_resume, require
from metaenv_experiments.running.processes import Map, workers
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.training.rule_search import MeanReturn, Tried, best, search

TRIED = "tried.json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Search every rule's parameters on train patients for the highest mean return; check them on others."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    policies: tuple[str, ...] = ()
    """Rules that are tuned, by name. None given: all that have something to tune and that the disease allows."""
    local_therapy: bool | None = None
    """Whether lesions can be resected and irradiated too, where the disease allows it. None: drugs alone."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    patients: int = 256
    """Train patients whom every trial treats (count); as many validation patients check the result."""
    trials: int = 40
    """Parameter sets that are tried per rule (count), so many at least: its defaults and whole batches of 4."""
    seed: int = 0
    """Seed of the patients' courses and of the search (integer >= 0)."""
    processes: int = 1
    """Processes that share the trials (count). Results do not depend on it."""
    ray: str | None = None
    """Address of a Ray cluster that plays the trials, or "local" to start one here. None: local processes."""
    record: Path | None = None
    """File that gets the result as JSON too, such as tuned_rules/prostate.json; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-rules-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished trials are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(set(self.policies)) == len(self.policies), "--policies", self.policies, "each name once")
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.trials >= 1, "--trials", self.trials, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        check_heeded(self, self.ray is None, "given without --ray", "processes")
        check_places(file=("--record", self.record))
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Search each rule, try the best on other patients, print, store."""
    task = Task(
        disease=options.disease,
        cohort="train",
        patients=options.patients,
        seed=options.seed,
        visit_interval=options.visit_interval,
        local_therapy=options.local_therapy,
    )
    possible = tunable(list(every_rule(task)))
    names = list(options.policies) or possible
    if unknown := [name for name in names if name not in possible]:
        raise UsageError(f"--policies must be tunable here, {', '.join(possible)}, got {', '.join(unknown)}")
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    tried = _tried_before(folder)
    with progress() as bar, workers(options.processes, options.ray) as each_of:
        step = bar.add_task("tuning", total=len(names) * options.trials, unit="trials")
        for name in names:
            bar.update(step, description=f"tuning: {name}")
            _search(name, task, options, folder, tried, each_of, partial(bar.advance, step))
    record = _record(options, task, names, tried)
    record.write(folder.path)
    if options.record is not None:
        record.write_to(options.record)
    console().print(on_screen(_table(record, task)))
    say_where(folder.path)


def _record(options: Options, task: Task, names: Sequence[str], tried: dict[str, list[Tried]]) -> TunedRules:
    """What was found, tried on other patients."""
    checked = {}
    with progress() as bar:
        step = bar.add_task("checking", total=len(names), unit="rules")
        for name in names:
            checked[name] = _check(name, task, tried[name])
            bar.advance(step)
    return TunedRules(
        disease=options.disease,
        visit_interval=options.visit_interval,
        local_therapy=options.local_therapy,
        patients=options.patients,
        seed=options.seed,
        trials=max(len(tried[name]) for name in names),
        rules=checked,
    )


def _search(
    name: str,
    task: Task,
    options: Options,
    folder: RunFolder,
    tried: dict[str, list[Tried]],
    each_of: Map,
    advance: Any,
) -> None:
    """Add to `tried` what is missing of a rule; every finished batch is stored."""
    known = tried.setdefault(name, [])
    advance(min(len(known), options.trials))

    def score(sets: list[dict[str, Any]]) -> list[float]:
        return each_of(MeanReturn(name, task), sets)

    for batch in search(name, clinic(task), score, trials=options.trials, seed=options.seed, known=tuple(known)):
        known += batch
        folder.write_json(TRIED, {rule: [each._asdict() for each in found] for rule, found in tried.items()})
        advance(len(batch))


def _tried_before(folder: RunFolder) -> dict[str, list[Tried]]:
    if not folder.has(TRIED):
        return {}
    stored = folder.read_json(TRIED)
    return {
        name: [Tried(frozen(each["parameters"]), each["score"]) for each in found] for name, found in stored.items()
    }


def _check(name: str, task: Task, tried: Sequence[Tried]) -> TunedRule:
    """The best of a rule, and what it gains over the defaults on as many validation patients with other luck."""
    found = best(tried)
    others = replace(task, cohort="validation", seed=task.seed + 1)
    defaults, tuned = (
        np.asarray(play(others, rule(name, others, **parameters).make, others.ids).episodes["return"])
        for parameters in ({}, found.parameters)
    )
    return TunedRule(
        parameters=found.parameters,
        train_defaults=tried[0].score,
        train_tuned=found.score,
        validation_defaults=statistics.mean(defaults),
        validation_tuned=statistics.mean(tuned),
        validation_gain=statistics.paired_difference(tuned, defaults),
    )


def _table(record: TunedRules, task: Task) -> Table:
    ranked = sorted(record.rules.items(), key=lambda item: -item[1].validation_tuned.value)
    return Table(
        title=f"{record.disease}: mean return, {task.return_unit}",
        header=(
            "rule and parameters",
            "train,\ndefaults",
            "train,\ntuned",
            "validation,\ntuned",
            "gain over\ndefaults",
        ),
        rows=[
            (
                f"{words(name)}\n{_said(found.parameters)}",
                f"{found.train_defaults:.2f}",
                f"{found.train_tuned:.2f}",
                _with_interval(found.validation_tuned),
                _with_interval(found.validation_gain),
            )
            for name, found in ranked
        ],
        caption=f"tuned: best of {record.trials} on {record.patients} train patients; the rest on as many validation "
        "patients with other luck, 95 % intervals",
    )


def _with_interval(estimate: Estimate) -> str:
    return f"{estimate.value:.2f}\n{estimate.low:.2f} to {estimate.high:.2f}"


def _said(parameters: dict[str, Any]) -> str:
    """Parameters in one line; nothing for the defaults."""
    parts = [
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {_names(value)}"
        for name, value in parameters.items()
    ]
    return ", ".join(parts) or "defaults"


def _names(value: Any) -> str:
    return " + ".join(map(_names, value)) if isinstance(value, tuple | list) else str(value)
