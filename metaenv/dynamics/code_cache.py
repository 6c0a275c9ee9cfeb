"""Compiled code on disk: one file for each function and its types, in a folder named by what was compiled.

The folder's name is a hash of the sources and of the compiler, and a file's name holds no path and no time, so that all
environments and checkouts with the same sources share what any of them has compiled. A file that is damaged is dropped
and made anew; where nothing can be written the code lives in memory; processes that start at once wait for the one that
compiles.
"""

# mypy: disable-error-code="no-untyped-call, override, attr-defined, assignment"
# (what numba is made of has few types)

from __future__ import annotations

import hashlib
import inspect
import logging
import pickle
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature

log = logging.getLogger("metaenv")
_SUM = hashlib.sha256().digest_size


class CodeCache(NullCache):
    """The compiled code of one function on disk, as numba asks for it.

    Args:
        function: the function, as plain Python.
        folder: where its code is kept.
        package: folder whose sources name `folder`; a function from elsewhere is kept by its own source as well.
    """

    def __init__(self, function: Any, folder: Path, package: Path) -> None:
        self.folder = folder
        self._name = f"{function.__module__}.{function.__qualname__}".replace("<", "").replace(">", "")
        source = Path(inspect.getfile(function))
        self._source = b""
        self._enabled = True
        if package not in source.resolve().parents:
            try:
                self._source = source.read_bytes()
            except OSError:  # typed at a prompt
                self._enabled = False

    @property
    def cache_path(self) -> str:
        """The folder."""
        return str(self.folder)

    def enable(self) -> None:
        """Keep code on disk."""
        self._enabled = True

    def disable(self) -> None:
        """Keep it in memory alone."""
        self._enabled = False

    def path(self, signature: Any, codegen: Any) -> Path:
        """The file of one signature on this kind of processor."""
        arguments, _ = normalize_signature(signature)
        what = f"{arguments!r}{codegen.magic_tuple()!r}".encode()
        return self.folder / f"{self._name}-{hashlib.sha256(what + self._source).hexdigest()[:16]}.code"

    def ready(self, signature: Any, target_context: Any) -> bool:
        """Whether the function lies there whole."""
        return self._read(signature, target_context) is not None

    def _read(self, signature: Any, target_context: Any) -> bytes | None:
        """The kept code, None where there is none; what is damaged is dropped."""
        if not self._enabled:
            return None
        path = self.path(signature, target_context.codegen())
        try:
            content = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content[_SUM:]).digest() == content[:_SUM]:
            return content[_SUM:]
        log.warning("metaenv: damaged compiled code in %s is dropped and compiled anew", self.folder)
        with suppress(OSError):
            path.unlink()
        return None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function, or None where it must be compiled."""
        target_context.refresh()
        body = self._read(sig, target_context)
        return None if body is None else CompileResult._rebuild(target_context, *pickle.loads(body))

    def save_overload(self, sig: Any, data: Any) -> None:
        """Write the compiled function; in one move, so that nobody reads half of it."""
        if not self._enabled or data.library.has_dynamic_globals:
            return
        body = dumps(data._reduce())
        path = self.path(sig, data.codegen)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                try:
                    file.write(hashlib.sha256(body).digest() + body)
                    file.close()
                    Path(file.name).replace(path)
                except OSError:
                    with suppress(OSError):
                        Path(file.name).unlink()
                    raise
        except OSError as error:
            _say_once(
                "metaenv: compiled code cannot be kept in %s (%s); it is compiled in memory",
                self.folder,
                error.strerror,
            )

    def announce(self) -> None:
        """Say once that somebody waits for the compiler."""
        if not self._source:
            _say_once("metaenv: compiling the simulator, once for this version (under a minute)")


_said: set[str] = set()


def _say_once(message: str, *values: Any) -> None:
    if message not in _said:
        _said.add(message)
        log.warning(message, *values)
