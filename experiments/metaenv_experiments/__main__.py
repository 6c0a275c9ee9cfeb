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
            _run(sys.argv[1:] if arguments is None else arguments, begun)
        sys.stdout.flush()
    except BaseException as error:
        if (unread() or not begun) and isinstance(error, BrokenPipeError):  # `| head`, of a table or of the help
            silence(sys.stdout)
            return 0
        found = ending(error, resumable=any(hasattr(options, "resume") for options in begun))
        if found is None:
            raise
        say(found.line)
        return found.code
    return 0


def _run(arguments: list[str], begun: list[Any]) -> None:
    """Everything heavy is imported in here, where an interrupt or a missing package is answered in one line."""
    from metaenv_experiments.commands import choose, overview

    chosen = choose(arguments)
    if chosen.is_group:
        print(overview(chosen))
        if not chosen.rest:  # nothing was asked for
            raise SystemExit(2)
        return
    import tyro

    module = import_module(chosen.module)
    options = tyro.cli(
        module.Options,
        prog=" ".join(["metaenv", *chosen.words]),
        args=chosen.rest,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitArgPrefixes),
    )
    begun.append(options)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1, user_api="blas"):  # NumPy's, which was loaded before the variables above were set
        module.run(options)


if __name__ == "__main__":
    sys.exit(main())
