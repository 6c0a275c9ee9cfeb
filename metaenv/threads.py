"""The patients of a cohort divided between threads of Python, which run compiled code at the same time.

They take pieces of the cohort one after another, so that a thread whose patients are dead helps the others; patients
never share what they write, so no bit depends on who treats whom. As many threads work as `numba.set_num_threads` or
NUMBA_NUM_THREADS allow. A forked child treats its patients one after another: it is one of several workers as a rule,
and its parent's threads do not live in it.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numba
from numba.core import config
from numba.np.ufunc import parallel

PATIENTS_PER_THREAD = 64  # below this sharing costs more than it saves, above all on a busy machine
PIECE = 32  # patients that a thread takes at once
_SETTINGS: Any = config  # its names are made at import, where type checkers do not see them
_helpers: ThreadPoolExecutor | None = None
_forked = False


def threads_for(size: int) -> int:
    """How many threads treat so many patients."""
    if _forked or size < 2 * PATIENTS_PER_THREAD:
        return 1
    return min(_allowed(), size // PATIENTS_PER_THREAD)


def _allowed() -> int:
    """What numba allows; asked only where numba has launched threads, which asking would do."""
    launched = getattr(parallel, "_is_initialized", True)
    return int(numba.get_num_threads() if launched else _SETTINGS.NUMBA_NUM_THREADS)


def share(treat: Callable[[int, int], None], size: int) -> None:
    """Call `treat(first, last)` until every row of 0 .. size - 1 has been in one call, on several threads if many."""
    threads = threads_for(size)
    if threads <= 1:
        treat(0, size)
        return
    starts = itertools.count(0, PIECE)

    def work() -> None:
        while (first := next(starts)) < size:
            treat(first, min(first + PIECE, size))

    treat(0, 0)  # one thread compiles or loads, the others need not wait for it
    others = _called(work, threads - 1)
    try:
        work()
    finally:
        for other in others:
            if not other.cancel():
                other.result()


def _called(work: Callable[[], None], count: int) -> list[Future[None]]:
    global _helpers
    if _helpers is None:
        _helpers = ThreadPoolExecutor(max(1, int(_SETTINGS.NUMBA_NUM_THREADS) - 1), thread_name_prefix="metaenv")
    try:
        return [_helpers.submit(work) for _ in range(count)]
    except RuntimeError:  # the interpreter shuts down and starts no thread
        return []


def _after_fork() -> None:
    global _helpers, _forked
    _helpers, _forked = None, True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
