"""`make_scenario`: from names and numbers, as a user or an environment gives them, to a `Scenario`."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any, TypedDict, Unpack

from metaenv.diseases import Disease, find_disease
from metaenv.drugs import Drug
from metaenv.import_path import is_import_path, object_at
from metaenv.keyword_arguments import checked, shows_arguments
from metaenv.reward_settings import Reward
from metaenv.scenario.scenario import Scenario
from metaenv.scenario.shift import shift_scenario


class ScenarioArguments(TypedDict, total=False):
    """What may differ from the default scenario of a disease; `make_scenario` says what each argument means."""

    visit_interval: float | None
    horizon: float | None
    reward: str | Reward | Mapping[str, Any] | None
    drugs: Iterable[str | Drug] | None
    local_therapy: bool | None
    without: Iterable[str]
    shift: str | None


UNCHANGED = ScenarioArguments(
    visit_interval=None, horizon=None, reward=None, drugs=None, local_therapy=None, without=(), shift=None
)


@shows_arguments(ScenarioArguments, UNCHANGED)
def make_scenario(
    disease: str | Disease | None = None,
    *,
    scenario: Scenario | str | None = None,
    **changes: Unpack[ScenarioArguments],
) -> Scenario:
    """A scenario by name: the default one of a disease, or a given one, and what is to differ from it.

    Args:
        disease: a name in `metaenv.DISEASES`, such as "prostate", or one of your own: see `find_disease`. None is the
            scenario's, without one "prostate".
        scenario: what to start from instead of the disease's default: a `Scenario`, or its import path "module:NAME".
        visit_interval: days between visits, > 0.
        horizon: days of follow-up, at least one visit.
        reward: an objective ("quality", "survival", "control"), a `metaenv.Reward`, or its fields by name: {"toxicity":
            2.0}, {"objective": "quality", "symptoms": 0.5}; what is not named stays.
        drugs: names of drugs on offer (`metaenv.drugs.DRUGS`), or `Drug` objects, in the order of the action.
        local_therapy: whether lesions can be resected and irradiated too, the last entry of the action, where the
            disease has numbers for it; None is the scenario's, without one drugs alone.
        without: an ablation: names of mechanisms (`metaenv.MECHANISMS`) to switch off.
        shift: name of a shift of the patients (`metaenv.scenario.shift.SHIFTS`).

    Raises:
        TypeError: an argument is unknown.
        ValueError: a name or a number is not allowed; the message says what, got and allowed.
    """
    asked: ScenarioArguments = {**UNCHANGED, **checked("make_scenario", UNCHANGED, changes)}
    if scenario is None:
        return _changed(Scenario.of(find_disease("prostate" if disease is None else disease)), asked)
    given = _given(scenario)
    named = given.disease.name if disease is None else find_disease(disease).name
    if named != given.disease.name:
        raise ValueError(f"scenario must be of disease {named!r}, got one of {given.disease.name!r}")
    return _changed(given, asked)


def _given(scenario: Any) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    if is_import_path(scenario):
        return object_at(scenario, Scenario, "scenario")
    got = f"{type(scenario).__name__} {reprlib.repr(scenario)}"
    raise ValueError(f'scenario must be a metaenv.Scenario, its import path "module:NAME" or None, got {got}')


def _changed(scenario: Scenario, asked: ScenarioArguments) -> Scenario:
    own = {name: asked.get(name) for name in ("visit_interval", "horizon", "local_therapy")}
    changes: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    if asked["reward"] is not None:
        changes["reward"] = _reward(scenario.reward, asked["reward"])
    wanted = replace(scenario, **changes).without(asked["without"])
    if asked["drugs"] is not None:
        wanted = wanted.with_drugs(asked["drugs"])
    return wanted if asked["shift"] is None else shift_scenario(wanted, asked["shift"])


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
