"""What of a rule may be tuned: suggestions that several rules share, as Optuna's define-by-run.

A rule's `search_space(trial, clinic)` asks an Optuna trial for each parameter and returns them by name. What it asks,
and in which order, says what a search with a seed proposes: searches that were stored can go on while both stay.
"""

from __future__ import annotations

from itertools import chain, combinations, permutations
from typing import TYPE_CHECKING, Any, TypeAlias

from metaenv_agents.policy import Clinic

if TYPE_CHECKING:  # nothing is imported from Optuna at run time: whoever searches hands in its trials
    from optuna.trial import BaseTrial

Trial: TypeAlias = "BaseTrial"
Parameters = dict[str, Any]  # of a rule, by name
AND, THEN = " + ", " then "


def suggest_drugs(trial: Trial, clinic: Clinic, *, leave: int = 0) -> tuple[str, ...]:
    """One of all choices of drugs that are given together, at least one, and at least `leave` not among them."""
    most = len(clinic.drugs) - leave
    choices = chain.from_iterable(combinations(clinic.drugs, size) for size in range(1, most + 1))
    return tuple(trial.suggest_categorical("drugs", [AND.join(choice) for choice in choices]).split(AND))


def suggest_drug_order(trial: Trial, clinic: Clinic, name: str) -> tuple[tuple[str, ...], ...]:
    """One of all orders of two drugs or more, each alone."""
    orders = chain.from_iterable(permutations(clinic.drugs, size) for size in range(2, len(clinic.drugs) + 1))
    chosen = trial.suggest_categorical(name, [THEN.join(order) for order in orders])
    return tuple((drug,) for drug in chosen.split(THEN))


def suggest_days(trial: Trial, name: str, low: float, high: float) -> float:
    """A length of time, even steps of its logarithm."""
    return float(trial.suggest_float(name, low, high, log=True))


def suggest_threshold(trial: Trial) -> float:
    """Where treatment begins, as a multiple of the baseline marker."""
    return trial.suggest_float("threshold", 0.02, 2.0, log=True)


def suggest_marker_band(trial: Trial) -> Parameters:
    """Thresholds of a holiday: where it begins and, above that, where it ends; multiples of the baseline marker."""
    stop = trial.suggest_float("stop", 0.02, 1.0, log=True)
    return {"stop": stop, "restart": stop * trial.suggest_float("restart / stop", 1.1, 10.0, log=True)}


def suggest_tolerance(trial: Trial) -> float:
    """Relative change of the marker that counts as none."""
    return trial.suggest_float("tolerance", 0.0, 0.5)


def suggest_toxicity_grade(trial: Trial) -> float:
    """CTCAE grade of the worst toxicity at which drugs pause."""
    return trial.suggest_float("stop_at_grade", 0.5, 4.0)
