"""How a command ends early: in one line with the remedy, and an exit code; only defects of ours keep a traceback."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, NamedTuple

from metaenv_experiments.running.installation import DISTRIBUTION, installing
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.stored_records import RecordError

FAILED, BAD_REQUEST, INTERRUPTED = 1, 2, 130  # exit codes
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)  # say that it was a write that failed
NO_RIGHT = (errno.EACCES, errno.EPERM)
# modules that are not named as the distribution that brings them
ALIASES = {"sklearn": "scikit-learn", "threadpoolctl": "scikit-learn"}
TOGETHER = ("agents", "experiments")  # extras that the commands need


class Ending(NamedTuple):
    """What is said last, and the exit code."""

    line: str
    code: int


def ending(error: BaseException, *, resumable: bool) -> Ending | None:
    """Return how a command ends with an error; None where that is a defect, or an exit that was meant.

    Args:
        error: what ended it.
        resumable: whether what it began can be continued.
    """
    hint = "; what is finished is kept, --resume --out DIR continues it" if resumable else ""
    if isinstance(error, UsageError | RecordError):
        return Ending(f"error: {error}", BAD_REQUEST)
    if isinstance(error, KeyboardInterrupt):
        return Ending(f"interrupted{hint}", INTERRUPTED)
    if isinstance(error, ModuleNotFoundError) and (extra := extra_of(error.name or "")):
        extras = TOGETHER if extra in TOGETHER else (extra,)
        line = f"error: the package {error.name} is not installed (extra {extra!r}): {installing(*extras)}"
        return Ending(line, BAD_REQUEST)
    if isinstance(error, OSError) and error.errno in (*NO_ROOM, *NO_RIGHT):
        what, more = ("write", hint) if error.errno in NO_ROOM else ("open or write", "")
        file = "a file" if error.filename is None else error.filename
        return Ending(f"error: cannot {what} {file}: {os.strerror(error.errno)}{more}", FAILED)
    return None


def extra_of(module: str) -> str | None:
    """The extra of this distribution that installs a module; None where there is none, or nothing is installed."""
    from importlib import metadata

    try:
        needed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return None
    name = _plain(ALIASES.get(module, module))
    for line in needed:
        found = re.match(r"([\w.-]+).*;.*extra == ['\"]([\w-]+)['\"]", line)
        if found and _plain(found[1]) == name:
            return found[2]
    return None


def _plain(name: str) -> str:
    """A distribution's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def say(line: str) -> None:
    """Print on the error stream, if anybody still listens."""
    with suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)


def unread() -> bool:
    """Whether nobody takes what is printed, such as a reader that left early (`| head`); it goes nowhere from then."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        silence(sys.stdout)
        return True
    return False


def silence(stream: IO[str]) -> None:
    """Lead a stream that nobody reads to nowhere, so that the work goes on, and its end says nothing of it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def interrupted_when_terminated() -> Iterator[None]:
    """Take a polite kill (SIGTERM) as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
