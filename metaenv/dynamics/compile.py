"""How the dynamics are compiled, and where the compiled code is kept.

Numba's own cache does not notice an edited function in another file, so the cache folder is named by a hash of every
source file that reaches compiled code: it is always on and cannot be stale.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import config

PACKAGE = Path(__file__).resolve().parent.parent
CONSTANTS = ("chart.py", "state.py")  # files without compiled functions whose constants compiled functions read
_SETTINGS: Any = config  # its names are made at import, where type checkers do not see them
Function = TypeVar("Function", bound=Callable[..., Any])


def source_hash() -> str:
    """Hash of every file that reaches compiled code, and of what compiles it (hexadecimal, 16 digits)."""
    digest = hashlib.sha256(f"{sys.version}{numba.__version__}{np.__version__}".encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_bytes()
        if b"\n@compiled" in source or path.name in CONSTANTS:
            digest.update(str(path.relative_to(PACKAGE)).encode())
            digest.update(source)
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    parent = os.environ.get("METAENV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(parent).expanduser() / "metaenv" / source_hash()
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(folder)
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        folder = Path(tempfile.gettempdir()) / f"metaenv-{os.getuid() if hasattr(os, 'getuid') else 0}" / source_hash()
        folder.mkdir(parents=True, exist_ok=True)
    return folder


CACHE_FOLDER = _cache_folder()


def announce_compilation() -> None:
    """Say once that the first step will wait for the compiler, where no compiled code is kept yet."""
    if not _SETTINGS.DISABLE_JIT and not any(CACHE_FOLDER.rglob("*.nbi")):
        logging.getLogger("metaenv").warning("metaenv: compiling the simulator, once for this version (under a minute)")


def _compile(function: Function, **options: Any) -> Function:
    """Compile with the package's own cache folder, and leave other users of numba theirs."""
    kept = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(CACHE_FOLDER)
    try:
        return cast(Function, numba.njit(cache=True, error_model="numpy", **options)(function))
    finally:
        _SETTINGS.CACHE_DIR = kept


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays; serial, bitwise reproducible (no fast-math)."""
    return _compile(function)


def compiled_inside(function: Function) -> Function:
    """Compile a function that only other compiled ones call: no door to Python, no reference counts, always inlined.

    Against `compiled` the whole kernel compiles in two thirds of the time and runs twice as fast.
    """
    return _compile(function, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True, _nrt=False)


def compiled_parallel(function: Function) -> Function:
    """Compile a loop over patients (`numba.prange`); patients never share what they write."""
    return _compile(function, parallel=True)
