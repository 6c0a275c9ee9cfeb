"""What of each learner's settings may be tuned, and within which range, as Optuna's define-by-run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.trial import BaseTrial as Trial

Values = dict[str, Any]
WIDTHS = {"64 64": (64, 64), "128 128": (128, 128), "256 256": (256, 256)}
WIDTHS_BEHIND_LSTM = {"64": (64,), "128": (128,), "64 64": (64, 64)}


def _common(trial: Trial) -> Values:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 3e-3, log=True),
        "gamma": 1.0 - trial.suggest_float("1 - gamma", 3e-4, 3e-2, log=True),
    }


def _on_policy(trial: Trial) -> Values:
    return _common(trial) | {
        "ent_coef": trial.suggest_float("ent_coef", 1e-4, 2e-2, log=True),
        "gae_lambda": trial.suggest_categorical("gae_lambda", [0.8, 0.9, 0.95, 0.98]),
        "n_epochs": trial.suggest_int("n_epochs", 3, 10),
        "clip_range": trial.suggest_categorical("clip_range", [0.1, 0.2, 0.3]),
    }


def _stacked(trial: Trial) -> Values:
    return {
        "net_arch": WIDTHS[trial.suggest_categorical("net_arch", list(WIDTHS))],
        "history": trial.suggest_categorical("history", [1, 4, 8, 16]),
    }


def _ppo(trial: Trial) -> Values:
    return _on_policy(trial) | _stacked(trial)


def _recurrent(trial: Trial) -> Values:
    return _on_policy(trial) | {
        "net_arch": WIDTHS_BEHIND_LSTM[trial.suggest_categorical("net_arch", list(WIDTHS_BEHIND_LSTM))],
        "lstm_hidden_size": trial.suggest_categorical("lstm_hidden_size", [32, 64, 128]),
    }


def _off_policy(trial: Trial) -> Values:
    steps = trial.suggest_categorical("gradient_steps", [8, 16, 32, 64])
    return _common(trial) | _stacked(trial) | {"gradient_steps": steps}


def _soft(trial: Trial) -> Values:
    return _off_policy(trial) | {"tau": trial.suggest_float("tau", 1e-3, 2e-2, log=True)}


def _deep(trial: Trial) -> Values:
    return _off_policy(trial) | {
        "target_update_interval": trial.suggest_categorical("target_update_interval", [5_000, 20_000, 50_000]),
        "exploration_final_eps": trial.suggest_categorical("exploration_final_eps", [0.01, 0.02, 0.05]),
    }


SPACES: dict[str, Callable[[Trial], Values]] = {  # by algorithm
    "ppo": _ppo,
    "maskable_ppo": _ppo,
    "recurrent_ppo": _recurrent,
    "sac": _soft,
    "tqc": _soft,
    "dqn": _deep,
    "qr_dqn": _deep,
}
