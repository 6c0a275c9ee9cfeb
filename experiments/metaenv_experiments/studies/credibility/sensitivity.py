"""Which uncertain numbers drive the results: elementary effects after Morris on the same patients and luck.

Source: Morris1991. Every number moves over its whole range, so an effect reads "months per range".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv.distribution import Distribution
from metaenv.scenario import Scenario
from metaenv.scenario.variation import paths_like, value_at
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError

LEVELS = 4  # of the grid in each range; SALib's and Morris' usual choice
POLICIES = ("maximum_tolerated_dose", "at50")
OUTCOMES = {  # what is tried for sensitivity, months within the follow-up
    "maximum_tolerated_dose": "mean survival, maximum tolerated dose",
    "at50": "mean survival, AT50",
    "gain": "gain by AT50",
}
LEADING = {  # the trait and the drug of the first line that decide it
    "prostate": ("AR-V7", "abiraterone"),
    "lung": ("bypass", "osimertinib"),
    "breast_recurrent": ("ESR1", "letrozole"),
}


@dataclass(frozen=True, kw_only=True)
class Uncertain:
    """A number of a disease and the range in which it may lie."""

    path: str  # of `metaenv.scenario.variation`; {trait} and {drug} are the disease's leading ones, "*" every one
    how: Literal["value", "factor", "offset"]  # the range is of the number, a factor on it, or added to it
    low: float
    high: float
    log: bool = False  # even steps of the logarithm; factors always take them

    def at(self, before: Any, position: float) -> Any:
        """The number or distribution at a position, 0 low … 1 high, of the range."""
        if self.log or self.how == "factor":
            moved = self.low * (self.high / self.low) ** position
        else:
            moved = self.low + (self.high - self.low) * position
        if self.how == "value":
            return moved
        if self.how == "offset":
            return before.shifted(moved) if isinstance(before, Distribution) else before + moved
        return before.scaled(moved) if isinstance(before, Distribution) else before * moved

    @property
    def range(self) -> str:
        """The range, written."""
        if self.how == "offset":
            return f"{self.low:+g} … {self.high:+g}"
        return f"{'× ' if self.how == 'factor' else ''}{self.low:g} … {self.high:g}"


UNCERTAIN = (
    Uncertain(path="rates.birth", how="factor", low=0.8, high=1.25),  # guess, a deviation between patients
    Uncertain(
        path="rates.death", how="factor", low=0.5, high=1.33
    ),  # turnover in fits of Strobl2021, IQR 0.15-0.40 over 0.30
    Uncertain(path="rates.competition", how="factor", low=0.3, high=2.0),  # guess; 6 in the fits of Zhang2022
    Uncertain(path="rates.angiogenesis", how="factor", low=0.5, high=2.0),  # guess
    Uncertain(path="rates.vigour_spread", how="factor", low=0.5, high=1.5),  # guess
    Uncertain(path="rates.seeding.median", how="value", low=1e-13, high=1e-11, log=True),  # /cell/day; guess
    Uncertain(path="rates.dormancy_entry", how="factor", low=0.5, high=2.0),  # guess
    Uncertain(path="rates.waking", how="factor", low=0.3, high=3.0),  # guess
    Uncertain(path="rates.immune_kill", how="factor", low=0.25, high=2.0),  # guess
    Uncertain(path="host.lethal_burden", how="factor", low=0.5, high=2.0),  # guess
    Uncertain(path="host.lethal_hazard", how="factor", low=0.5, high=2.0),  # guess
    Uncertain(path="presentation.visible_log_cells", how="offset", low=-0.3, high=0.3),  # log10; guess
    Uncertain(path="presentation.colony_exponent", how="factor", low=0.5, high=1.5),  # guess
    Uncertain(path="organs.*.delivery", how="factor", low=0.6, high=1.1),  # guess, bulky to small lesions
    Uncertain(path="traits.{trait}.log_fraction", how="offset", low=-0.6, high=0.4),  # log10; fits of Strobl2021, IQR
    Uncertain(path="traits.{trait}.cost", how="factor", low=0.5, high=1.5),  # guess
    # /division; a point mutation (Bozic2013) to amplification and epigenetic change, guess
    Uncertain(path="traits.{trait}.mutation_rate", how="value", low=1e-9, high=1e-6, log=True),
    Uncertain(path="drugs.{drug}.ec50", how="value", low=0.25, high=0.4),  # of the average concentration; guess
    Uncertain(path="drugs.{drug}.kill", how="factor", low=0.7, high=1.4),  # guess
    Uncertain(path="drugs.{drug}.dormant_kill", how="value", low=0.02, high=0.1),  # relative; guess
    Uncertain(path="drugs.{drug}.persistence", how="factor", low=0.3, high=3.0),  # guess
)


def parameters_of(disease: str) -> dict[str, Uncertain]:
    """The uncertain numbers of a disease by their path; one that is 0 under a factor cannot move and is left out.

    Raises:
        UsageError: the disease is not prepared for this.
    """
    if disease not in LEADING:
        raise UsageError(f"--disease must be one of {', '.join(LEADING)}, got {disease!r}")
    trait, drug = LEADING[disease]
    scenario = metaenv.make_scenario(disease)
    named = {each.path.format(trait=trait, drug=drug): each for each in UNCERTAIN}
    return {path: each for path, each in named.items() if _moves(scenario, path, each)}


def changes_at(scenario: Scenario, parameters: dict[str, Uncertain], point: NDArray[np.float64]) -> dict[str, Any]:
    """Paths and new values at a point of the unit cube, (parameter,)."""
    return {
        path: each.at(value_at(scenario, path), float(position))
        for (pattern, each), position in zip(parameters.items(), point, strict=True)
        for path in paths_like(scenario, pattern)
    }


def design(parameters: dict[str, Uncertain], trajectories: int, seed: int) -> NDArray[np.float64]:
    """Morris' points, (trajectories × (parameters + 1), parameter) in 0 … 1."""
    from SALib.sample import morris

    points: NDArray[np.float64] = morris.sample(_problem(parameters), trajectories, num_levels=LEVELS, seed=seed)
    return points


def evaluate(task: Task, changes: dict[str, Any]) -> dict[str, float]:
    """Mean survival of the task's patients under both policies with some numbers changed, months in the follow-up."""
    varied = Task(
        disease=task.disease,
        cohort=task.cohort,
        patients=task.patients,
        seed=task.seed,
        changes=tuple(changes.items()),
    )
    found = {}
    for name in POLICIES:
        episodes = play(varied, rule(name, varied).make, varied.ids).episodes
        found[name] = float(episodes["survival_days"].mean()) / DAYS_PER_MONTH
    return found


def elementary_effects(
    parameters: dict[str, Uncertain], points: NDArray[np.float64], results: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Effects of every number on every outcome.

    Args:
        parameters: in the order of the columns of `points`.
        points: the design.
        results: (point,) months under each of `POLICIES`.
        seed: of the bootstrap behind the intervals.

    Returns:
        outcome, parameter, mu, mu_star, mu_star_reach (half of a 95 % interval), sigma; all months per range.
    """
    from SALib.analyze import morris

    outcomes = results.assign(gain=results["at50"] - results["maximum_tolerated_dose"])
    tables = []
    for outcome in OUTCOMES:
        found = morris.analyze(_problem(parameters), points, outcomes[outcome].to_numpy(), num_levels=LEVELS, seed=seed)
        columns = {"mu": "mu", "mu_star": "mu_star", "mu_star_conf": "mu_star_reach", "sigma": "sigma"}
        table = pd.DataFrame({new: np.asarray(found[old], dtype=np.float64) for old, new in columns.items()})
        tables.append(table.assign(outcome=outcome, parameter=list(parameters)))
    return pd.concat(tables, ignore_index=True)[["outcome", "parameter", *columns.values()]]


def ranked(effects: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """The effects on one outcome, strongest first."""
    return effects[effects["outcome"] == outcome].sort_values("mu_star", ascending=False, ignore_index=True)


def _problem(parameters: dict[str, Uncertain]) -> dict[str, Any]:
    return {"num_vars": len(parameters), "names": list(parameters), "bounds": [[0.0, 1.0]] * len(parameters)}


def _moves(scenario: Scenario, pattern: str, each: Uncertain) -> bool:
    """Whether the ends of the range differ."""
    return any(
        each.at(value_at(scenario, path), 0.0) != each.at(value_at(scenario, path), 1.0)
        for path in paths_like(scenario, pattern)
    )
