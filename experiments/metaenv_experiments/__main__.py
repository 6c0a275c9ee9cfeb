"""The command line: `metaenv <command> --help`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated, Any

# One thread per linear-algebra call: the simulator's threads fill the machine, and more only get in their way.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import tyro  # noqa: E402

from metaenv_experiments.config import (  # noqa: E402
    Benchmark,
    Demo,
    Evaluate,
    Optimum,
    Plot,
    Population,
    Results,
    Speed,
    TuneRules,
    name_of,
)
from metaenv_experiments.config_learning import Combine, Explain, Export, Refine, Teach, Train, Tune  # noqa: E402
from metaenv_experiments.config_science import Arms, Barriers, Calibrate, Cohort, Credibility, Validate  # noqa: E402
from metaenv_experiments.running.requests import RequestError  # noqa: E402

COMMANDS = {
    name_of(command): command
    for command in (
        Demo,
        Train,
        Evaluate,
        Benchmark,
        Barriers,
        Arms,
        Calibrate,
        Cohort,
        Combine,
        Credibility,
        Explain,
        Export,
        Optimum,
        Plot,
        Population,
        Refine,
        Results,
        Speed,
        Teach,
        Tune,
        TuneRules,
        Validate,
    )
}
BAD_REQUEST = 2  # exit codes
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Parse, run, and return the exit code."""
    options: Any = tyro.cli(
        _schema(),
        prog="metaenv",
        args=arguments,
        description=__doc__,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitArgPrefixes),
    )
    module = import_module(f"metaenv_experiments.{name_of(type(options)).replace('-', '_')}")
    try:
        module.run(options)
    except RequestError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_REQUEST
    except KeyboardInterrupt:
        hint = "; what is finished is kept, --resume --out DIR continues it" if hasattr(options, "resume") else ""
        print(f"interrupted{hint}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _schema() -> Any:
    """Return the union of all commands, each under its name."""
    schema: Any = None
    for name, command in COMMANDS.items():
        sub = Annotated[command, tyro.conf.subcommand(name)]  # type: ignore[valid-type]
        schema = sub if schema is None else schema | sub
    return schema


if __name__ == "__main__":
    sys.exit(main())
