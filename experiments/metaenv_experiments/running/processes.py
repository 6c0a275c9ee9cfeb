"""Work shared between processes, here or on a Ray cluster; what comes out does not depend on their number."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from typing import Any

from metaenv_experiments.running.options import UsageError

LOCAL = "local"
WAITING = 3  # pieces of work per process that are handed out and not yet taken back
PATIENCE = 10.0  # seconds until an address counts as not there
Function = Callable[[Any], Any]
Each = Callable[[Function, Sequence[Any]], Iterator[tuple[int, Any]]]


class Map:
    """Applies a function to every argument, somewhere; calling it gives the results in order, as the built-in does."""

    def __init__(self, each: Each) -> None:
        self.each = each  # (number among the arguments, result), in the order in which they come

    def __call__(self, function: Function, arguments: Sequence[Any]) -> list[Any]:
        """All results, in the order of the arguments."""
        found = dict(self.each(function, arguments))
        return [found[number] for number in range(len(arguments))]


@contextmanager
def workers(processes: int, ray: str | None = None, *, waiting: int = WAITING) -> Iterator[Map]:
    """A map over so many processes; over none but this one for 1. Functions and arguments must pickle.

    Args:
        processes: local processes.
        ray: address of a Ray cluster that does the work instead, "local" for one that is started here and ended with
            the work. Its machines need the same checkout and the same packages.
        waiting: pieces of work per process that are handed out at once. After an error here, those that run are waited
            for; with 1 no other begins. After an interrupt they are asked to end (SIGTERM), and waited for.

    Raises:
        UsageError: Ray is not installed, or there is no cluster at the address.
    """
    if ray is not None:
        with _cluster(ray) as each_of:
            yield each_of
        return
    if processes == 1:
        yield Map(lambda function, arguments: ((k, function(argument)) for k, argument in enumerate(arguments)))
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            yield Map(partial(_in_pool, pool, waiting * processes))
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                for child in active_children():
                    child.terminate()
            raise


def _in_pool(
    pool: ProcessPoolExecutor, at_once: int, function: Function, arguments: Sequence[Any]
) -> Iterator[tuple[int, Any]]:
    """A result is forgotten once it is handed on, and so many wait at most: memory does not grow with the arguments."""
    coming = iter(enumerate(arguments))
    running: dict[Future[Any], int] = {}
    while True:
        for number, argument in islice(coming, at_once - len(running)):
            with _interrupts_held_back():
                running[pool.submit(function, argument)] = number
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future.result()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Keep Ctrl-C from the processes that begin meanwhile, who would answer it with a traceback each; here it waits.

    A terminal sends it to all of them, but it is for this one to tell them.
    """
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _cluster(address: str) -> Iterator[Map]:
    try:
        import ray
    except ImportError as error:
        raise UsageError("--ray needs the package ray (extra 'ray'), which is not installed") from error
    try:
        if address == LOCAL:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        else:
            _knock(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"--ray must be {LOCAL!r} or the address of a running cluster, got {address!r}: {error}"
        ) from error
    try:
        yield Map(partial(_on_cluster, ray))
    finally:
        ray.shutdown()


def _on_cluster(ray: Any, function: Function, arguments: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    task = ray.remote(_on_one_thread)
    at_once = WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))
    coming = iter(enumerate(arguments))
    running: dict[Any, int] = {}
    while True:
        for number, argument in islice(coming, at_once - len(running)):
            running[task.remote(function, argument)] = number
        if not running:
            return
        (done, *_), _ = ray.wait(list(running))
        yield running.pop(done), ray.get(done)


def _knock(address: str) -> None:
    """Raise OSError unless somebody listens there, for which Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():  # "auto": Ray knows where its cluster is
        return
    socket.create_connection((host, int(port)), timeout=PATIENCE).close()


def _on_one_thread(function: Function, argument: Any) -> Any:
    import numba

    numba.set_num_threads(1)
    return function(argument)


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
