"""Objects by import path, "module:NAME": JSON can say it, and any process can import it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")


def is_import_path(name: Any) -> bool:
    """Whether something has the form of an import path."""
    module, _, label = name.partition(":") if isinstance(name, str) else ("", "", "")
    return label.isidentifier() and all(part.isidentifier() for part in module.split("."))


def object_at(path: str, kind: type[T], what: str) -> T:
    """The object at an import path, whose module is imported now.

    Args:
        path: "module:NAME", see `is_import_path`.
        kind: what it must be.
        what: word for it in the messages.

    Raises:
        ValueError: there is no such module, or nothing of that kind and name in it; the message lists what there is.
    """
    name, _, label = path.partition(":")
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise  # the module is there: something that it imports is not
        raise ValueError(f"{what} {path!r} must stand in a module that Python finds, got: {error}") from error
    found = getattr(module, label, None)
    if not isinstance(found, kind):
        there = sorted(key for key, value in vars(module).items() if isinstance(value, kind))
        got = f"a {type(found).__name__}" if hasattr(module, label) else "nothing"
        raise ValueError(f"{what} {path!r} must be a {kind.__name__} of module {name!r}, which has {there}, got {got}")
    return found
