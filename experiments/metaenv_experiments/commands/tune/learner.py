"""Search a learner's hyperparameters by short trainings, shared between processes and resumable."""

from __future__ import annotations

import json
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gymnasium.vector import AutoresetMode

from metaenv_agents.rl.learners import LEARNERS, Algo
from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.evaluation.task import Task, environment_id
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.options import UsageError, check_resume, file_of, require
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.training.hyperparameters import as_toml, settings
from metaenv_experiments.training.training_run import judge, learning_task

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial

JOURNAL, BEST, TABLE = "study.log", "best.toml", "trials.csv"
SHOWN = 10  # trials in the table
COMMON = "common"  # attribute of the study: what its trials have in common
WORKER, RESUMED = 1_000, 1_000_003  # steps of the sampler's seed
LOOK = 2.0  # seconds between two looks at the journal
UNPRUNED = 6  # trials that end before the median of their fellows stops any


@dataclass(frozen=True, kw_only=True)
class Options:
    """Search a learner's hyperparameters by short trainings; several processes share one study."""

    disease: str = "prostate"
    """Disease by name, such as prostate or strobl2021."""
    algo: Algo = "ppo"
    """Learning algorithm."""
    config: Path | None = None
    """Hyperparameters to start from, a TOML or the name of one that ships; what is not searched stays as it says. None:
    the defaults."""
    trials: int = 40
    """Trainings (count), those that were stopped early among them."""
    total_timesteps: int = 300_000
    """Visits per training (count)."""
    seed: int = 0
    """Seed of the search and of every training (integer >= 0)."""
    validation_patients: int = 128
    """Validation patients (count) who judge every training."""
    processes: int = 1
    """Processes that train at the same time (count). With more than one the search depends on who is first."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-learner-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished trainings are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        if self.config is not None:
            file_of("config", self.config)
        require(self.trials >= 1, "--trials", self.trials, ">= 1")
        require(self.total_timesteps >= 1, "--total-timesteps", self.total_timesteps, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.validation_patients >= 1, "--validation-patients", self.validation_patients, ">= 1")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Let every process train until enough trials are done; print, store."""
    environment_id(options.disease)
    start = settings(options.config, total_timesteps=options.total_timesteps, algo=options.algo)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    trials = Trials(
        path=folder.path / JOURNAL,
        disease=options.disease,
        start=start,
        trials=options.trials,
        seed=options.seed,
        validation_patients=options.validation_patients,
    )
    study = trials.study(first=True)
    console().print(
        f"{_finished(study)} of {options.trials} trials are done, of {options.total_timesteps:,} visits each"
    )
    with _counted(study, options), workers(options.processes) as each_of:
        each_of(trials.work, list(range(options.processes)))
    best = trials.settings_of(study.best_trial.params)
    text = as_toml(best, study.best_value, options.validation_patients)
    write_atomically(folder.path / BEST, partial(Path.write_text, data=text, encoding="utf-8"))
    table = study.trials_dataframe()
    write_atomically(folder.path / TABLE, lambda partial: table.to_csv(partial, index=False))
    console().print(on_screen(_table(study, options)))
    command = f"metaenv train --disease {options.disease} --algo {options.algo}"
    console().print(f"next: {command} --config {folder.path / BEST}", soft_wrap=True)
    say_where(folder.path)


@dataclass(frozen=True, kw_only=True)
class Trials:
    """The study and what a trial of it is; pickles."""

    path: Path  # of the journal, which all processes share
    disease: str
    start: Settings  # where the search begins, and what it leaves alone
    trials: int
    seed: int
    validation_patients: int

    def study(self, *, worker: int = 0, first: bool = False) -> Study:
        """Open the study, or begin it with the starting values."""
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        if first:
            _cut_torn_line(self.path)
        study = optuna.create_study(
            study_name=self.start.algo,
            storage=JournalStorage(JournalFileBackend(str(self.path))),
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=UNPRUNED, n_warmup_steps=self.start.total_timesteps // 3
            ),
        )
        seed = self.seed + WORKER * worker + RESUMED * len(study.trials)  # a resumed search does not repeat itself
        study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True, multivariate=True)
        if first:
            self._check_same(study)
        if first and not study.trials and (values := self._start_as_asked()):
            study.enqueue_trial(values)
        return study

    def _check_same(self, study: Study) -> None:
        """Note what all trials have in common, or refuse to go on with another of it."""
        common = {**asdict(self.start), "validation patients": self.validation_patients, "seed": self.seed}
        plain = json.loads(json.dumps(common))
        begun = study.user_attrs.get(COMMON)
        if begun is None:
            study.set_user_attr(COMMON, plain)
        elif changed := [name for name in plain if begun.get(name) != plain[name]]:
            listed = ", ".join(f"{name} was {begun.get(name)!r}, got {plain[name]!r}" for name in changed)
            raise UsageError(f"--resume needs the settings that {self.path} was begun with: {listed}")

    def work(self, worker: int) -> None:
        """Train until enough trials are done, by whichever process."""
        from optuna.study import MaxTrialsCallback
        from optuna.trial import TrialState

        study = self.study(worker=worker)
        enough = MaxTrialsCallback(self.trials, states=(TrialState.COMPLETE, TrialState.PRUNED))
        if _finished(study) < self.trials:
            study.optimize(self.score, callbacks=[enough])

    def score(self, trial: Trial) -> float:
        """The highest mean return of validation patients during one training."""
        from optuna import TrialPruned

        from metaenv_agents.rl.progress import Progress
        from metaenv_agents.rl.train import train

        reported: list[int] = []

        def on_update(update: Progress) -> bool:
            if update.score is None or (reported and reported[-1] == update.evaluated):
                return True
            reported.append(update.evaluated)
            trial.report(update.score, update.evaluated)
            return not trial.should_prune()

        chosen = replace(self.start, **LEARNERS[self.start.algo].search_space(trial))
        training = train(
            self._task(chosen, "train").vector_env(chosen.n_envs, AutoresetMode.SAME_STEP),
            chosen,
            seed=self.seed,
            evaluate=judge(self._task(chosen, "validation")),
            on_update=on_update,
        )
        if not training.finished:
            raise TrialPruned
        return max((score for _, score in training.scores), default=-math.inf)

    def _task(self, chosen: Settings, cohort: str) -> Task:
        return learning_task(self.disease, chosen, cohort, patients=self.validation_patients, seed=self.seed)

    def settings_of(self, params: dict[str, Any]) -> Settings:
        """The settings of a trial, from what the sampler chose."""
        from optuna.trial import FixedTrial

        return replace(self.start, **LEARNERS[self.start.algo].search_space(FixedTrial(params)))

    def _start_as_asked(self) -> dict[str, Any]:
        """The starting values under the names of the search; nothing where its ranges do not hold them."""
        from optuna.trial import FixedTrial

        values: dict[str, Any] = {field.name: getattr(self.start, field.name) for field in fields(self.start)}
        values["1 - gamma"] = 1.0 - values.pop("gamma")
        values["net_arch"] = " ".join(map(str, values["net_arch"]))
        asked = FixedTrial(values)
        try:
            with warnings.catch_warnings(action="error"):
                LEARNERS[self.start.algo].search_space(asked)
        except (ValueError, UserWarning):
            return {}
        return asked.params


@contextmanager
def _counted(study: Study, options: Options) -> Iterator[None]:
    """Show how many trainings are done, by whichever process, and the best; the journal is what all of them share."""
    ended = threading.Event()
    with progress() as bar:
        step = bar.add_task(
            f"tuning {options.algo}", total=options.trials, unit="trainings", completed=_finished(study)
        )

        def show() -> None:
            scores = [
                trial.value for trial in study.trials if trial.state.name == "COMPLETE" and trial.value is not None
            ]
            best = f", best {max(scores):.2f}" if scores else ""
            bar.update(step, completed=_finished(study), description=f"tuning {options.algo}{best}")

        def watch() -> None:
            while not ended.wait(LOOK):
                show()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
            show()
        finally:
            ended.set()
            watcher.join()


def _cut_torn_line(journal: Path) -> None:
    """Cut off what a full disk left of the last line, or the next would be spoilt by it."""
    content = journal.read_bytes() if journal.is_file() else b""
    if content and not content.endswith(b"\n"):
        whole = content[: content.rfind(b"\n") + 1]
        write_atomically(journal, partial(Path.write_bytes, data=whole))


def _finished(study: Study) -> int:
    return sum(trial.state.name in {"COMPLETE", "PRUNED"} for trial in study.trials)


def _table(study: Study, options: Options) -> Table:
    done = [(float(trial.value or 0.0), trial.params) for trial in study.trials if trial.state.name == "COMPLETE"]
    ranked = sorted(done, key=lambda each: each[0], reverse=True)[:SHOWN]
    return Table(
        title=f"{options.algo} on {options.disease}: the best of {_finished(study)} trainings",
        header=("return", "settings"),
        rows=[(f"{value:.3f}", _said(params)) for value, params in ranked],
        caption=f"mean return of {options.validation_patients} validation patients, the highest of a training",
    )


def _said(params: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {each:.3g}" if isinstance(each, float) else f"{name} {each}" for name, each in params.items()
    )
