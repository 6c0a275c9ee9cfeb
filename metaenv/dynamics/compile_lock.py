"""One process compiles at a time, the others wait and load what it has kept."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 600.0  # s; who has waited so long compiles for itself, for the other may hang
_PAUSE = 0.1  # s between two looks
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
log = logging.getLogger("metaenv")


@contextlib.contextmanager
def compile_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, or go without where files cannot be locked or its holder does not come back.

    The system frees the lock of a process that ends, however it ends.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        _wait(file, folder)
        yield
    finally:
        os.close(file)


def _wait(file: int, folder: Path) -> None:
    start, said = time.monotonic(), False
    try:
        while not _locked(file):
            if not said:
                log.warning("metaenv: another process compiles the simulator, waiting for it (%s)", folder)
                said = True
            if time.monotonic() - start > PATIENCE:
                return
            time.sleep(_PAUSE)
    except OSError:  # this file system locks no files
        return


def _locked(file: int) -> bool:
    """Whether the lock could be had. Raises OSError where there are no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _BUSY:
            return False
        raise
    return True
