"""How the dynamics are compiled, and where the compiled code is kept.

A function of the kernel is translated once, see `dispatchers`; what Python calls is kept on disk, see `code_cache`.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from numba.core import config

from metaenv.dynamics.code_cache import CodeCache
from metaenv.dynamics.dispatchers import PartDispatcher, WholeDispatcher

PACKAGE = Path(__file__).resolve().parent.parent
ROOMS = ("clinic", "dynamics")  # whose every file reaches compiled code: constants that it reads, what translates it
_SETTINGS: Any = config  # its names are made at import, where type checkers do not see them
Function = TypeVar("Function", bound=Callable[..., Any])


def hashed_files() -> list[Path]:
    """Every file that reaches compiled code: all of the compiled rooms, and those with compiled functions elsewhere."""
    files = sorted(PACKAGE.rglob("*.py"))
    rooms = [PACKAGE / room for room in ROOMS]
    return [path for path in files if path.parent in rooms or b"\n@compiled" in path.read_bytes()]


def source_hash() -> str:
    """Hash of every file that reaches compiled code, and of what compiles it (hexadecimal, 16 digits)."""
    tools = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    digest = hashlib.sha256(repr((*tools, str(_SETTINGS.OPT), _SETTINGS.BOUNDSCHECK)).encode())
    for path in hashed_files():
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    name = source_hash()
    parent = os.environ.get("METAENV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(parent).expanduser() / "metaenv" / name
        if any(folder.glob("*.code")):  # an image may hold a warm cache that nobody can write
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(folder)
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        folder = Path(tempfile.gettempdir()) / f"metaenv-{os.getuid() if hasattr(os, 'getuid') else 0}" / name
    return folder


CACHE_FOLDER = _cache_folder()
_OPTIONS = {"nopython": True, "error_model": "numpy", "no_cfunc_wrapper": True}


def _part(function: Callable[..., Any]) -> PartDispatcher:
    """Without a door to Python and without reference counts, always merged into its caller."""
    inside = {"no_cpython_wrapper": True, "forceinline": True, "_nrt": False}
    return PartDispatcher(function, _OPTIONS | inside)


def compiled(function: Function, **options: Any) -> Function:
    """Compile a function of numbers and arrays; serial, bitwise reproducible (no fast-math).

    Python and compiled functions may call it.
    """
    if _SETTINGS.DISABLE_JIT:
        return function
    cache = CodeCache(function, CACHE_FOLDER, PACKAGE)
    return cast(Function, WholeDispatcher(function, _OPTIONS | options, _part(function), cache))


def compiled_inside(function: Function) -> Function:
    """Compile a function that only other compiled ones call."""
    return function if _SETTINGS.DISABLE_JIT else cast(Function, _part(function))


def compiled_alone(function: Function) -> Function:
    """Compile a function during which other threads of Python may run."""
    return compiled(function, nogil=True)
