"""What of a learner's settings may be tuned: suggestions that several share, as Optuna's define-by-run."""

from __future__ import annotations

from typing import Any

from metaenv_agents.rules.search_space import Trial

Values = dict[str, Any]  # of settings, by name
WIDTHS = {"64 64": (64, 64), "128 128": (128, 128), "256 256": (256, 256)}


def suggest_common(trial: Trial) -> Values:
    """What is tuned of every learner."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 3e-3, log=True),
        "gamma": 1.0 - trial.suggest_float("1 - gamma", 3e-4, 3e-2, log=True),
    }


def suggest_history(trial: Trial) -> Values:
    """What is tuned of learners whose memory is the last visits side by side."""
    return {
        "net_arch": WIDTHS[trial.suggest_categorical("net_arch", list(WIDTHS))],
        "history": trial.suggest_categorical("history", [1, 4, 8, 16]),
    }
