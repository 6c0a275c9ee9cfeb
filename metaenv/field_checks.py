"""Checks of the dataclasses that describe diseases and drugs: what may stand in a field, signs, shares."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from numbers import Integral, Real
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from metaenv.distribution import Distribution, Fixed

_NUMBERS: dict[Any, type] = {float: Real, int: Integral}
_SAID: dict[Any, str] = {float: "a number", int: "a whole number", bool: "True or False", str: "a name"}


def as_float(value: Any) -> float:
    """A number as a float; a whole number too large for one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def check_kinds(record: Any) -> None:
    """Raise where a field holds another kind of thing than is declared; a number for a distribution becomes `Fixed`.

    Args:
        record: a dataclass in its `__post_init__`; only a number where a distribution is declared is changed.

    Raises:
        ValueError: the message says which field, what it must be, what was got and in what.
    """
    for name, declared in _declared(record.__class__).items():
        value = getattr(record, name)
        if declared is Distribution and _fits(value, float):
            object.__setattr__(record, name, Fixed(float(value)))
        elif not _fits(value, declared):
            raise ValueError(f"{name} must be {_said(declared)}, got {reprlib.repr(value)} in {_where(record)}")


@cache
def _declared(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _fits(value: Any, declared: Any) -> bool:
    """Whether a value is of a declared kind; a truth value is no number, a whole number is a number."""
    outer, inner = get_origin(declared), get_args(declared)
    if outer is UnionType:
        return any(_fits(value, kind) for kind in inner)
    if outer is tuple:
        kinds = inner[:1] * len(value) if isinstance(value, tuple) and inner[-1] is Ellipsis else inner
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(_fits, value, kinds))
    if outer is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(key, inner[0]) and _fits(item, inner[1]) for key, item in value.items()
        )
    return isinstance(value, _NUMBERS.get(declared, declared)) and isinstance(value, bool) == (declared is bool)


def _said(declared: Any) -> str:
    outer, inner = get_origin(declared), get_args(declared)
    if outer is UnionType:
        return " or ".join(_said(kind) for kind in inner)
    if outer is tuple:
        return f"a tuple of {_said(inner[0]).removeprefix('a ')}s" + (
            "" if inner[-1] is Ellipsis else f", {len(inner)}"
        )
    if outer is Mapping:
        return "a mapping of names to numbers"
    if declared is Distribution:
        return "a number or a distribution of metaenv.distribution"
    return _SAID.get(declared, "None" if declared is type(None) else f"a {declared.__name__}")


def _where(record: Any) -> str:
    name = getattr(record, "name", None)
    return f"{type(record).__name__} {name!r}" if isinstance(name, str) else type(record).__name__


def check_not_negative(record: Any) -> None:
    """Raise where a number of a dataclass, or of a patient by a distribution of it, is negative or not a number."""
    for item in fields(record):
        _check_least(record, item.name, 0.0, ">= 0")


def check_positive(record: Any, *names: str) -> None:
    """Raise where one of these numbers is not above 0."""
    for name in names:
        _check_least(record, name, math.ulp(0.0), "> 0")


def _check_least(record: Any, name: str, least: float, allowed: str) -> None:
    """Raise where a number is below the least; logarithms, told by their names, may be anything."""
    value = getattr(record, name)
    if isinstance(value, Distribution):
        lowest = -math.inf if name.startswith("log_") or "_log_" in name else least
        if not value.ends[0] >= lowest:
            raise ValueError(f"{name} must be {allowed} in every patient, got {value} in {type(record).__name__}")
    elif isinstance(value, (int, float)) and not value >= least:
        raise ValueError(f"{name} must be {allowed}, got {value} in {type(record).__name__}")


def check_shares(record: Any, *names: str) -> None:
    """Raise where one of these numbers, or of a patient by one of these distributions, is not in [0, 1]."""
    for name in names:
        value = getattr(record, name)
        low, high = value.ends if isinstance(value, Distribution) else (value, value)
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"{name} must be in [0, 1], got {value} in {type(record).__name__}")
