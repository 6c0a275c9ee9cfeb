"""`benchmark --quick`: prostate, lung and breast with every rule, plain and tuned, and every policy that ships."""

from __future__ import annotations

import shlex
from dataclasses import fields
from functools import partial
from pathlib import Path

import metaenv_agents
from metaenv_experiments.config import Benchmark
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.results_page import Stored, page, section
from metaenv_experiments.pages.table import outcome_table
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials.contestants import Contestant, every_rule, rule, shared, tuned
from metaenv_experiments.trials.metrics import choose_reference
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import Trial

DISEASES = ("prostate", "lung", "breast")
PATIENTS = 512  # per disease and policy
RECORDS = Path(__file__).parent / "tuned"
PAGE = "RESULTS.md"


def run(options: Benchmark) -> None:
    """Treat, print and store disease by disease, then write one page of all."""
    _check(options)
    parts = [(task, _everybody(task)) for task in map(partial(_task, options), DISEASES)]
    for _, contestants in parts:
        choose_reference(options.reference, [contestant.name for contestant in contestants])
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    stored = []
    for task, contestants in parts:
        part = RunFolder(folder.path / task.disease)
        trial = Trial(
            task=task,
            contestants=contestants,
            folder=part,
            chunk=options.chunk,
            watch=0,
            reference=choose_reference(options.reference, [contestant.name for contestant in contestants]),
            workers=options.workers,
            ray=options.ray,
        )
        comparison = trial.run()
        console().print(f"\n[bold]{task.disease}[/bold]")
        console().print(outcome_table(comparison, unit=task.return_unit))
        part.write_json("provenance.json", folder.read_json("provenance.json"))
        stored.append(Stored.of(part))
    command = f"metaenv {shlex.join(folder.read_json('provenance.json')['arguments'])}"
    text = page(map(section, stored), origin=f"Written by\n\n    {command}")
    write_atomically(folder.path / PAGE, partial(Path.write_text, data=text, encoding="utf-8"))
    say_where(folder.path)


def _check(options: Benchmark) -> None:
    """Refuse what has no meaning here, instead of leaving it out in silence."""
    heeded = {"quick", "seed", "cohort", "shift", "reference", "chunk", "workers", "ray", "out", "resume"}
    asked = [
        each.name for each in fields(options) if each.name not in heeded and getattr(options, each.name) != each.default
    ]
    if asked:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise RequestError(f"--quick must stand without {names}: it treats {PATIENTS} patients of each of {DISEASES}")


def _task(options: Benchmark, disease: str) -> Task:
    return Task(disease=disease, cohort=options.cohort, patients=PATIENTS, seed=options.seed, shift=options.shift)


def _everybody(task: Task) -> list[Contestant]:
    """Rules, rules as `tune-rules` recorded them, and shipped policies, as far as there are any for the disease."""
    record = RECORDS / f"{task.disease}.json"
    return [
        *(rule(name, task) for name in every_rule(task)),
        *(tuned(record, task) if record.is_file() else ()),
        *(shared(name, task) for name in metaenv_agents.pretrained() if name.startswith(f"{task.disease}/")),
    ]
