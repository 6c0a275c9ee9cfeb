"""Work shared between local processes; what comes out does not depend on their number."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

Map = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]  # like the built-in, results in order


@contextmanager
def workers(processes: int) -> Iterator[Map]:
    """A map over so many processes; over none but this one for 1. Functions and arguments must pickle."""
    if processes == 1:
        yield lambda function, arguments: [function(argument) for argument in arguments]
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin) as pool:
        yield lambda function, arguments: list(pool.map(function, arguments))


def _begin() -> None:
    """One thread, as the processes fill the machine already; and an end with the parent, however that ends."""
    import numba

    numba.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
