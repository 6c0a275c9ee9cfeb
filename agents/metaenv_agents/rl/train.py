"""Training on the native vector environment, resumable at every update."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.vector import VectorEnv
from stable_baselines3.common.callbacks import BaseCallback, CallbackList

from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rl.algorithms import ALGORITHMS, new_model
from metaenv_agents.rl.checkpoint import Checkpoint, CheckpointFolder
from metaenv_agents.rl.imitation import imitate
from metaenv_agents.rl.mixture import Mixture
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.settings import TAUGHT, Settings
from metaenv_agents.rl.state import freeze, thaw
from metaenv_agents.rl.vec_env import VectorBridge

SETTINGS, RECORD = "settings.json", "record.pkl"

Evaluate = Callable[[Policy], float]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where training stands after an update."""

    steps: int  # visits played
    total: int  # visits to play
    updates: int
    mean_return: float | None  # of the last episodes that ended, with exploration
    mean_visits: float | None  # their length
    score: float | None  # of the last evaluation
    evaluated: int  # visits played until then, 0 if there was none
    best_score: float | None
    losses: dict[str, float]  # as Stable-Baselines3 names them: "train/value_loss", ...


@dataclass(frozen=True, kw_only=True)
class Training:
    """What training leaves."""

    policy: TrainedPolicy  # the best evaluated; the last, if none was evaluated
    last: TrainedPolicy
    steps: int  # visits played
    finished: bool  # False if `on_update` stopped it
    scores: tuple[tuple[int, float], ...]  # (visits played, score) of every evaluation


@dataclass
class Record:
    """What training remembers beside the model."""

    updates: int = 0
    scores: list[tuple[int, float]] = field(default_factory=list)
    best: TrainedPolicy | None = None

    @property
    def best_score(self) -> float | None:
        """The highest score so far."""
        return max((score for _, score in self.scores), default=None)

    @property
    def score(self) -> float | None:
        """The last score."""
        return self.scores[-1][1] if self.scores else None


def train(
    venv: VectorEnv[Any, Any, Any],
    settings: Settings,
    *,
    seed: int,
    teacher: Policy | None = None,
    evaluate: Evaluate | None = None,
    on_update: Callable[[Progress], bool | None] | None = None,
    checkpoints: CheckpointFolder | None = None,
    resume: bool = False,
) -> Training:
    """Train a policy.

    Args:
        venv: a native vector environment of `settings.n_envs`, in `AutoresetMode.SAME_STEP`, or a `Mixture` of some.
            Training closes nothing.
        settings: the hyperparameters; their class names the algorithm.
        seed: of the network, of exploration and of the patients met.
        teacher: whom the network imitates before it learns by itself; PPO with or without masks only. That of a
            mixture is `Mixture.together` of one each.
        evaluate: mean return of a policy on the validation patients; the best policy is kept.
        on_update: told after every update; returning False stops training, after a checkpoint.
        checkpoints: where to save; without it nothing is written.
        resume: go on from the newest whole checkpoint, if there is any.

    Returns:
        The policies. A training that was stopped and resumed, on the same machine, gives the same bits as one that ran
        through.

    Raises:
        ValueError: if the environment or the teacher does not fit the settings, if the checkpoints belong to other
            settings, or if there are some and `resume` is not set.
    """
    if venv.num_envs != settings.n_envs:
        raise ValueError(f"venv must hold {settings.n_envs} patients as the settings say, got {venv.num_envs}")
    if isinstance(venv.single_action_space, gym.spaces.Box) and settings.actions == "choices":
        raise ValueError(f"{settings.algo} needs an environment of dose levels, got {venv.single_action_space}")
    if settings.actions == "continuous" and not isinstance(venv.single_action_space, gym.spaces.Box):
        raise ValueError(f"{settings.algo} needs an environment of continuous doses, got {venv.single_action_space}")
    _check_company(venv, settings, teacher)
    threads = torch.get_num_threads()
    trainer = _Trainer(venv, settings, seed, evaluate, checkpoints)
    try:
        trainer.start(resume, teacher)
        finished = trainer.run(on_update)
    finally:
        torch.set_num_threads(threads)
    return trainer.result(finished)


def _check_company(venv: VectorEnv[Any, Any, Any], settings: Settings, teacher: Policy | None) -> None:
    """Raise ValueError where a teacher or a mixture does not go with the algorithm or the environment."""
    if isinstance(venv, Mixture) and settings.algo != "ppo":
        raise ValueError(f"a mixture is for ppo only, got {settings.algo}")
    if teacher is None:
        return
    if settings.algo not in TAUGHT:
        raise ValueError(f"a teacher is for {' and '.join(TAUGHT)} only, got one for {settings.algo}")
    if not isinstance(venv.single_action_space, gym.spaces.MultiDiscrete):
        raise ValueError(f"a teacher needs an environment of dose levels, got {venv.single_action_space}")


class _Trainer:
    """Stable-Baselines3's `learn`, opened between updates, where the state is small and can be saved exactly."""

    def __init__(
        self,
        venv: VectorEnv[Any, Any, Any],
        settings: Settings,
        seed: int,
        evaluate: Evaluate | None,
        checkpoints: CheckpointFolder | None,
    ) -> None:
        self.settings, self.seed = settings, seed
        self.evaluate, self.checkpoints = evaluate, checkpoints
        self.drugs = () if isinstance(venv, Mixture) else Clinic.of(venv).drugs
        continuous = isinstance(venv.single_action_space, gym.spaces.Box)
        self.bridge = VectorBridge(
            venv, history=settings.history, unit_actions=continuous, choices=settings.actions == "choices"
        )
        self.record = Record()
        self.model: Any
        self.callback: BaseCallback

    def start(self, resume: bool, teacher: Policy | None) -> None:
        """Go on from the newest checkpoint, or begin, with the teacher if there is one."""
        found = self.checkpoints.latest() if self.checkpoints else None
        if found and not resume:
            raise ValueError(f"there are checkpoints in {self.checkpoints.path}, resume or choose another folder")  # type: ignore[union-attr]
        self.model = self._thawed(found) if found else new_model(self.bridge, self.settings, self.seed)
        left = self.settings.total_timesteps - self.model.num_timesteps
        _, self.callback = self.model._setup_learn(left, CallbackList([]), reset_num_timesteps=found is None)
        if teacher is not None and found is None:
            imitate(self.model, teacher, self.settings, seed=self.seed)
            self._evaluate()  # the copy may be the best
            self._save()

    def run(self, on_update: Callable[[Progress], bool | None] | None) -> bool:
        """Update until all visits are played; True unless stopped."""
        go_on = True
        while go_on and self.model.num_timesteps < self.settings.total_timesteps:
            losses = self._update()
            last = self.model.num_timesteps >= self.settings.total_timesteps
            if last or self.record.updates % self.settings.evaluate_every == 0:
                self._evaluate()
            go_on = on_update is None or on_update(self._progress(losses)) is not False
            if last or not go_on or self.record.updates % self.settings.checkpoint_every == 0:
                self._save()
        return bool(self.model.num_timesteps >= self.settings.total_timesteps)

    def result(self, finished: bool) -> Training:
        """What came of it: the best policy on validation patients if there was an evaluation, and the last."""
        last = TrainedPolicy.of(self.model, self.drugs, self.settings.history)
        return Training(
            policy=self.record.best or last,
            last=last,
            steps=self.model.num_timesteps,
            finished=finished,
            scores=tuple(self.record.scores),
        )

    def _update(self) -> dict[str, float]:
        model = self.model
        torch.set_num_threads(self.settings.torch_threads)
        algorithm = ALGORITHMS[self.settings.algo]
        algorithm.play(model, self.callback)
        algorithm.learn(model)
        self.record.updates += 1
        losses = {name: float(value) for name, value in model.logger.name_to_value.items()}
        model.logger.dump(model.num_timesteps)
        return losses

    def _evaluate(self) -> None:
        if self.evaluate is None:
            return
        policy = TrainedPolicy.of(self.model, self.drugs, self.settings.history)
        score = float(self.evaluate(policy))
        best = self.record.best_score
        if best is None or score > best:
            self.record.best = policy
        self.record.scores.append((self.model.num_timesteps, score))

    def _progress(self, losses: dict[str, float]) -> Progress:
        ended = list(self.model.ep_info_buffer or ())
        return Progress(
            steps=self.model.num_timesteps,
            total=self.settings.total_timesteps,
            updates=self.record.updates,
            mean_return=float(np.mean([episode["r"] for episode in ended])) if ended else None,
            mean_visits=float(np.mean([episode["l"] for episode in ended])) if ended else None,
            score=self.record.score,
            evaluated=self.record.scores[-1][0] if self.record.scores else 0,
            best_score=self.record.best_score,
            losses=losses,
        )

    def _save(self) -> None:
        if self.checkpoints is None:
            return
        about = {"algo": self.settings.algo, "seed": self.seed, "settings": asdict(self.settings)}
        described = json.dumps(about, indent=2)
        files = {SETTINGS: described.encode(), RECORD: pickle.dumps(self.record)}
        self.checkpoints.save(self.model.num_timesteps, freeze(self.model) | files)

    def _thawed(self, found: Checkpoint) -> Any:
        described = json.loads(found.files[SETTINGS])
        if described["algo"] != self.settings.algo:
            raise ValueError(
                f"a training resumes with its own settings only, got algo {described['algo']} -> {self.settings.algo}"
            )
        described["settings"]["net_arch"] = tuple(described["settings"]["net_arch"])
        begun = type(self.settings)(**described["settings"])
        was = replace(begun, total_timesteps=self.settings.total_timesteps)  # more visits may be asked for
        changed: dict[str, tuple[object, object]] = was.differences(self.settings)
        if described["seed"] != self.seed:
            changed["seed"] = (described["seed"], self.seed)
        if changed:
            listed = ", ".join(f"{name} {before} -> {now}" for name, (before, now) in changed.items())
            raise ValueError(f"a training resumes with its own settings only, got {listed}")
        self.record = pickle.loads(found.files[RECORD])
        return thaw(found.files, self.bridge, ALGORITHMS[self.settings.algo].model)
