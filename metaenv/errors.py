"""The error of an unknown render mode, of the kind that Stable-Baselines3 looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class UnknownRenderMode(ValueError, TypeError):
    """A render mode that the environment does not have.

    A TypeError as well, because Stable-Baselines3 asks for "rgb_array" and goes on without it upon a TypeError alone.
    """


def check_render_mode(mode: Any, known: Sequence[str]) -> None:
    """Raise `UnknownRenderMode` unless a render mode is one of the known or None."""
    if mode is not None and (not isinstance(mode, str) or mode not in known):
        raise UnknownRenderMode(f"render_mode must be one of {list(known)} or None, got {mode!r}")
