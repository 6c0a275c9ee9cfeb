"""`benchmark`: the same patients, several policies, one table."""

from __future__ import annotations

from dataclasses import replace

from metaenv_experiments import quick
from metaenv_experiments.config import Benchmark
from metaenv_experiments.pages.report import report
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.contestants import DOUBLED, Contestant, learners, planner, rule, shared, tuned
from metaenv_experiments.trials.metrics import choose_reference
from metaenv_experiments.trials.own import own
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import Trial, check_names
from metaenv_experiments.trials.tuning import tune


def run(options: Benchmark) -> None:
    """Check, tune, treat, compare, print, store, draw."""
    if options.quick:
        quick.run(options)
        return
    task = Task(
        disease=options.disease,
        cohort=options.cohort,
        patients=options.patients,
        seed=options.seed,
        shift=options.shift,
        observation=options.observation,
        visit_interval=options.visit_interval,
    )
    contestants = [rule(name, task) for name in options.policies]
    contestants += [] if options.tuned is None else tuned(options.tuned, task)
    contestants += learners(options.runs, task)
    contestants += [shared(name, task) for name in options.agents]
    contestants += planners(options, task)
    contestants += own(options.own, task)
    check_names(contestants)
    reference = choose_reference(options.reference, [contestant.name for contestant in contestants])
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    contestants = tune(
        contestants, task, folder, patients=options.tune_patients, threshold=options.containment_threshold
    )
    trial = Trial(
        task=task,
        contestants=contestants,
        folder=folder,
        chunk=options.chunk,
        watch=options.watch,
        reference=reference,
        workers=options.workers,
        ray=options.ray,
    )
    report(folder, trial.run(), contestants, unit=task.return_unit)


def planners(options: Benchmark, task: Task) -> list[Contestant]:
    """The planners that take part, and each with twice the copies if asked for."""
    found = [planner(name, task, options.plan_every, options.plan_copies) for name in options.planners]
    if not options.doubled:
        return found
    twice = [planner(name, task, options.plan_every, 2 * options.plan_copies) for name in options.planners]
    return [*found, *(replace(each, name=f"{each.name}{DOUBLED}") for each in twice)]
