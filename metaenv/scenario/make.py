"""From names and numbers to a scenario: what `make_scenario` and the environments' arguments say."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from metaenv.diseases import Disease, find_disease
from metaenv.drugs import Drug
from metaenv.import_path import is_import_path, object_at
from metaenv.reward import Reward
from metaenv.scenario.scenario import Scenario
from metaenv.scenario.shift import shift_scenario


def make_scenario(
    disease: str | Disease,
    *,
    visit_interval: float | None = None,
    horizon: float | None = None,
    reward: str | Reward | Mapping[str, Any] | None = None,
    drugs: Iterable[str | Drug] | None = None,
    without: Iterable[str] = (),
    shift: str | None = None,
) -> Scenario:
    """A scenario by name: the default one of a disease, and what is to differ from it.

    Args:
        disease: a name in `metaenv.DISEASES`, such as "prostate", or one of your own: see `find_disease`.
        visit_interval: days between visits, > 0.
        horizon: days of follow-up, at least one visit.
        reward: an objective ("quality", "survival", "control"), a `metaenv.Reward`, or its fields by name: {"toxicity":
            2.0}, {"objective": "quality", "symptoms": 0.5}; what is not named stays.
        drugs: names of drugs on offer (`metaenv.drugs.DRUGS`), or `Drug` objects, in the order of the action.
        without: names of mechanisms (`metaenv.MECHANISMS`) to switch off.
        shift: name of a shift of the patients (`metaenv.scenario.shift.SHIFTS`).

    Raises:
        ValueError: a name or a number is not allowed; the message says what, got and allowed.
    """
    known = find_disease(disease)
    scenario = Scenario(
        disease=known,
        drugs=known.drugs,
        visit_interval=known.visit_interval,
        horizon=known.horizon,
        substep=known.substep,
        stochastic=known.stochastic,
        reward=Reward(objective=known.reward),
    )
    return _changed(scenario, visit_interval, horizon, reward, drugs, without, shift)


def scenario_of_arguments(
    disease: str | Disease | None,
    scenario: Scenario | str | None,
    *,
    visit_interval: float | None = None,
    horizon: float | None = None,
    reward: str | Reward | Mapping[str, Any] | None = None,
    drugs: Iterable[str | Drug] | None = None,
    without: Iterable[str] = (),
    shift: str | None = None,
) -> Scenario:
    """The scenario that an environment's arguments ask for; it raises where one is not allowed.

    Without a scenario (a `Scenario`, or its import path "module:NAME") the default one of the disease is taken, or
    "prostate"; the other arguments change it as in `make_scenario`.
    """
    chosen = make_scenario("prostate" if disease is None else disease) if scenario is None else _given(scenario)
    named = None if scenario is None or disease is None else find_disease(disease).name
    if named is not None and named != chosen.disease.name:
        raise ValueError(f"scenario must be of disease {named!r}, got one of {chosen.disease.name!r}")
    return _changed(chosen, visit_interval, horizon, reward, drugs, without, shift)


def _given(scenario: Any) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    if is_import_path(scenario):
        return object_at(scenario, Scenario, "scenario")
    got = f"{type(scenario).__name__} {reprlib.repr(scenario)}"
    raise ValueError(f'scenario must be a metaenv.Scenario, its import path "module:NAME" or None, got {got}')


def _changed(
    scenario: Scenario,
    visit_interval: float | None,
    horizon: float | None,
    reward: str | Reward | Mapping[str, Any] | None,
    drugs: Iterable[str | Drug] | None,
    without: Iterable[str],
    shift: str | None,
) -> Scenario:
    asked = {"visit_interval": visit_interval, "horizon": horizon}
    changes: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if reward is not None:
        changes["reward"] = _reward(scenario.reward, reward)
    wanted = replace(scenario, **changes).without(without)
    if drugs is not None:
        wanted = wanted.with_drugs(drugs)
    return wanted if shift is None else shift_scenario(wanted, shift)


def _reward(kept: Reward, asked: Any) -> Reward:
    """A reward by name, object or fields; what is not named is kept."""
    if isinstance(asked, Reward):
        return asked
    given = {"objective": asked} if isinstance(asked, str) else asked
    if not isinstance(given, Mapping):
        raise ValueError(f"reward must be a name, a metaenv.Reward or its fields by name, got {asked!r}")
    known = [each.name for each in fields(Reward)]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"unknown field of reward {unknown}; known: {known}")
    return Reward(**(asdict(kept) | dict(given)))
