"""`teach`: a network learns from the exact optimum of train patients what every dose would have cost."""

from __future__ import annotations

from itertools import count, islice, takewhile
from typing import Any

import numpy as np

from metaenv_agents.control.dynamic_programming import BestDoses
from metaenv_experiments.config_learning import Teach
from metaenv_experiments.learners.learning import judge
from metaenv_experiments.learners.teaching import ROUND, Round, Teaching, solved
from metaenv_experiments.pages.optimum_page import DISEASE
from metaenv_experiments.pages.pictures import draw_learning
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import POLICY, TRAINING, RunFolder
from metaenv_experiments.trials.tasks import Task, environment_id

ALGO = "aggrevate"


def run(options: Teach) -> None:
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
        for place, lesson in islice(teaching.rounds(rounds), max(0, options.rounds - len(rounds))):
            policy = teaching.coordinates.policy_at(place)
            score = judged(policy)
            if all(score > each.score for each in rounds):
                folder.write_bytes(POLICY, policy.to_bytes())
            folder.write_bytes(ROUND.format(len(rounds)), Round(place, score, lesson).to_bytes())
            rounds.append(Round(place, score, lesson))
            folder.write_json(TRAINING, _about(options, teaching, rounds))
            told = f"teaching, validation {score:.3f}, best {_best(rounds):.3f}"
            bar.update(step, completed=len(rounds), description=told)
    folder.write_json(TRAINING, _about(options, teaching, rounds))
    console().print(
        f"{len(rounds)} rounds; best mean return on {options.validation_patients} validation patients: "
        f"{_best(rounds):.3f}, {rounds[0].score:.3f} after the first"
    )
    draw_learning(folder)
    say_where(folder.path)


def _best(rounds: list[Round]) -> float:
    return max(each.score for each in rounds)


def _about(options: Teach, teaching: Teaching, rounds: list[Round]) -> dict[str, Any]:
    """What the record says of the training; the visits that a network learned from are those before it."""
    visits = np.cumsum([each.lesson.visits for each in (teaching.first, *rounds[:-1])])
    return {
        "algo": ALGO,
        "disease": DISEASE,
        "environment": environment_id(DISEASE),
        "observation": options.observation,
        "visit_interval": None,
        "seed": options.seed,
        "teacher": None,
        "solved": options.patients,
        "settings": {"net_arch": options.net_arch, "history": options.history},
        "validation_patients": options.validation_patients,
        "steps": int(visits[-1]),
        "finished": len(rounds) >= options.rounds,
        "scores": [
            {"steps": int(steps), "mean_return": each.score} for steps, each in zip(visits, rounds, strict=True)
        ],
    }


def _task(options: Teach, cohort: str, patients: int) -> Task:
    return Task(disease=DISEASE, cohort=cohort, patients=patients, seed=options.seed, observation=options.observation)
