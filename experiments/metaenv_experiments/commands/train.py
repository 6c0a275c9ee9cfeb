"""Train a policy, resumable, the best on validation patients kept; with several seeds or diseases if asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Literal

from metaenv_agents.rl.learners import LEARNERS, Algo
from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.evaluation.policies import NamedPolicy, rule
from metaenv_experiments.evaluation.task import environment_id
from metaenv_experiments.evaluation.trained_policies import seeds_in
from metaenv_experiments.evaluation.tuned_rules import tuned_rules
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.learning_figure import draw_learning
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import UsageError, check_heeded, check_resume, file_of, require
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import POLICY, SEED, RunFolder
from metaenv_experiments.training.ensemble import combinable, combine
from metaenv_experiments.training.hyperparameters import settings
from metaenv_experiments.training.several_diseases import SharedLearning
from metaenv_experiments.training.training_run import Learning, learning_task

LOG = "train.log"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Train a policy; keep the best on validation patients. Ctrl-C or a kill leave a run that --resume continues."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    also: tuple[str, ...] = ()
    """More diseases that the same network learns at once (ppo, sb3_ppo); what it does in each is left in
    <out>/<disease>/."""
    algo: Algo = "ppo"
    """Learning algorithm: ppo in plain torch, which can keep within a limit of harm (cost_limit in --config); the rest
    is Stable-Baselines3's, sb3_ppo with the settings of ppo. sac and tqc give continuous doses."""
    config: Path | None = None
    """Hyperparameters, a TOML or the name of one that ships, such as ppo_memoryless. None: the defaults."""
    teacher: tuple[str, ...] = ()
    """Rule by name that the network imitates before it learns by itself (ppo, sb3_ppo, maskable_ppo); with --also one
    for each disease, in order."""
    tuned: tuple[Path, ...] = ()
    """What `tune rules` recorded of the disease, a JSON or the name of one that ships, such as prostate, with the
    teacher's parameters, one for each teacher. Without it: their defaults."""
    observation: Literal["clinic", "full"] = "clinic"
    """What policies see: the clinic's form, or with full also the true state, which no clinic knows."""
    local_therapy: bool | None = None
    """Whether lesions can be resected and irradiated too, where the disease allows it. None: drugs alone."""
    visit_interval: float | None = None
    """Days between two visits. None: as the disease has them."""
    total_timesteps: int = 1_000_000
    """Visits to learn from (count), over all parallel patients."""
    seed: int = 0
    """Seed of patients, network and optimiser (integer >= 0)."""
    seeds: int = 1
    """Trainings (count), with seed, seed + 1, …, each in its own folder seed-<N> of --out."""
    workers: int = 1
    """Seeds that are trained at the same time (count), by a process each; their output goes to train.log."""
    ray: str | None = None
    """Address of a Ray cluster, with the same file system, that trains the seeds, or "local" to start one here."""
    validation_patients: int = 128
    """Validation patients (count) on whom each evaluation is done; the best policy on them is kept."""
    combine: tuple[Path, ...] = ()
    """Instead of learning, run folders of trainings alike but for their seed: the mean of their networks becomes one
    policy. A folder of several seeds stands for all of them."""
    out: Path | None = None
    """Run folder to write. None: runs/train-<time>."""
    resume: bool = False
    """Continue the run in --out from its last checkpoint."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.total_timesteps >= 1, "--total-timesteps", self.total_timesteps, ">= 1")
        if self.config is not None:
            file_of("config", self.config)
        require(not self.teacher or LEARNERS[self.algo].imitates, "--teacher", self.teacher, "none with this --algo")
        others = LEARNERS[self.algo].several_diseases and self.disease not in self.also
        require(not self.also or others, "--also", self.also, "other diseases than --disease, for ppo or sb3_ppo")
        require(len(set(self.also)) == len(self.also), "--also", self.also, "each name once")
        taught, records = len(self.teacher), [str(path) for path in self.tuned]
        require(taught in (0, 1 + len(self.also)), "--teacher", self.teacher, "one rule for each disease")
        require(len(records) in (0, taught), "--tuned", records, "one file for each --teacher")
        for path in self.tuned:
            file_of("tuned", path)
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.seeds >= 1, "--seeds", self.seeds, ">= 1")
        require(1 <= self.workers <= self.seeds, "--workers", self.workers, f"in 1 … {self.seeds}, the --seeds")
        require(self.ray is None or self.seeds > 1, "--ray", self.ray, "given together with --seeds above 1")
        check_heeded(self, self.ray is None, "given without --ray", "workers")
        require(self.validation_patients >= 1, "--validation-patients", self.validation_patients, ">= 1")
        check_resume(self.resume, self.out)
        alone = {"combine", "validation_patients", "out"}
        ignored = [each.name for each in fields(self) if each.name not in alone]
        check_heeded(self, not self.combine, "given without --combine", *ignored)


def run(options: Options) -> None:
    """Train into a run folder, or into one folder per seed."""
    if options.combine:
        _combine(options)
        return
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


def _combine(options: Options) -> None:
    runs = [run for path in options.combine for run in seeds_in(path)]
    combinable(runs)  # complains before anything is written
    folder = RunFolder.create(options, out=options.out)
    record = combine(runs, folder, validation_patients=options.validation_patients)
    console().print(
        f"{len(runs)} trainings together; mean return on {options.validation_patients} validation patients: "
        f"{record.best:.3f}"
    )
    say_where(folder.path)


def _one(options: Options, seed: int, out: Path) -> Options:
    return replace(options, seed=seed, out=out, seeds=1, workers=1, ray=None)


def _train_aside(each: Sequence[Options], options: Options) -> None:
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


def _train_into_log(options: Options) -> bool:
    """Train one seed; whether it came to the end."""
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    with (folder.path / LOG).open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        try:
            _train(options, folder)
        except KeyboardInterrupt:
            return False
    return True


def _train(options: Options, folder: RunFolder) -> None:
    kind = partial(SharedLearning, also=options.also) if options.also else Learning
    learning = kind(
        disease=options.disease,
        observation=options.observation,
        visit_interval=options.visit_interval,
        local_therapy=options.local_therapy,
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
    screen.print(f"next: metaenv benchmark --runs {own}  ({POLICY} is the policy)", soft_wrap=True)
    draw_learning(folder)
    say_where(folder.path)


def _settings(options: Options) -> Settings:
    return settings(options.config, total_timesteps=options.total_timesteps, algo=options.algo)


def _check_shares(options: Options) -> None:
    """Raise UsageError unless every disease gets as many patients."""
    count, patients = 1 + len(options.also), _settings(options).n_envs
    fitting = count * max(1, patients // count)
    if patients != fitting:
        raise UsageError(
            f"--config must set n_envs to a multiple of the {count} diseases, such as {fitting}, got {patients}"
        )


def _teachers(options: Options) -> tuple[NamedPolicy, ...]:
    """The rules that are imitated first, one for each disease.

    Raises:
        UsageError: one is no rule, cannot treat its disease, or is not in its record.
    """
    if not options.teacher:
        return ()
    diseases, records = (options.disease, *options.also), options.tuned or (None,) * len(options.teacher)
    return tuple(_teacher(options, *each) for each in zip(diseases, options.teacher, records, strict=True))


def _teacher(options: Options, disease: str, name: str, record: Path | None) -> NamedPolicy:
    task = learning_task(
        disease,
        _settings(options),
        "train",
        patients=1,
        seed=options.seed,
        visit_interval=options.visit_interval,
        local_therapy=options.local_therapy,
    )
    if record is None:
        return rule(name, task)
    recorded = tuned_rules(record, task)
    if name not in recorded.rules:
        raise UsageError(f"--teacher must be one of {', '.join(recorded.rules)} in {record}, got {name!r}")
    return recorded.policy(name, task)
