"""Writes files atomically: a reader finds the whole of one, or none."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

PARTIAL = ".partial"  # end of the name of a file that is still being written; never read


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the final name, flush to disk, then rename: a reader sees the whole file or none.

    Raises:
        OSError: it cannot be written, naming it; what was written of it is removed.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        _flush(partial)
        partial.replace(path)
        _flush(path.parent)
    except OSError as error:
        with suppress(OSError):  # of a folder that cannot be written either
            partial.unlink()
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of JSON atomically; `nan` becomes null."""
    text = json.dumps(plain(content), indent=2, allow_nan=False) + "\n"
    write_atomically(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as it is, atomically."""
    write_atomically(path, lambda partial: partial.write_bytes(content))


def write_text(path: Path, text: str) -> None:
    """Write a file of text atomically."""
    write_atomically(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def plain(value: Any) -> Any:
    """Turn into what JSON can hold: a named tuple into an object, `nan` into null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
