"""Reads hyperparameters from TOML, and says what is wrong with them."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rl.learners.settings import Settings
from metaenv_experiments.running.options import UsageError, file_of


def as_toml(chosen: Settings, score: float, patients: int) -> str:
    """Settings as `--config` takes them; `total_timesteps` is an option of its own."""
    visits = f"{chosen.total_timesteps:,} visits"
    lines = [f"# {chosen.algo}; mean return {score:.3f} of {patients} validation patients after {visits}"]
    for field in fields(chosen):
        value = getattr(chosen, field.name)
        if field.name != "total_timesteps" and value is not None:
            lines.append(f"{field.name} = {list(value) if isinstance(value, tuple) else value}")
    return "\n".join(lines) + "\n"


def settings(path: Path | None, *, total_timesteps: int, algo: str = "ppo") -> Settings:
    """The algorithm's defaults, changed as the file says, for so many visits.

    Raises:
        UsageError: the file is no TOML, or names or values in it are not allowed.
    """
    kind = LEARNERS[algo].settings
    if path is None:
        return _made(kind, "--total-timesteps", total_timesteps=total_timesteps)
    try:
        given = tomllib.loads(file_of("config", path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"--config {path} cannot be read: {error}") from error
    allowed = {field.name: field for field in fields(kind) if field.name != "total_timesteps"}
    if unknown := sorted(set(given) - set(allowed)):
        raise UsageError(f"--config may set {', '.join(sorted(allowed))}, got {', '.join(unknown)} in {path}")
    for name, value in given.items():
        default = getattr(kind(), name)
        kinds = (int, float) if isinstance(default, float) or default is None else (type(default), list)
        if (
            isinstance(value, bool)
            or not isinstance(value, kinds)
            or isinstance(value, list) is not isinstance(default, tuple)
        ):
            raise UsageError(f"--config {path}: {name} must be like {default!r}, got {value!r}")
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return _made(kind, f"--config {path}", total_timesteps=total_timesteps, **plain)


def _made(kind: type[Settings], option: str, **given: Any) -> Settings:
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{option}: {error}") from error
