"""How each algorithm's model is made and updated once; the settings say everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sb3_contrib
import stable_baselines3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.utils import LinearSchedule
from stable_baselines3.common.vec_env import VecNormalize
from torch import nn

from metaenv_agents.rl.settings import (
    DQNSettings,
    OffPolicySettings,
    PPOSettings,
    QRDQNSettings,
    RecurrentPPOSettings,
    SACSettings,
    Settings,
    TQCSettings,
)
from metaenv_agents.rl.vec_env import VectorBridge

EPISODES_IN_MEAN = 1_000


class Algorithm(NamedTuple):
    """An algorithm of Stable-Baselines3 or its contrib package."""

    model: type[BaseAlgorithm]
    policy: str
    arguments: Callable[[Any], dict[str, Any]]  # settings -> those of the model
    play: Callable[[Any, BaseCallback], None]
    learn: Callable[[Any], None]


def _common(settings: Settings) -> dict[str, Any]:
    return {
        "learning_rate": LinearSchedule(settings.learning_rate, settings.final_learning_rate, 1.0),
        "batch_size": settings.batch_size,
        "gamma": settings.gamma,
        "stats_window_size": EPISODES_IN_MEAN,
        "policy_kwargs": {"net_arch": list(settings.net_arch), "activation_fn": nn.Tanh},
    }


def _on_policy(settings: PPOSettings) -> dict[str, Any]:
    arguments = _common(settings)
    arguments["policy_kwargs"] |= {"log_std_init": settings.log_std_init}
    return arguments | {
        "n_steps": settings.n_steps,
        "n_epochs": settings.n_epochs,
        "gae_lambda": settings.gae_lambda,
        "clip_range": settings.clip_range,
        "ent_coef": settings.ent_coef,
        "vf_coef": settings.vf_coef,
        "max_grad_norm": settings.max_grad_norm,
        "target_kl": settings.target_kl,
    }


def _masked(settings: PPOSettings) -> dict[str, Any]:
    arguments = _on_policy(settings)
    del arguments["policy_kwargs"]["log_std_init"]  # its actions are never continuous
    return arguments


def _recurrent(settings: RecurrentPPOSettings) -> dict[str, Any]:
    arguments = _on_policy(settings)
    arguments["policy_kwargs"] |= {"lstm_hidden_size": settings.lstm_hidden_size}
    return arguments


def _off_policy(settings: OffPolicySettings) -> dict[str, Any]:
    return _common(settings) | {
        "buffer_size": settings.buffer_size,
        "learning_starts": settings.learning_starts,
        "train_freq": settings.train_freq,
        "gradient_steps": settings.gradient_steps,
    }


def _soft(settings: SACSettings) -> dict[str, Any]:
    target = "auto" if settings.target_entropy is None else settings.target_entropy
    return _off_policy(settings) | {"tau": settings.tau, "ent_coef": "auto", "target_entropy": target}


def _truncated(settings: TQCSettings) -> dict[str, Any]:
    arguments = _soft(settings) | {"top_quantiles_to_drop_per_net": settings.top_quantiles_to_drop_per_net}
    arguments["policy_kwargs"] |= {"n_quantiles": settings.n_quantiles}
    return arguments


def _deep(settings: DQNSettings) -> dict[str, Any]:
    return _off_policy(settings) | {
        "target_update_interval": settings.target_update_interval,
        "exploration_fraction": settings.exploration_fraction,
        "exploration_final_eps": settings.exploration_final_eps,
        "max_grad_norm": settings.max_grad_norm,
    }


def _quantiles(settings: QRDQNSettings) -> dict[str, Any]:
    arguments = _deep(settings)
    arguments["policy_kwargs"] |= {"n_quantiles": settings.n_quantiles}
    return arguments


def _play_on_policy(model: Any, callback: BaseCallback) -> None:
    model.collect_rollouts(model.env, callback, model.rollout_buffer, model.n_steps)


def _learn_on_policy(model: Any) -> None:
    model._update_current_progress_remaining(model.num_timesteps, model._total_timesteps)
    model.train()


def _play_off_policy(model: Any, callback: BaseCallback) -> None:
    model.collect_rollouts(
        model.env, callback, model.train_freq, model.replay_buffer, learning_starts=model.learning_starts
    )


def _learn_off_policy(model: Any) -> None:
    if model.num_timesteps > model.learning_starts:
        model.train(batch_size=model.batch_size, gradient_steps=model.gradient_steps)


ALGORITHMS: dict[str, Algorithm] = {
    "ppo": Algorithm(stable_baselines3.PPO, "MlpPolicy", _on_policy, _play_on_policy, _learn_on_policy),
    "maskable_ppo": Algorithm(sb3_contrib.MaskablePPO, "MlpPolicy", _masked, _play_on_policy, _learn_on_policy),
    "recurrent_ppo": Algorithm(
        sb3_contrib.RecurrentPPO, "MlpLstmPolicy", _recurrent, _play_on_policy, _learn_on_policy
    ),
    "sac": Algorithm(stable_baselines3.SAC, "MlpPolicy", _soft, _play_off_policy, _learn_off_policy),
    "tqc": Algorithm(sb3_contrib.TQC, "MlpPolicy", _truncated, _play_off_policy, _learn_off_policy),
    "dqn": Algorithm(stable_baselines3.DQN, "MlpPolicy", _deep, _play_off_policy, _learn_off_policy),
    "qr_dqn": Algorithm(sb3_contrib.QRDQN, "MlpPolicy", _quantiles, _play_off_policy, _learn_off_policy),
}


def new_model(bridge: VectorBridge, settings: Settings, seed: int) -> Any:
    """Make an untrained model with normalised observations and rewards."""
    algorithm = ALGORITHMS[settings.algo]
    made: Any = algorithm.model
    env = VecNormalize(bridge, gamma=settings.gamma)
    return made(algorithm.policy, env, seed=seed, device="cpu", **algorithm.arguments(settings))
