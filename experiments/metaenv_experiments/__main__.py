"""The command line: `metaenv <command> --help`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from metaenv_experiments.running.failures import ending, interrupted_when_terminated, say, silence, unread

# One thread per linear-algebra call: the simulator's threads fill the machine, and more only get in their way.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def main(arguments: list[str] | None = None) -> int:
    """Parse, run, and return the exit code."""
    begun: list[Any] = []
    try:
        with interrupted_when_terminated():
            _run(arguments, begun)
        sys.stdout.flush()
    except BaseException as error:
        if (unread() or not begun) and isinstance(error, BrokenPipeError):  # `| head`, of a table or of the help
            silence(sys.stdout)
            return 0
        found = ending(error, resumable=any(hasattr(options, "resume") for options in begun))
        if found is None:
            raise
        say(found.line)
        if isinstance(error, ModuleNotFoundError) and _asks_for_help(arguments):
            print(import_module("metaenv.__main__").__doc__)  # what there is without the extras
            return 0
        return found.code
    return 0


def _asks_for_help(arguments: list[str] | None) -> bool:
    return (sys.argv[1:] if arguments is None else arguments) in (["--help"], ["-h"])


def _run(arguments: list[str] | None, begun: list[Any]) -> None:
    """Everything heavy is imported in here, where an interrupt or a missing package is answered in one line."""
    from metaenv_experiments.commands import parsed
    from metaenv_experiments.config import name_of

    begun.append(options := parsed(arguments))
    module = import_module(f"metaenv_experiments.{name_of(type(options)).replace('-', '_')}")
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1, user_api="blas"):  # NumPy's, which was loaded before the variables above were set
        module.run(options)


if __name__ == "__main__":
    sys.exit(main())
