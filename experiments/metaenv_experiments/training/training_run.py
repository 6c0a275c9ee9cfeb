"""One training, from settings to a run folder: progress, TensorBoard, checkpoints, the best on validation patients."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from gymnasium.vector import AutoresetMode

from metaenv_agents.policy import Policy
from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR, DOSE
from metaenv_experiments.evaluation.policies import TUNED_RULE, NamedPolicy
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Score, Teacher, TrainingRecord
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import LAST, POLICY, RunFolder

if TYPE_CHECKING:
    from metaenv_agents.rl.policy import TrainedPolicy
    from metaenv_agents.rl.progress import Progress, Training

CHECKPOINTS, BEST, BOARD = "checkpoints", "best.json", "tensorboard"
MEAN_RETURN = "mean_return"


class Judged(NamedTuple):
    """How a policy's validation patients fared."""

    score: float  # the higher, the better
    curves: dict[str, float]  # what TensorBoard shows


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What is learned, how, and where it is written."""

    disease: str
    settings: Settings  # whose class names the algorithm
    teachers: tuple[NamedPolicy, ...] = ()  # whom the network imitates first: none, or one for each disease
    observation: Literal["clinic", "full"] = "clinic"
    visit_interval: float | None = None  # days; None: that of the disease
    local_therapy: bool | None = None  # whether it is offered beside drugs; None: drugs alone
    seed: int
    folder: RunFolder
    validation_patients: int  # count, treated at every evaluation
    resumable: bool = True  # write checkpoints

    def run(self) -> Training:
        """Train, or go on training; leaves the best policy and the scores in the folder."""
        from metaenv_agents.rl.checkpoint import CheckpointFolder, CheckpointMismatchError
        from metaenv_agents.rl.train import train

        if not self.folder.has(TrainingRecord.file):
            self._describe(scores={}, steps=0, finished=False)
        checkpoints = CheckpointFolder(path=self.folder.path / CHECKPOINTS) if self.resumable else None
        venv, curves = self._environment(), dict[str, float]()
        with self._watched(curves) as on_update:
            try:
                training = train(
                    venv,
                    self.settings,
                    seed=self.seed,
                    teacher=self._teacher(venv) if self.teachers else None,
                    evaluate=self._validate(curves),
                    on_update=on_update,
                    checkpoints=checkpoints,
                    resume=self.resumable,
                )
            except CheckpointMismatchError as error:
                raise UsageError(str(error)) from error
        self._save(training.policy, POLICY)
        self._save(training.last, LAST)
        self._describe(scores=dict(training.scores), steps=training.steps, finished=training.finished)
        return training

    def _environment(self) -> Any:
        """Whom training treats."""
        return self._task("train").vector_env(self.settings.n_envs, AutoresetMode.SAME_STEP)

    def _teacher(self, venv: Any) -> Policy:
        return self.teachers[0].make(venv)

    def _judge(self) -> Callable[[Any], Judged]:
        """Judge by the mean return of validation patients, who are the same at every evaluation."""
        task = self._task("validation")

        def judged(policy: Policy) -> Judged:
            """Score and curves of a policy."""
            curves = examined(task, policy)
            return Judged(curves[MEAN_RETURN], curves)

        return judged

    def _validate(self, curves: dict[str, float]) -> Callable[[Policy], float]:
        """Return the judge, who keeps the best policy and puts what is to be shown into `curves`."""
        judge_of = self._judge()
        best: float | None = self.folder.read_json(BEST)["score"] if self.folder.has(BEST) else None

        def keep(policy: Any) -> float:
            """Judge a policy, and write it down if it is better than all before."""
            nonlocal best
            score, shown = judge_of(policy)
            curves.update(shown)
            if best is None or score > best:
                best = score
                self._save(policy, POLICY)
                self._remember(score, shown)
            return score

        return keep

    def _task(self, cohort: str, disease: str | None = None) -> Task:
        return learning_task(
            disease or self.disease,
            self.settings,
            cohort,
            patients=self.validation_patients,
            seed=self.seed,
            observation=self.observation,
            visit_interval=self.visit_interval,
            local_therapy=self.local_therapy,
        )

    def _save(self, policy: TrainedPolicy, name: str) -> None:
        self.folder.write_bytes(name, policy.to_bytes())

    def _remember(self, score: float, shown: dict[str, float]) -> None:
        """Write down how good the best policy is."""
        self.folder.write_json(BEST, {"score": score})

    def _describe(self, *, scores: dict[int, float], steps: int, finished: bool) -> None:
        self._record(scores, steps, finished=finished).write(self.folder.path)

    def _record(self, scores: dict[int, float], steps: int, *, finished: bool) -> TrainingRecord:
        return TrainingRecord(
            learner=self.settings.algo,
            disease=self.disease,
            diseases=(self.disease,),
            observation=self.observation,
            visit_interval=self.visit_interval,
            local_therapy=self.local_therapy,
            seeds=(self.seed,),
            settings=asdict(self.settings),
            teachers=tuple(taught_by(teacher) for teacher in self.teachers),
            validation_patients=self.validation_patients,
            steps=steps,
            finished=finished,
            scores=tuple(Score(at, score) for at, score in sorted(scores.items())),
        )

    def _played_before(self) -> int:
        """Visits of the newest checkpoint, from which training goes on."""
        from metaenv_agents.rl.checkpoint import CheckpointFolder

        folders = CheckpointFolder(path=self.folder.path / CHECKPOINTS).folders() if self.resumable else []
        return min(int(folders[0].name), self.settings.total_timesteps) if folders else 0

    @contextmanager
    def _watched(self, curves: dict[str, float]) -> Iterator[Callable[[Progress], bool]]:
        """Show and log every update; a first interrupt asks training to stop after a checkpoint."""
        algo = self.settings.algo
        with progress() as bar, _interrupt() as interrupted, _board(self.folder.path / BOARD) as writer:
            step = bar.add_task(
                f"training {algo}", total=self.settings.total_timesteps, unit="visits", completed=self._played_before()
            )
            scores = dict[int, float](TrainingRecord.read(self.folder.path).scores)

            def on_update(update: Progress) -> bool:
                """Show and log an update; whether to go on."""
                judged = (
                    "" if update.score is None else f", validation {update.score:.2f}, best {update.best_score:.2f}"
                )
                bar.update(step, completed=min(update.steps, update.total), description=f"training {algo}{judged}")
                _log(writer, update, curves)
                curves.clear()
                if update.score is not None and update.updates % self.settings.evaluate_every == 0:
                    scores[update.steps] = update.score
                    self._describe(scores=scores, steps=update.steps, finished=False)
                return not interrupted.is_set()

            yield on_update


def taught_by(teacher: NamedPolicy) -> Teacher:
    """What a record says of a teacher."""
    if teacher.rule is None:
        raise ValueError(f"a teacher must be a rule, got {teacher.name!r}, a {teacher.kind}")
    return Teacher(rule=teacher.rule, parameters=teacher.parameters, tuned=teacher.kind == TUNED_RULE)


def learning_task(disease: str, settings: Settings, cohort: str, *, patients: int, seed: int, **options: Any) -> Task:
    """What a learner with these settings plays: its first patients, and doses written as it writes them."""
    action: Literal["levels", "continuous"] = "continuous" if settings.actions == "continuous" else "levels"
    return Task(disease=disease, cohort=cohort, patients=patients, seed=seed, action=action, **options)


def examined(task: Task, policy: Policy) -> dict[str, float]:
    """Means over the task's patients: return, survival within the follow-up, doses, and shares of what happened."""
    episodes = play(task, lambda env: policy, task.ids).episodes
    means = {MEAN_RETURN: episodes["return"], "survival_years": episodes["survival_days"] / DAYS_PER_YEAR}
    means |= {name: episodes[name] for name in ("progressed", "toxic", "cured")}
    means |= {str(name): episodes[name] for name in episodes if str(name).startswith(DOSE)}
    return {name: float(values.mean()) for name, values in means.items()}


def judge(task: Task) -> Callable[[Policy], float]:
    """Return the mean return of a policy on the task's patients."""
    return lambda policy: examined(task, policy)[MEAN_RETURN]


def _log(writer: Any, update: Progress, judged: dict[str, float]) -> None:
    curves = {
        "rollout/mean_return": update.mean_return,
        "rollout/mean_visits": update.mean_visits,
        "validation/best": update.best_score,
        **{f"validation/{name}": value for name, value in judged.items()},
        **update.losses,
    }
    for name, value in curves.items():
        if value is not None:
            writer.add_scalar(name, value, update.steps)


@contextmanager
def _board(path: Path) -> Iterator[Any]:
    """TensorBoard's writer. Its thread's error, such as of a full disk, is raised here at the next write, once."""
    from torch.utils.tensorboard import SummaryWriter

    before = threading.excepthook
    threading.excepthook = lambda failed: None if isinstance(failed.exc_value, OSError) else before(failed)
    try:
        with SummaryWriter(str(path)) as writer:
            yield writer
    finally:
        threading.excepthook = before


@contextmanager
def _interrupt() -> Iterator[threading.Event]:
    """Turn Ctrl-C and a polite kill into a flag; a Ctrl-C after that interrupts at once."""
    flag = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if flag.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        flag.set()

    if threading.current_thread() is not threading.main_thread():
        yield flag
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
