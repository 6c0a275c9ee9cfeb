"""Trains a model update by update: between two of them its state can be saved exactly."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rl.checkpoint import Checkpoint, CheckpointFolder, CheckpointMismatchError
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.model import Model
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rl.progress import Progress, Training, TrainingLog
from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv

SETTINGS, RECORD = "settings.json", "record.pkl"

Evaluate = Callable[[Policy], float]


class Trainer:
    """A training that goes on update by update, from its beginning or from a checkpoint; see `train` for the rest."""

    def __init__(
        self,
        venv: VectorEnv[Any, Any, Any],
        settings: Settings,
        seed: int,
        evaluate: Evaluate | None,
        checkpoints: CheckpointFolder | None,
    ) -> None:
        self.venv, self.settings, self.seed = venv, settings, seed
        self.learner = LEARNERS[settings.algo]
        self.evaluate, self.checkpoints = evaluate, checkpoints
        self.drugs = () if isinstance(venv, SeveralDiseasesEnv) else Clinic.of(venv).drugs
        self.record = TrainingLog()
        self.model: Model

    def start(self, resume: bool, teacher: Policy | None) -> None:
        """Go on from the newest checkpoint, or begin, with the teacher if there is one."""
        found = self.checkpoints.latest() if self.checkpoints else None
        if found and not resume:
            raise ValueError(f"there are checkpoints in {self.checkpoints.path}, resume or choose another folder")  # type: ignore[union-attr]
        if found:
            self.model = self._thawed(found)
            return
        self.model = self.learner.begin(self.venv, self.settings, self.seed)
        if teacher is not None:
            self.model.imitate(teacher, self.seed)
            self._evaluate()  # the copy may be the best
            self._save()

    def run(self, on_update: Callable[[Progress], bool | None] | None) -> bool:
        """Update until all visits are played; True unless stopped."""
        go_on = True
        while go_on and self.model.steps < self.settings.total_timesteps:
            losses = self._update()
            last = self.model.steps >= self.settings.total_timesteps
            if last or self.record.updates % self.settings.evaluate_every == 0:
                self._evaluate()
            go_on = on_update is None or on_update(self._progress(losses)) is not False
            if last or not go_on or self.record.updates % self.settings.checkpoint_every == 0:
                self._save()
        return self.model.steps >= self.settings.total_timesteps

    def result(self, finished: bool) -> Training:
        """What came of it: the best policy on validation patients if there was an evaluation, and the last."""
        last = self.model.policy(self.drugs)
        return Training(
            policy=self.record.best or last,
            last=last,
            steps=self.model.steps,
            finished=finished,
            scores=tuple(self.record.scores),
        )

    def _update(self) -> dict[str, float]:
        self.model.play()
        losses = self.model.learn()
        self.record.updates += 1
        return losses

    def _evaluate(self) -> None:
        if self.evaluate is None:
            return
        policy = self.model.policy(self.drugs)
        score = float(self.evaluate(policy))
        best = self.record.best_score
        if best is None or score > best:
            self.record.best = policy
        self.record.scores.append((self.model.steps, score))

    def _progress(self, losses: dict[str, float]) -> Progress:
        ended = self.model.episodes()
        return Progress(
            steps=self.model.steps,
            total=self.settings.total_timesteps,
            updates=self.record.updates,
            mean_return=float(np.mean([episode.total for episode in ended])) if ended else None,
            mean_visits=float(np.mean([episode.visits for episode in ended])) if ended else None,
            score=self.record.score,
            evaluated=self.record.scores[-1][0] if self.record.scores else 0,
            best_score=self.record.best_score,
            losses=losses,
        )

    def _save(self) -> None:
        if self.checkpoints is None:
            return
        files = {SETTINGS: self._described(), RECORD: pickle.dumps(self.record)}
        self.checkpoints.save(self.model.steps, self.model.freeze() | files)

    def _described(self) -> bytes:
        about = {"algo": self.settings.algo, "seed": self.seed, "settings": asdict(self.settings)}
        return json.dumps(about, indent=2).encode()

    def _thawed(self, found: Checkpoint) -> Model:
        changed = _changed(*map(json.loads, (found.files[SETTINGS], self._described())))
        if changed:
            listed = ", ".join(f"{name} {before} -> {now}" for name, (before, now) in changed.items())
            raise CheckpointMismatchError(f"a training resumes with its own settings only, got {listed}")
        self.record = pickle.loads(found.files[RECORD])
        return self.learner.thaw(found.files, self.venv, self.settings)


def _changed(begun: dict[str, Any], asked: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """In what a training differs from the one that it is to go on with; more visits may be asked for."""
    if begun["algo"] != asked["algo"]:
        return {"algo": (begun["algo"], asked["algo"])}
    before, now = ({**each["settings"], "seed": each["seed"]} for each in (begun, asked))
    names = dict.fromkeys([*now, *before])  # one that is not in both was written by another version
    pairs = {name: (before.get(name), now.get(name)) for name in names if name != "total_timesteps"}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
