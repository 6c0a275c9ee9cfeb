"""One module per command, found by its file: its `Options`, and what `run` does with them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from metaenv_experiments.running.options import UsageError

ROOM = Path(__file__).parent
HELP = ("-h", "--help")


class Chosen(NamedTuple):
    """What the first words of a command line name, and the words that are left for its options."""

    words: tuple[str, ...]  # such as ("tune", "rules")
    rest: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The file of the command, or the folder of a group of commands."""
        return ROOM.joinpath(*(word.replace("-", "_") for word in self.words))

    @property
    def is_group(self) -> bool:
        """Whether another word must follow."""
        return self.path.is_dir()

    @property
    def module(self) -> str:
        """The module of the command."""
        return ".".join([__name__, *(word.replace("-", "_") for word in self.words)])


def commands(group: Path = ROOM) -> dict[str, str]:
    """Name the commands of a group, each with the first line of its module; nothing is imported."""
    files = [path for path in group.glob("*.py") if path.name != "__init__.py"]
    groups = [path.parent for path in group.glob("*/__init__.py")]
    return {path.stem.replace("_", "-"): _first_line(path) for path in sorted([*files, *groups])}


def choose(arguments: Sequence[str]) -> Chosen:
    """Read as many words as name a command; those of a group alone, or with a request for help, name the group.

    Raises:
        UsageError: there is no such command.
    """
    chosen = Chosen((), tuple(arguments))
    while chosen.is_group and chosen.rest and chosen.rest[0] not in HELP:
        word, known = chosen.rest[0], commands(chosen.path)
        if word not in known:
            what = " ".join(["metaenv", *chosen.words])
            raise UsageError(f"the command of `{what}` must be one of {', '.join(known)}, got {word!r}")
        chosen = Chosen((*chosen.words, word), chosen.rest[1:])
    return chosen


def overview(chosen: Chosen) -> str:
    """Say which commands a group has."""
    listed = commands(chosen.path)
    width = max(map(len, listed))
    lines = [f"  {name.ljust(width)}  {sentence}" for name, sentence in listed.items()]
    head = " ".join(["metaenv", *chosen.words])
    return "\n".join([f"usage: {head} COMMAND [OPTIONS], `{head} COMMAND --help` tells more", "", *lines])


def _first_line(path: Path) -> str:
    file = path / "__init__.py" if path.is_dir() else path
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]
