"""What of each rule may be tuned, and within which range, as Optuna's define-by-run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, combinations, permutations
from typing import TYPE_CHECKING, Any

from metaenv_agents.policy import Clinic

if TYPE_CHECKING:
    from optuna.trial import BaseTrial as Trial

Parameters = dict[str, Any]
Space = Callable[["Trial", Clinic], Parameters]  # suggests a rule's parameters
AND, THEN = " + ", " then "


def drugs(trial: Trial, clinic: Clinic, *, name: str = "drugs", leave: int = 0) -> tuple[str, ...]:
    """One of all choices of drugs that are given together, at least one, and at least `leave` not among them."""
    most = len(clinic.drugs) - leave
    choices = chain.from_iterable(combinations(clinic.drugs, size) for size in range(1, most + 1))
    return tuple(trial.suggest_categorical(name, [AND.join(choice) for choice in choices]).split(AND))


def lines(trial: Trial, clinic: Clinic, *, name: str) -> tuple[tuple[str, ...], ...]:
    """One of all orders of two drugs or more, each alone."""
    orders = chain.from_iterable(permutations(clinic.drugs, size) for size in range(2, len(clinic.drugs) + 1))
    chosen = trial.suggest_categorical(name, [THEN.join(order) for order in orders])
    return tuple((drug,) for drug in chosen.split(THEN))


def _days(trial: Trial, name: str, low: float, high: float) -> float:
    return float(trial.suggest_float(name, low, high, log=True))


def _band(trial: Trial) -> Parameters:
    """Thresholds of a holiday: where it begins and, above that, where it ends; multiples of the baseline marker."""
    stop = trial.suggest_float("stop", 0.02, 1.0, log=True)
    return {"stop": stop, "restart": stop * trial.suggest_float("restart / stop", 1.1, 10.0, log=True)}


def _second_line(trial: Trial, clinic: Clinic) -> Parameters:
    chosen = drugs(trial, clinic, leave=1)
    return {**_band(trial), "drugs": chosen, "stop_at_grade": trial.suggest_float("stop_at_grade", 0.5, 4.0)}


def _multimodal(trial: Trial, clinic: Clinic) -> Parameters:
    return {
        "threshold": trial.suggest_float("threshold", 0.02, 2.0, log=True),
        "courses": trial.suggest_int("courses", 0, 5),
        "drugs": drugs(trial, clinic, leave=1),
        "stop_at_grade": trial.suggest_float("stop_at_grade", 0.5, 4.0),
    }


SPACES: dict[str, Space] = {
    "maximum_tolerated_dose": lambda trial, clinic: {"drugs": drugs(trial, clinic)},
    "metronomic": lambda trial, clinic: {"drugs": drugs(trial, clinic)},
    "intermittent": lambda trial, clinic: {
        "on_days": _days(trial, "on_days", 21.0, 730.0),
        "off_days": _days(trial, "off_days", 21.0, 730.0),
        "drugs": drugs(trial, clinic),
    },
    "alternating": lambda trial, clinic: {
        "lines": lines(trial, clinic, name="lines"),
        "days": _days(trial, "days", 21.0, 730.0),
    },
    "at50": lambda trial, clinic: {**_band(trial), "drugs": drugs(trial, clinic)},
    "dose_modulation": lambda trial, clinic: {
        "tolerance": trial.suggest_float("tolerance", 0.0, 0.5),
        "step": trial.suggest_categorical("step", [0.5, 1.0]),
        "drugs": drugs(trial, clinic),
    },
    "dose_skipping": lambda trial, clinic: {
        "tolerance": trial.suggest_float("tolerance", 0.0, 0.5),
        "drugs": drugs(trial, clinic),
    },
    "containment": lambda trial, clinic: {
        "threshold": trial.suggest_float("threshold", 0.02, 2.0, log=True),
        "drugs": drugs(trial, clinic),
    },
    "at50_with_second_line": _second_line,
    "multimodal": _multimodal,
    "local_first": lambda trial, clinic: {
        "drugs": drugs(trial, clinic),
        "days": _days(trial, "days", 84.0, 7300.0),
    },
    "sequential": lambda trial, clinic: {
        "lines": lines(trial, clinic, name="lines"),
        "switch_on": trial.suggest_categorical("switch_on", ["marker", "recist"]),
        "factor": trial.suggest_float("factor", 1.05, 3.0, log=True),
        "first": trial.suggest_categorical("first", ["continuous", "at50"]),
        **_band(trial),
    },
    "two_strikes": lambda trial, clinic: {
        "strikes": lines(trial, clinic, name="strikes"),
        "response": trial.suggest_float("response", 0.02, 0.9, log=True),
        "days": _days(trial, "days", 21.0, 730.0),
    },
    "fixed_duration": lambda trial, clinic: {
        "days": _days(trial, "days", 84.0, 7300.0),
        "drugs": drugs(trial, clinic),
    },
}


def tunable(names: Sequence[str]) -> list[str]:
    """Those of the rules that have something to tune, in their order."""
    return [name for name in names if name in SPACES]
