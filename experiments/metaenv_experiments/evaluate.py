"""`evaluate`: one policy, how its patients fare."""

from __future__ import annotations

from metaenv_experiments.config import Evaluate
from metaenv_experiments.pages.report import report
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.contestants import Contestant, rule, trained, training_of
from metaenv_experiments.trials.own import own
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import Trial
from metaenv_experiments.trials.tuning import tune


def run(options: Evaluate) -> None:
    """Treat, estimate, print, store, draw."""
    training = {} if options.run is None else training_of(options.run)
    task = Task(
        disease=options.disease or training.get("disease", "prostate"),
        cohort=options.cohort,
        patients=options.patients,
        seed=options.seed,
        shift=options.shift,
        observation=training.get("observation", "clinic"),
        visit_interval=training.get("visit_interval"),
    )
    contestant = _contestant(options, task)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    contestants = tune(
        [contestant], task, folder, patients=options.tune_patients, threshold=options.containment_threshold
    )
    trial = Trial(
        task=task,
        contestants=contestants,
        folder=folder,
        chunk=options.chunk,
        watch=options.watch,
        reference=contestant.name,
    )
    report(folder, trial.run(), contestants, unit=task.return_unit)


def _contestant(options: Evaluate, task: Task) -> Contestant:
    if options.run is not None:
        return trained(options.run, task)
    if options.own is not None:
        return own([options.own], task)[0]
    assert options.policy is not None  # the options' own check
    return rule(options.policy, task)
