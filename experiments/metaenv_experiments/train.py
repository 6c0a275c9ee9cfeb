"""`train`: a policy, resumable, the best on validation patients kept; with several seeds if asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path

from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.config_learning import Train
from metaenv_experiments.learners.hyperparameters import settings
from metaenv_experiments.learners.learning import Learning, learning_task
from metaenv_experiments.learners.shared_learning import SharedLearning
from metaenv_experiments.pages.pictures import draw_learning
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import POLICY, SEED, RunFolder
from metaenv_experiments.trials.contestants import TUNED, Contestant, rule, tuned
from metaenv_experiments.trials.tasks import environment_id

LOG = "train.log"


def run(options: Train) -> None:
    """Train into a run folder, or into one folder per seed."""
    for disease in (options.disease, *options.also):
        environment_id(disease)
    _teachers(options)
    _check_shares(options)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    if options.seeds == 1:
        _train(options, folder)
        return
    seeds = range(options.seed, options.seed + options.seeds)
    each = [_one(options, seed, folder.path / f"{SEED}{seed}") for seed in seeds]
    if options.workers > 1 or options.ray is not None:
        _train_aside(each, options)
    else:
        for one in each:
            _train(one, RunFolder.create(one, out=one.out, resume=one.resume))
    console().print(f"{options.seeds} trainings; next: metaenv benchmark --runs {folder.path}")


def _one(options: Train, seed: int, out: Path) -> Train:
    return replace(options, seed=seed, out=out, seeds=1, workers=1, ray=None)


def _train_aside(each: Sequence[Train], options: Train) -> None:
    """Several seeds at the same time; what each would print stands in its folder."""
    finished = 0
    with progress() as bar, workers(options.workers, options.ray, waiting=1) as each_of:
        step = bar.add_task(f"training {options.algo}", total=len(each), unit="seeds")
        for _, whole in each_of.each(_train_into_log, each):
            finished += whole
            bar.update(step, completed=finished)
    if finished < len(each):
        console().print(f"{finished} of {len(each)} trainings are finished; go on with --resume")
        raise KeyboardInterrupt


def _train_into_log(options: Train) -> bool:
    """Train one seed; whether it came to the end."""
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    with (folder.path / LOG).open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            _train(options, folder)
        except KeyboardInterrupt:
            return False
    return True


def _train(options: Train, folder: RunFolder) -> None:
    kind = partial(SharedLearning, also=options.also) if options.also else Learning
    learning = kind(
        disease=options.disease,
        observation=options.observation,
        visit_interval=options.visit_interval,
        settings=_settings(options),
        teachers=_teachers(options),
        seed=options.seed,
        folder=folder,
        validation_patients=options.validation_patients,
    )
    training = learning.run()
    screen = console()
    if not training.finished:
        screen.print(f"stopped after {training.steps:,} of {options.total_timesteps:,} visits; go on with --resume")
        raise KeyboardInterrupt
    best = max((score for _, score in training.scores), default=float("nan"))
    screen.print(
        f"{training.steps:,} visits; best mean return on {options.validation_patients} validation patients: {best:.3f}"
        + (" per year of follow-up" if options.also else "")
    )
    own = folder.path / options.disease if options.also else folder.path
    screen.print(f"next: metaenv evaluate --run {own}  ({POLICY} is the policy)", soft_wrap=True)
    draw_learning(folder)
    say_where(folder.path)


def _settings(options: Train) -> Settings:
    return settings(options.config, total_timesteps=options.total_timesteps, algo=options.algo)


def _check_shares(options: Train) -> None:
    """Raise RequestError unless every disease gets as many patients."""
    count, patients = 1 + len(options.also), _settings(options).n_envs
    fitting = count * max(1, patients // count)
    if patients != fitting:
        raise RequestError(
            f"--config must set n_envs to a multiple of the {count} diseases, such as {fitting}, got {patients}"
        )


def _teachers(options: Train) -> tuple[Contestant, ...]:
    """The rules that are imitated first, one for each disease.

    Raises:
        RequestError: one is no rule, cannot treat its disease, or is not in its record.
    """
    if not options.teacher:
        return ()
    diseases, records = (options.disease, *options.also), options.tuned or (None,) * len(options.teacher)
    return tuple(_teacher(options, *each) for each in zip(diseases, options.teacher, records, strict=True))


def _teacher(options: Train, disease: str, name: str, record: Path | None) -> Contestant:
    task = learning_task(
        disease, _settings(options), "train", patients=1, seed=options.seed, visit_interval=options.visit_interval
    )
    if record is None:
        return rule(name, task)
    recorded = {each.name.removesuffix(TUNED): each for each in tuned(record, task)}
    if name not in recorded:
        raise RequestError(f"--teacher must be one of {', '.join(recorded)} in {record}, got {name!r}")
    return recorded[name]
