"""The spec that Gymnasium keeps of an environment: checked against its id, and written as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from enum import Enum
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec

from metaenv.diseases import Disease
from metaenv.drugs import DRUGS, Drug
from metaenv.reward_settings import Reward


class Spec(EnvSpec):
    """What Gymnasium knows of an environment, with its number of visits where an environment states it.

    `max_episode_steps` is that number, for wrappers that ask (`TimeAwareObservation`). No `TimeLimit` comes of it: the
    environment truncates at its horizon itself. In JSON it is left out for the same reason, so that an environment made
    from the JSON has no `TimeLimit` either.
    """

    visits: int | None = None

    @classmethod
    def of(cls, spec: EnvSpec, visits: int | None = None) -> Spec:
        """The same spec, stating a number of visits where none limits it yet."""
        stated = cls(**{field.name: getattr(spec, field.name) for field in fields(spec) if field.init})
        if visits is not None and stated.max_episode_steps is None:
            stated.visits = stated.max_episode_steps = visits
        return stated

    def make(self, **kwargs: Any) -> gymnasium.Env[Any, Any]:
        """The environment anew, without a `TimeLimit` at its own horizon."""
        return gymnasium.make(self._without_visits(), **kwargs)

    def to_json(self) -> str:
        """Everything that makes the environment again, as JSON.

        Raises:
            ValueError: an argument is an object that has no name.
        """
        kwargs = {name: _plain(name, value) for name, value in self.kwargs.items()}
        return EnvSpec.to_json(replace(self._without_visits(), kwargs=kwargs))

    def _without_visits(self) -> EnvSpec:
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.init}
        own = self.visits is not None and self.max_episode_steps == self.visits
        return EnvSpec(**(values | {"max_episode_steps": None if own else self.max_episode_steps}))


def check_id(spec: EnvSpec) -> None:
    """Raise where an environment was asked for under the id of another disease."""
    registered = gymnasium.registry.get(spec.id)
    fixed = None if registered is None else registered.kwargs.get("disease")
    if fixed is not None and spec.kwargs.get("disease") != fixed:
        raise ValueError(
            f"disease must be {_said(fixed)} in {spec.id}, whose id fixes it, got {_said(spec.kwargs.get('disease'))}; "
            "make the id of the other disease, or metaenv.MetastasisEnv(disease=…)"
        )


def _said(disease: Any) -> str:
    return f"Disease {disease.name!r}" if isinstance(disease, Disease) else repr(disease)


def _plain(name: str, value: Any) -> Any:
    """A constructor's argument in types that JSON has."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Reward):
        return asdict(value)
    if isinstance(value, Drug) and DRUGS.get(value.name) == value:
        return value.name
    if isinstance(value, Mapping):
        return {str(key): _plain(name, each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(name, each) for each in value)
    if isinstance(value, (list, tuple, range)):
        return [_plain(name, each) for each in value]
    raise ValueError(
        f"{name} must be names and numbers to be written as JSON, got a {type(value).__name__}; say it by arguments "
        '(visit_interval, horizon, reward, drugs, without, shift) or by its import path, "module:NAME"'
    )
