"""`train`: a policy, resumable, the best on validation patients kept; with several seeds if asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from experiments.config_learning import Train
from experiments.contestants import TUNED, Contestant, rule, tuned
from experiments.hyperparameters import settings
from experiments.learning import POLICY, SEED, Learning, learning_task
from experiments.pictures import draw_learning
from experiments.report import say_where
from experiments.requests import RequestError
from experiments.screen import console
from experiments.shared_learning import SharedLearning
from experiments.store import RunFolder
from experiments.tasks import environment_id


def run(options: Train) -> None:
    """Train into a run folder, or into one folder per seed."""
    for disease in (options.disease, *options.also):
        environment_id(disease)
    _teacher(options)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    if options.seeds == 1:
        _train(options, folder)
        return
    for seed in range(options.seed, options.seed + options.seeds):
        one = replace(options, seed=seed, seeds=1, out=folder.path / f"{SEED}{seed}")
        _train(one, RunFolder.create(one, out=one.out, resume=options.resume))
    console().print(f"{options.seeds} trainings; next: python -m experiments benchmark --runs {folder.path}")


def _train(options: Train, folder: RunFolder) -> None:
    kind = partial(SharedLearning, also=options.also) if options.also else Learning
    learning = kind(
        disease=options.disease,
        observation=options.observation,
        visit_interval=options.visit_interval,
        settings=settings(options.config, steps=options.steps, algo=options.algo),
        teacher=_teacher(options),
        seed=options.seed,
        folder=folder,
        validation_patients=options.validation_patients,
    )
    training = learning.run()
    screen = console()
    if not training.finished:
        screen.print(f"stopped after {training.steps:,} of {options.steps:,} visits; go on with --resume")
        raise KeyboardInterrupt
    best = max((score for _, score in training.scores), default=float("nan"))
    screen.print(
        f"{training.steps:,} visits; best mean return on {options.validation_patients} validation patients: {best:.3f}"
        + (" per year of follow-up" if options.also else "")
    )
    own = folder.path / options.disease if options.also else folder.path
    screen.print(f"next: python -m experiments evaluate --run {own}  ({POLICY} is the policy)", soft_wrap=True)
    draw_learning(folder)
    say_where(folder.path)


def _teacher(options: Train) -> Contestant | None:
    """The rule that is imitated first.

    Raises:
        RequestError: it is no rule, cannot treat the disease, or is not in the record.
    """
    if options.teacher is None:
        return None
    chosen = settings(options.config, steps=options.steps, algo=options.algo)
    task = learning_task(
        options.disease,
        chosen,
        "train",
        patients=1,
        seed=options.seed,
        visit_interval=options.visit_interval,
    )
    if options.tuned is None:
        return rule(options.teacher, task)
    recorded = {each.name.removesuffix(TUNED): each for each in tuned(options.tuned, task)}
    if options.teacher not in recorded:
        raise RequestError(
            f"--teacher must be one of {', '.join(recorded)} in {options.tuned}, got {options.teacher!r}"
        )
    return recorded[options.teacher]
