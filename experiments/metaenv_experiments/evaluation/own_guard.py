"""Wraps an own policy: a function becomes a policy, and whatever it raises an error of one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from metaenv_agents.policy import Array
from metaenv_experiments.evaluation.own_source import in_one_line
from metaenv_experiments.running.options import UsageError


class FunctionPolicy:
    """A function from observation to action as a policy: of one patient at a time, or of all if it takes only all."""

    def __init__(self, function: Callable[[Array], Any], *, entries: int) -> None:
        self._function = function
        self._entries = entries
        self._of_one: bool | None = None  # None: nobody was treated yet

    def predict(
        self, observation: Array, state: Any = None, episode_start: Array | None = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`; a function remembers nothing."""
        if self._of_one is None:
            self._of_one = self._takes_one(observation)
        actions = [self._function(row) for row in observation] if self._of_one else self._function(observation)
        return np.asarray(actions), state

    def _takes_one(self, observation: Array) -> bool:
        """Try one patient, then all; what works in neither way fails as it did with one."""
        try:
            if np.shape(self._function(observation[0])) == (self._entries,):
                return True
            refused: Exception | None = None
        except Exception as error:
            refused = error
        try:
            return bool(np.shape(self._function(observation)) != (len(observation), self._entries))
        except Exception as error:
            if refused is None:
                return True
            raise error from refused


class Guarded:
    """A policy whose every error is a `UsageError` that says in one line whose it is and where it was raised."""

    def __init__(self, policy: Any, *, name: str, file: str | None) -> None:
        self._policy = policy
        self._name = name
        self._file = file

    def predict(
        self, observation: Array, state: Any = None, episode_start: Array | None = None, deterministic: bool = True
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`."""
        try:
            answer = self._policy.predict(observation, state, episode_start, deterministic=deterministic)
        except Exception as error:
            before = error.__cause__ if isinstance(self._policy, FunctionPolicy) else None
            also = "" if before is None else f"; with one patient's observation {in_one_line(before, self._file)}"
            raise UsageError(f"own policy {self._name!r} raised {in_one_line(error, self._file)}{also}") from error
        if not isinstance(answer, tuple) or len(answer) != 2:
            got = type(answer).__name__
            raise UsageError(f"own policy {self._name!r} must return (actions, state) from predict, got {got}")
        return answer
