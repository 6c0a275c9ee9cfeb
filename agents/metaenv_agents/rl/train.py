"""Training on the native vector environment, resumable at every update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium as gym
import torch
from gymnasium.vector import VectorEnv

from metaenv_agents.policy import Policy
from metaenv_agents.rl.checkpoint import CheckpointFolder
from metaenv_agents.rl.learners import LEARNERS, imitators
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rl.progress import Progress, Training
from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv
from metaenv_agents.rl.trainer import Evaluate, Trainer


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
        venv: a native vector environment of `settings.n_envs`, in `AutoresetMode.SAME_STEP`, or a `SeveralDiseasesEnv`
            of some. Training closes nothing.
        settings: the hyperparameters; their class names the learner.
        seed: of the network, of exploration and of the patients met.
        teacher: whom the network imitates before it learns by itself; PPO without an LSTM only. That of a
            mixture is `SeveralDiseasesEnv.together` of one each.
        evaluate: mean return of a policy on the validation patients; the best policy is kept.
        on_update: called after every update; returning False stops training, after a checkpoint.
        checkpoints: where to save; without it nothing is written.
        resume: go on from the newest whole checkpoint, if there is any.

    Returns:
        The policies. A training that was stopped and resumed, on the same machine, gives the same bits as one that ran
        through.

    Raises:
        CheckpointMismatchError: if the checkpoints belong to other settings.
        ValueError: if the environment or the teacher does not fit the settings, or if there are checkpoints and
            `resume` is not set.
    """
    if venv.num_envs != settings.n_envs:
        raise ValueError(f"venv must hold {settings.n_envs} patients as the settings say, got {venv.num_envs}")
    if isinstance(venv.single_action_space, gym.spaces.Box) and settings.actions == "choices":
        raise ValueError(f"{settings.algo} needs an environment of dose levels, got {venv.single_action_space}")
    if settings.actions == "continuous" and not isinstance(venv.single_action_space, gym.spaces.Box):
        raise ValueError(f"{settings.algo} needs an environment of continuous doses, got {venv.single_action_space}")
    _check_company(venv, settings, teacher)
    threads = torch.get_num_threads()
    trainer = Trainer(venv, settings, seed, evaluate, checkpoints)
    try:
        trainer.start(resume, teacher)
        finished = trainer.run(on_update)
    finally:
        torch.set_num_threads(threads)
    return trainer.result(finished)


def _check_company(venv: VectorEnv[Any, Any, Any], settings: Settings, teacher: Policy | None) -> None:
    """Raise ValueError where a teacher or a mixture does not go with the algorithm or the environment."""
    learner = LEARNERS[settings.algo]
    if isinstance(venv, SeveralDiseasesEnv) and not learner.several_diseases:
        fitting = [name for name, each in LEARNERS.items() if each.several_diseases]
        raise ValueError(f"a mixture is for {' and '.join(fitting)} only, got {settings.algo}")
    if teacher is None:
        return
    if not learner.imitates:
        raise ValueError(f"a teacher is for {' and '.join(imitators())} only, got one for {settings.algo}")
    if not isinstance(venv.single_action_space, gym.spaces.MultiDiscrete):
        raise ValueError(f"a teacher needs an environment of dose levels, got {venv.single_action_space}")
