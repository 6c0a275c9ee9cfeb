"""Where an own policy is written: a file or a module, which every process can load anew."""

from __future__ import annotations

import hashlib
import sys
import traceback
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from metaenv_experiments.running.options import UsageError, own_parts


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where an own policy is written; every process can load it anew."""

    location: str  # absolute path of a file, or name of a module
    name: str

    @classmethod
    def of(cls, text: str) -> Source:
        """Read FILE.py:NAME or module:NAME.

        Raises:
            UsageError: it is written otherwise, or there is no such file.
        """
        location, name = own_parts(text)
        return cls(location=str(Path(location).resolve()) if location.endswith(".py") else location, name=name)

    def load(self) -> Any:
        """Import the file or module and return what has the name.

        Raises:
            UsageError: it cannot be imported, or has no such name.
        """
        try:
            module = _module_of(Path(self.location)) if self.location.endswith(".py") else _named_module(self.location)
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"own policy {self.location} cannot be imported: {in_one_line(error, self.location)}"
            ) from error
        try:
            return reduce(getattr, self.name.split("."), module)
        except AttributeError as error:
            public = ", ".join(name for name in vars(module) if not name.startswith("_")) or "none"
            raise UsageError(f"own policy must be a name in {self.location}, {public}, got {self.name!r}") from error

    @property
    def stem(self) -> str:
        """The last part of the location: `my_policy` of my_policy.py."""
        return Path(self.location).stem if self.location.endswith(".py") else self.location.rpartition(".")[2]


def in_one_line(error: BaseException, file: str | None) -> str:
    """An error in one line: its kind, its words, and the last line of the own file that led to it."""
    words = " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    last = [each for each in frames if each.filename == file] or frames
    where = f" ({Path(last[-1].filename).name}, line {last[-1].lineno})"
    return f"{type(error).__name__}: {words}" + ("" if isinstance(error, SyntaxError) else where)


def _module_of(file: Path) -> ModuleType:
    """Import a file under a name of its own; an edited file is another module, and nothing is left beside it."""
    content = file.read_bytes()
    name = f"metaenv_own_{hashlib.sha256(str(file).encode() + content).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    module = module_from_spec(ModuleSpec(name, None, origin=str(file)))
    module.__file__ = str(file)
    _let_import(file.parent)
    sys.modules[name] = module
    try:
        exec(compile(content, str(file), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _named_module(name: str) -> ModuleType:
    _let_import(Path.cwd())
    return import_module(name)


def _let_import(folder: Path) -> None:
    """Let a folder's modules be imported; at the end of the path, where they hide no other."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
