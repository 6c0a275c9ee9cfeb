"""An algorithm of Stable-Baselines3 in the midst of its training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import torch
from gymnasium.vector import VectorEnv
from stable_baselines3.common.callbacks import BaseCallback, CallbackList

from metaenv_agents.policy import Array, BoolArray, FloatArray, Policy
from metaenv_agents.rl import sb3_state
from metaenv_agents.rl.imitation import imitate
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.actor import Actor
from metaenv_agents.rl.learners.model import Episode, Model
from metaenv_agents.rl.learners.sb3_learner import SB3Learner
from metaenv_agents.rl.learners.settings import Settings
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.vec_env import VectorBridge


class SB3Training:
    """See `metaenv_agents.rl.learners.model.Model`; and `metaenv_agents.rl.imitation.Pupil`, where it imitates."""

    def __init__(self, algorithm: Any, settings: Settings, *, fresh: bool) -> None:
        self.algorithm, self.settings, self.learner = algorithm, settings, learner_of(settings)
        self.callback: BaseCallback
        left = settings.total_timesteps - algorithm.num_timesteps
        _, self.callback = algorithm._setup_learn(left, CallbackList([]), reset_num_timesteps=fresh)

    @classmethod
    def begin(cls, venv: VectorEnv[Any, Any, Any], settings: Settings, seed: int) -> SB3Training:
        """See `Model.begin`."""
        return cls(learner_of(settings).new_algorithm(bridge_to(venv, settings), settings, seed), settings, fresh=True)

    @classmethod
    def thaw(cls, files: Mapping[str, bytes], venv: VectorEnv[Any, Any, Any], settings: Settings) -> SB3Training:
        """See `Model.thaw`."""
        algorithm = sb3_state.thaw(files, bridge_to(venv, settings), learner_of(settings).algorithm_class)
        return cls(algorithm, settings, fresh=False)

    def freeze(self) -> dict[str, bytes]:
        """See `Model.freeze`."""
        return sb3_state.freeze(self.algorithm)

    @property
    def steps(self) -> int:
        """Visits played."""
        return int(self.algorithm.num_timesteps)

    def play(self) -> None:
        """See `Model.play`."""
        torch.set_num_threads(self.settings.torch_threads)
        self.learner.play(self.algorithm, self.callback)

    def learn(self) -> dict[str, float]:
        """See `Model.learn`."""
        self.learner.learn(self.algorithm)
        logger = self.algorithm.logger
        losses = {name: float(value) for name, value in logger.name_to_value.items()}
        logger.dump(self.steps)
        return losses

    def policy(self, drugs: tuple[str, ...]) -> TrainedPolicy:
        """See `Model.policy`."""
        return trained_policy(self.algorithm, self.learner.actor(self.algorithm), self.settings.history, drugs)

    def episodes(self) -> Sequence[Episode]:
        """See `Model.episodes`."""
        return [Episode(ended["r"], ended["l"]) for ended in self.algorithm.ep_info_buffer or ()]

    # Imitation

    def imitate(self, teacher: Policy, seed: int) -> None:
        """See `Model.imitate`."""
        torch.set_num_threads(self.settings.torch_threads)
        self.algorithm.policy.set_training_mode(True)
        imitate(self, teacher, self.settings, seed=seed)

    @property
    def levels(self) -> Array:
        """Levels of each entry of an action."""
        return np.asarray(self.algorithm.action_space.nvec)

    def seen(self) -> Array:
        """See `Pupil.seen`."""
        seen: Array = self.algorithm.env.get_original_obs()
        return seen

    def treat(self, actions: Array) -> tuple[FloatArray, BoolArray]:
        """See `Pupil.treat`."""
        algorithm = self.algorithm
        algorithm._last_obs, _, ended, infos = algorithm.env.step(actions)
        algorithm._update_info_buffer(infos, ended)
        algorithm._last_episode_starts = ended
        algorithm.num_timesteps += algorithm.env.num_envs
        return algorithm.env.get_original_reward(), ended

    def normal_inputs(self, seen: Array) -> FloatArray:
        """See `Pupil.normal_inputs`."""
        normal: FloatArray = self.algorithm.env.normalize_obs(seen)
        return normal

    def normal_rewards(self, rewards: FloatArray) -> FloatArray:
        """See `Pupil.normal_rewards`."""
        normal: FloatArray = self.algorithm.env.normalize_reward(rewards)
        return normal

    def judge(self, inputs: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See `Pupil.judge`."""
        values, log_likelihood, _ = self.algorithm.policy.evaluate_actions(inputs, actions)
        return values.flatten(), log_likelihood

    def parameters(self) -> Iterable[torch.nn.Parameter]:
        """Of the network."""
        parameters: Iterable[torch.nn.Parameter] = self.algorithm.policy.parameters()
        return parameters


def learner_of(settings: Settings) -> SB3Learner:
    """The learner whose settings these are."""
    learner = LEARNERS[settings.algo]
    assert isinstance(learner, SB3Learner)
    return learner


def bridge_to(venv: VectorEnv[Any, Any, Any], settings: Settings) -> VectorBridge:
    """The environment as the learner of these settings wants to see it."""
    continuous = isinstance(venv.single_action_space, gym.spaces.Box)
    return VectorBridge(venv, history=settings.history, unit_actions=continuous, choices=settings.actions == "choices")


def trained_policy(algorithm: Any, actor: Actor, history: int, drugs: tuple[str, ...]) -> TrainedPolicy:
    """An actor with what lies between it and the native environment."""
    normalise, bridge = sb3_state.wrappers_of(algorithm)
    bounds: Any = bridge.venv.single_action_space
    continuous = hasattr(bounds, "low")
    named = not continuous and bridge.choices.shape[0] == 0
    moments: Any = normalise.obs_rms
    return TrainedPolicy(
        drugs=drugs,
        history=history,
        mean=np.array(moments.mean),
        scale=np.sqrt(moments.var + normalise.epsilon),
        clip=float(normalise.clip_obs),
        weights=actor.weights,
        biases=actor.biases,
        lstm=actor.lstm,
        levels=tuple(int(number) for number in bounds.nvec) if named else (),
        choices=bridge.choices,
        low=np.array(bounds.low if continuous else (), dtype=np.float64),
        high=np.array(bounds.high if continuous else (), dtype=np.float64),
        squashed=actor.squashed,
    )


if TYPE_CHECKING:
    _model: type[Model] = SB3Training
