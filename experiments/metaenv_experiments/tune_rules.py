"""`tune-rules`: the parameters of every rule searched on train patients, so that learners meet the best of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from rich import box
from rich.table import Table

from metaenv_agents.rules import tunable
from metaenv_experiments.config import TuneRules
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.processes import Map, workers
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder, write_json
from metaenv_experiments.searches.tuning_search import MeanReturn, Tried, best, search
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.contestants import clinic, every_rule, frozen, rule
from metaenv_experiments.trials.rollout import play
from metaenv_experiments.trials.tasks import Task

TRIED, TUNED = "tried.json", "tuned.json"


def run(options: TuneRules) -> None:
    """Search each rule, try the best on other patients, print, store."""
    task = Task(
        disease=options.disease,
        cohort="train",
        patients=options.patients,
        seed=options.seed,
        visit_interval=options.visit_interval,
    )
    possible = tunable(list(every_rule(task)))
    names = list(options.policies) or possible
    if unknown := [name for name in names if name not in possible]:
        raise RequestError(f"--policies must be tunable here, {', '.join(possible)}, got {', '.join(unknown)}")
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    tried = _told(folder)
    with progress() as bar, workers(options.processes, options.ray) as each_of:
        step = bar.add_task("tuning", total=len(names) * options.trials, unit="trials")
        for name in names:
            bar.update(step, description=f"tuning: {name}")
            _search(name, task, options, folder, tried, each_of, partial(bar.advance, step))
    report = _report(options, task, names, tried)
    folder.write_json(TUNED, report)
    if options.record is not None:
        write_json(options.record, report)
    console().print(_table(report, task))
    say_where(folder.path)


def _report(options: TuneRules, task: Task, names: Sequence[str], tried: dict[str, list[Tried]]) -> dict[str, Any]:
    """What was found, tried on other patients."""
    checked = {}
    with progress() as bar:
        step = bar.add_task("checking", total=len(names), unit="rules")
        for name in names:
            checked[name] = _check(name, task, tried[name])
            bar.advance(step)
    return {
        "disease": options.disease,
        "visit_interval": options.visit_interval,
        "patients": options.patients,
        "seed": options.seed,
        "trials": max(len(tried[name]) for name in names),
        "rules": checked,
    }


def _search(
    name: str,
    task: Task,
    options: TuneRules,
    folder: RunFolder,
    tried: dict[str, list[Tried]],
    each_of: Map,
    advance: Any,
) -> None:
    """Add to `tried` what is missing of a rule; every finished batch is stored."""
    told = tried.setdefault(name, [])
    advance(min(len(told), options.trials))

    def score(sets: list[dict[str, Any]]) -> list[float]:
        return each_of(MeanReturn(name, task), sets)

    for batch in search(name, clinic(task), score, trials=options.trials, seed=options.seed, told=tuple(told)):
        told += batch
        folder.write_json(TRIED, {rule: [each._asdict() for each in found] for rule, found in tried.items()})
        advance(len(batch))


def _told(folder: RunFolder) -> dict[str, list[Tried]]:
    if not folder.has(TRIED):
        return {}
    stored = folder.read_json(TRIED)
    return {
        name: [Tried(frozen(each["parameters"]), each["score"]) for each in found] for name, found in stored.items()
    }


def _check(name: str, task: Task, tried: Sequence[Tried]) -> dict[str, Any]:
    """The best of a rule, and what it gains over the defaults on as many validation patients with other luck."""
    found = best(tried)
    others = replace(task, cohort="validation", seed=task.seed + 1)
    returns = [
        np.asarray(play(others, rule(name, others, **parameters).make, others.ids).episodes["return"])
        for parameters in ({}, found.parameters)
    ]
    return {
        "parameters": found.parameters,
        "train": {"defaults": tried[0].score, "tuned": found.score},
        "validation": {
            "defaults": statistics.mean(returns[0])._asdict(),
            "tuned": statistics.mean(returns[1])._asdict(),
            "gain": statistics.paired_difference(returns[1], returns[0])._asdict(),
        },
    }


def _table(report: dict[str, Any], task: Task) -> Table:
    table = Table(
        title=f"{report['disease']}: mean return, {task.return_unit}",
        caption=f"tuned: best of {report['trials']} on {report['patients']} train patients; the rest on as many "
        "validation patients with other luck, 95 % intervals",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("rule and parameters")
    for header in ("train,\ndefaults", "train,\ntuned", "validation,\ntuned", "gain over\ndefaults"):
        table.add_column(header, justify="right", no_wrap=True)
    ranked = sorted(report["rules"].items(), key=lambda item: -item[1]["validation"]["tuned"]["value"])
    for name, found in ranked:
        numbers = [f"{found['train'][key]:.2f}" for key in ("defaults", "tuned")]
        numbers += [_with_interval(found["validation"][key]) for key in ("tuned", "gain")]
        table.add_row(f"{name}\n[dim]{_words(found['parameters'])}[/dim]", *numbers)
    return table


def _with_interval(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:.2f}\n[dim]{estimate['low']:.2f} to {estimate['high']:.2f}[/dim]"


def _words(parameters: dict[str, Any]) -> str:
    """Parameters in one line; nothing for the defaults."""
    parts = [
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {_names(value)}"
        for name, value in parameters.items()
    ]
    return ", ".join(parts) or "defaults"


def _names(value: Any) -> str:
    return " + ".join(map(_names, value)) if isinstance(value, tuple | list) else str(value)
