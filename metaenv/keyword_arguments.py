"""Keyword arguments that several functions take alike: written once, as a `TypedDict`, and shown by each of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Arguments = TypeVar("Arguments", bound=Mapping[str, Any])


def shows_arguments(kinds: type, defaults: Mapping[str, Any]) -> Callable[[Function], Function]:
    """Decorator: `help`, and whoever else asks for the signature, sees each argument instead of `**arguments`.

    Args:
        kinds: the `TypedDict` of the function's `**arguments`.
        defaults: the value that stands for each argument that is not given.
    """
    named = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults[name],
            annotation=getattr(kind, "__forward_arg__", kind),
        )
        for name, kind in kinds.__annotations__.items()
    ]

    def shown(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        function.__signature__ = signature.replace(parameters=[*own, *named])  # type: ignore[attr-defined]
        return function

    return shown


def checked(function: str, known: Mapping[str, Any], given: Arguments) -> Arguments:
    """The arguments that were given to a function, as they are.

    Raises:
        TypeError: one of them is unknown, as from Python itself; the message lists the known ones.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        raise TypeError(f"{function}() got an unexpected keyword argument {unknown[0]!r}; known: {list(known)}")
    return given
