"""The stored record of a training, `training.json`: what was learned, how, for how long, how good it became."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import metaenv
from metaenv_experiments.evaluation.task import Task, environment_id
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import POLICY, RunFolder
from metaenv_experiments.running.stored_records import Record, RecordError


class Score(NamedTuple):
    """How validation patients fared after so many visits."""

    steps: int
    mean_return: float


class Alike(NamedTuple):
    """What patients are seen and treated alike by; fields as of `Task`."""

    observation: Literal["clinic", "full"] = "clinic"
    visit_interval: float | None = None  # days
    local_therapy: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """The rule that a network imitated before it learned by itself."""

    rule: str
    parameters: dict[str, Any]
    tuned: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingRecord(Record):
    """What was learned, how, for how long, and how good it became on validation patients."""

    file: ClassVar[str] = "training.json"

    learner: str  # ppo, sac, …; aggrevate for one that the exact optimum taught
    disease: str
    diseases: tuple[str, ...]  # that the same network learned at once; usually the one
    observation: Literal["clinic", "full"] = "clinic"
    visit_interval: float | None = None  # days; None: that of the disease
    local_therapy: bool | None = None  # whether it was offered beside drugs; None: drugs alone
    seeds: tuple[int, ...]  # one of each network; several for an ensemble
    settings: dict[str, Any]
    teachers: tuple[Teacher, ...] = ()  # none, or one for each of the diseases
    solved: int | None = None  # train patients whose exact optimum told what every dose loses
    refined: bool = False  # its weights were searched further
    members: tuple[str, ...] = ()  # run folders of the networks whose mean an ensemble is
    validation_patients: int
    steps: int  # visits that were played
    finished: bool
    scores: tuple[Score, ...] = ()  # in the order of steps

    @property
    def name(self) -> str:
        """What the policy is called in tables."""
        return " ".join([self.learner, *["refined"] * self.refined, *["ensemble"] * bool(self.members)])

    @property
    def environment(self) -> str:
        """The registered id."""
        return environment_id(self.disease)

    @property
    def interval(self) -> float:
        """Days between two visits."""
        return float(self.visit_interval or metaenv.make_scenario(self.disease).visit_interval)

    @property
    def teacher(self) -> Teacher | None:
        """The rule that was imitated in its disease."""
        return self.teachers[self.diseases.index(self.disease)] if self.teachers else None

    @property
    def best(self) -> float:
        """The highest mean return of validation patients; nan if it was never judged."""
        return max((score.mean_return for score in self.scores), default=math.nan)

    def task(self, cohort: str, patients: int, *, seed: int | None = None, **options: Any) -> Task:
        """What its policy may treat: patients of its disease, seen as it learned to see them.

        Args:
            cohort: by name.
            patients: count, the first of the cohort.
            seed: of their courses. None: that of the training.
            options: more of `Task`, such as `action` or `shift`.
        """
        return Task(
            disease=self.disease,
            cohort=cohort,
            patients=patients,
            seed=self.seeds[0] if seed is None else seed,
            **self.alike._asdict() | options,
        )

    @property
    def alike(self) -> Alike:
        """What its policy needs of a task."""
        return Alike(self.observation, self.visit_interval, self.local_therapy)

    def check_interval(self, task: Task) -> None:
        """Raise ValueError if it learned on another calendar than the task's."""
        if (wanted := float(task.scenario.visit_interval)) != self.interval:
            raise ValueError(f"policy was trained for a visit every {self.interval:g} days, got one every {wanted:g}")


def training_of(run: Path, *, option: str = "--run") -> TrainingRecord:
    """Read what a run says of its training; `option` is what named the run.

    Raises:
        UsageError: it is no run folder with one policy.
    """
    if not (run / POLICY).is_file() and (inside := sorted(str(each.parent) for each in run.glob(f"**/{POLICY}"))):
        raise UsageError(f"{option} must be the folder of one policy here, such as {inside[0]}, got {run}")
    folder = RunFolder.open(run, needs=(TrainingRecord.file, POLICY), option=option)
    try:
        return TrainingRecord.read(folder.path)
    except RecordError as error:
        raise UsageError(f"{option} must be a run of this version of `train`: {error}") from error
