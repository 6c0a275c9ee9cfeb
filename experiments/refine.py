"""`refine`: a trained policy's weights searched further, on the same patients with the same luck."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.policy import FloatArray
from agents.rl.policy import TrainedPolicy
from agents.rl.refinement import Crowd, Generation, search, weights_of, with_weights
from experiments.config_learning import Refine
from experiments.learners.learning import judge
from experiments.pages.pictures import draw_learning
from experiments.pages.report import say_where
from experiments.running.requests import RequestError
from experiments.running.screen import console, progress
from experiments.running.store import POLICY, TRAINING, RunFolder
from experiments.trials.contestants import training_of
from experiments.trials.rollout import play
from experiments.trials.tasks import Task

TOLD = "told.json"  # scores of every candidate, so that a killed search is replayed
REFINED = "_refined"  # end of the algorithm's name


def run(options: Refine) -> None:
    """Search from the best policy of a training; the best on validation patients is kept."""
    about = training_of(options.run)
    policy = _policy(options)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    trials = _Trials(options, about, policy)
    judged = judge(_task(about, policy, "validation", options.validation_patients, about["seed"]))
    kept = _Kept(folder, options, about)
    if not kept.scores:
        kept.judge(policy, judged(policy))
    with progress() as bar:
        step = bar.add_task("refining", total=options.generations, unit="generations")
        found = search(
            weights_of(policy),
            trials.scores,
            generations=options.generations,
            candidates=options.candidates,
            step=options.step,
            seed=options.seed,
            told=tuple(kept.told),
        )
        bar.update(step, completed=len(kept.told))
        for generation, weights in found:
            kept.add(generation, trials.visits)
            if len(kept.told) % options.evaluate_every == 0 or len(kept.told) == options.generations:
                middle = with_weights(policy, weights)
                kept.judge(middle, judged(middle))
            kept.write()
            bar.update(step, completed=len(kept.told), description=f"refining, validation best {kept.best:.3f}")
    console().print(
        f"{options.generations} generations; best mean return on {options.validation_patients} validation patients: "
        f"{kept.best:.3f}, {kept.scores[0]['mean_return']:.3f} at the start"
    )
    draw_learning(folder)
    say_where(folder.path)


def _policy(options: Refine) -> TrainedPolicy:
    try:
        return TrainedPolicy.from_bytes((options.run / POLICY).read_bytes())
    except ValueError as error:
        raise RequestError(f"the policy of {options.run} cannot be read: {error}") from error


def _task(about: dict[str, Any], policy: TrainedPolicy, cohort: str, patients: int, seed: int) -> Task:
    return Task(
        disease=about["disease"],
        cohort=cohort,
        patients=patients,
        seed=seed,
        action=policy.action,
        observation=about["observation"],
        visit_interval=about["visit_interval"],
    )


class _Trials:
    """Candidates that treat the same train patients side by side."""

    def __init__(self, options: Refine, about: dict[str, Any], policy: TrainedPolicy) -> None:
        self.policy = policy
        self.task = _task(about, policy, "train", options.patients, options.seed)
        self.visits = 0  # of the last generation

    def scores(self, candidates: list[FloatArray]) -> list[float]:
        """Mean return of each candidate."""
        crowd = Crowd([with_weights(self.policy, weights) for weights in candidates])
        ids = np.tile(self.task.ids, len(candidates))
        episodes = play(self.task, lambda env: crowd, ids).episodes
        self.visits = int(np.ceil(episodes["survival_days"] / self.task.scenario.visit_interval).sum())
        means = np.asarray(episodes["return"]).reshape(len(candidates), -1).mean(axis=1)
        return [float(mean) for mean in means]


class _Kept:
    """What the folder holds: the best policy, the course of the search, and what replays it."""

    def __init__(self, folder: RunFolder, options: Refine, about: dict[str, Any]) -> None:
        self.folder, self.options, self.about = folder, options, about
        none: dict[str, Any] = {"generations": [], "visits": 0, "scores": []}
        stored = folder.read_json(TOLD) if folder.has(TOLD) else none
        self.told = [Generation(scores) for scores in stored["generations"]]
        self.visits: int = stored["visits"]
        self.scores: list[dict[str, float]] = stored["scores"]

    @property
    def best(self) -> float:
        """The highest score on validation patients."""
        return max((point["mean_return"] for point in self.scores), default=-np.inf)

    def add(self, generation: Generation, visits: int) -> None:
        """Remember what was tried."""
        self.told.append(generation)
        self.visits += visits

    def judge(self, policy: TrainedPolicy, score: float) -> None:
        """Keep a policy if no other was as good."""
        if score > self.best:
            self.folder.write_bytes(POLICY, policy.to_bytes())
        self.scores.append({"steps": self.about["steps"] + self.visits, "mean_return": score})

    def write(self) -> None:
        """Write down where the search stands; a policy that is written before it is found again on resuming."""
        stored = {"generations": [each.scores for each in self.told], "visits": self.visits, "scores": self.scores}
        told = {
            "algo": f"{self.about['algo']}{REFINED}",
            "validation_patients": self.options.validation_patients,
            "steps": self.about["steps"] + self.visits,
            "finished": len(self.told) >= self.options.generations,
            "scores": self.scores,
        }
        self.folder.write_json(TRAINING, self.about | told)
        self.folder.write_json(TOLD, stored)
