"""Checks of options before anything is run, and the files that options name."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

CohortName = Literal["train", "validation", "test"]
PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = {
    "tuned": ("tuned_rules", ".json"),
    "simple": ("simple_policies", ".json"),
    "config": ("configs", ".toml"),
    "start": ("fitted_diseases", ".json"),
}  # folder, end


class UsageError(ValueError):
    """What was asked for cannot be done; said in one line at the door, exit code 2."""


def require(holds: bool, what: str, got: object, allowed: str) -> None:
    """Raise UsageError, naming what, got and allowed, unless it holds."""
    if not holds:
        raise UsageError(f"{what} must be {allowed}, got {got!r}")


def check_heeded(command: Any, holds: bool, allowed: str, *options: str) -> None:
    """Refuse options that would be left out in silence: those of these that were given, unless it holds."""
    defaults = {field.name: field.default for field in fields(command)}
    for name in options:
        value = getattr(command, name)
        require(holds or value == defaults[name], f"--{name.replace('_', '-')}", value, allowed)


def check_patients(patients: int, chunk: int, seed: int, watch: int) -> None:
    """Refuse counts and seeds that no benchmark can have."""
    require(patients >= 1, "--patients", patients, ">= 1")
    require(chunk >= 1, "--chunk", chunk, ">= 1")
    require(seed >= 0, "--seed", seed, ">= 0")
    require(watch >= 0, "--watch", watch, ">= 0")


def check_tuning(tune_patients: int, containment_threshold: float | None) -> None:
    """Refuse counts and thresholds that no tuning can have."""
    require(tune_patients >= 1, "--tune-patients", tune_patients, ">= 1")
    require(
        containment_threshold is None or (math.isfinite(containment_threshold) and containment_threshold > 0),
        "--containment-threshold",
        containment_threshold,
        "> 0 (multiple of the baseline marker)",
    )


def check_places(*, folder: tuple[str, Path | None] = ("", None), file: tuple[str, Path | None] = ("", None)) -> None:
    """Refuse, before anything is simulated, a folder that is a file and a file that is a folder; (option, path)."""
    require(folder[1] is None or folder[1].is_dir() or not folder[1].exists(), folder[0], str(folder[1]), "a folder")
    require(file[1] is None or not file[1].is_dir(), file[0], str(file[1]), "a file, not a folder")


def shipped(option: str) -> dict[str, Path]:
    """Return the files that ship for an option, `tuned`, `simple`, `config` or `start`, by name."""
    folder, end = SHIPPED[option]
    return dict(sorted((path.name.removesuffix(end), path) for path in (PACKAGE / folder).glob(f"*{end}")))


def file_of(option: str, given: Path) -> Path:
    """Return the file that an option names: one that is there, else the one that ships under this name.

    Raises:
        UsageError: there is neither; it lists what ships.
    """
    if given.is_file():
        return given
    known = shipped(option)
    allowed = f"a file that exists, or one of those that ship: {', '.join(known)}"
    require(str(given) in known, f"--{option}", str(given), allowed)
    return known[str(given)]


def check_resume(resume: bool, out: Path | None) -> None:
    """Refuse to resume a run whose folder is not named."""
    require(not resume or out is not None, "--resume", resume, "given together with --out DIR")


def check_own(texts: tuple[str, ...]) -> None:
    """Refuse own policies that are not written as such, are not there, or are given twice."""
    require(len(set(texts)) == len(texts), "--own", texts, "each name once")
    for text in texts:
        own_parts(text)


def own_parts(text: str) -> tuple[str, str]:
    """Where an own policy is written and its name there: FILE.py and NAME, or module and NAME.

    Raises:
        UsageError: it is not written so, or there is no such file.
    """
    location, _, name = text.rpartition(":")
    written = bool(location) and all(part.isidentifier() for part in name.split("."))
    require(written, "own policy", text, "FILE.py:NAME or module:NAME")
    file = own_file(text)
    require(file is None or file.is_file(), "own policy", text, "FILE.py:NAME of a file that exists")
    return location, name


def own_file(text: str) -> Path | None:
    """The file of an own policy; None where it is named by its module, or is none."""
    location = text.rpartition(":")[0]
    return Path(location) if location.endswith(".py") else None


def command_of(options: Any) -> str:
    """The command that options belong to, as it is typed: `tune rules` for those of commands/tune/rules.py."""
    words = type(options).__module__.partition(".commands.")[2].split(".")
    return " ".join(word.replace("_", "-") for word in words)
