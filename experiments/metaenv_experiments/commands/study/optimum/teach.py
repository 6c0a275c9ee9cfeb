"""Teach a network, from the exact optimum of train patients, what every dose would have cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Literal

import numpy as np

from metaenv_agents.control.dynamic_programming import BestDoses
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Score, TrainingRecord
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.learning_figure import draw_learning
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import check_resume, require
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.run_folder import POLICY, RunFolder
from metaenv_experiments.studies.optimum.comparison import DISEASE
from metaenv_experiments.studies.optimum.teaching import ROUND, Round, Teaching, solved
from metaenv_experiments.training.training_run import judge

LEARNER = "aggrevate"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Teach a network the exact optimum of strobl2021: it treats train patients and is told what every dose loses."""

    patients: int = 96
    """Train patients (count) whose optimum is found, some 8 s each, and whom the network treats in every round."""
    rounds: int = 20
    """Rounds (count) of learning from all that was seen before; the best policy on validation patients is kept."""
    history: int = 2
    """Visits that the network sees side by side (count); how fast a tumour grows shows in two."""
    net_arch: tuple[int, ...] = (32, 32)
    """Tanh units per layer."""
    observation: Literal["clinic", "full"] = "full"
    """What the network sees: the clinic's form, or with full also the true state, which no clinic knows."""
    validation_patients: int = 64
    """Validation patients (count)."""
    seed: int = 0
    """Seed of the network and of the order of learning (integer >= 0); nothing in this model is left to chance."""
    processes: int = 1
    """Processes that share the patients who are solved (count). Results do not depend on it."""
    out: Path | None = None
    """Run folder to write. None: runs/study-optimum-teach-<time>."""
    resume: bool = False
    """Continue the run in --out; its solved patients and finished rounds are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        for name in ("patients", "rounds", "history", "validation_patients", "processes"):
            require(getattr(self, name) >= 1, f"--{name}".replace("_", "-"), getattr(self, name), ">= 1")
        units = bool(self.net_arch) and min(self.net_arch) >= 1
        require(units, "--net-arch", self.net_arch, "one or more layers of >= 1 unit")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Solve train patients, then play, be told, and learn, round by round; the best on validation patients is kept."""
    train = _task(options, "train", options.patients)
    judged = judge(_task(options, "validation", options.validation_patients))
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    with progress() as bar, workers(options.processes) as each_of:
        step = bar.add_task("solving", total=train.patients, unit="patients")
        optima = []
        for optimum in solved(train, folder, each_of):
            optima.append(optimum)
            bar.update(step, completed=len(optima))
    optima.sort(key=lambda optimum: optimum.identity)
    best = BestDoses(train.scenario, optima)
    teaching = Teaching.begin(
        train, best, folder, history=options.history, net_arch=options.net_arch, seed=options.seed
    )
    names = takewhile(folder.has, (ROUND.format(number) for number in count()))
    rounds = [Round.from_bytes((folder.path / name).read_bytes()) for name in names]
    with progress() as bar:
        step = bar.add_task("teaching", total=options.rounds, unit="rounds", completed=len(rounds))
        for point, lesson in islice(teaching.rounds(rounds), max(0, options.rounds - len(rounds))):
            policy = teaching.coordinates.policy_at(point)
            score = judged(policy)
            if all(score > each.score for each in rounds):
                folder.write_bytes(POLICY, policy.to_bytes())
            folder.write_bytes(ROUND.format(len(rounds)), Round(point, score, lesson).to_bytes())
            rounds.append(Round(point, score, lesson))
            _record(options, teaching, rounds).write(folder.path)
            shown = f"teaching, validation {score:.3f}, best {_best(rounds):.3f}"
            bar.update(step, completed=len(rounds), description=shown)
    _record(options, teaching, rounds).write(folder.path)
    console().print(
        f"{len(rounds)} rounds; best mean return on {options.validation_patients} validation patients: "
        f"{_best(rounds):.3f}, {rounds[0].score:.3f} after the first"
    )
    draw_learning(folder)
    say_where(folder.path)


def _best(rounds: list[Round]) -> float:
    return max(each.score for each in rounds)


def _record(options: Options, teaching: Teaching, rounds: list[Round]) -> TrainingRecord:
    """What is said of the training; the visits that a network learned from are those before it."""
    visits = np.cumsum([each.lesson.visits for each in (teaching.first, *rounds[:-1])])
    return TrainingRecord(
        learner=LEARNER,
        disease=DISEASE,
        diseases=(DISEASE,),
        observation=options.observation,
        seeds=(options.seed,),
        solved=options.patients,
        settings={"net_arch": options.net_arch, "history": options.history},
        validation_patients=options.validation_patients,
        steps=int(visits[-1]),
        finished=len(rounds) >= options.rounds,
        scores=tuple(Score(int(steps), each.score) for steps, each in zip(visits, rounds, strict=True)),
    )


def _task(options: Options, cohort: str, patients: int) -> Task:
    return Task(disease=DISEASE, cohort=cohort, patients=patients, seed=options.seed, observation=options.observation)
