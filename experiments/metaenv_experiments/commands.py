"""The commands, and the command line that is made from their options."""

from __future__ import annotations

from typing import Annotated, Any

import tyro

from metaenv_experiments.config import (
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
from metaenv_experiments.config_learning import Combine, Explain, Export, Refine, Teach, Train, Tune
from metaenv_experiments.config_science import Arms, Barriers, Calibrate, Cohort, Credibility, Validate

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


def parsed(arguments: list[str] | None) -> Any:
    """Return the options of the command that was asked for; leaves with code 0 after help, 2 after a bad request."""
    return tyro.cli(
        _schema(),
        prog="metaenv",
        args=arguments,
        description="The command line: `metaenv <command> --help`.",
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitArgPrefixes),
    )


def _schema() -> Any:
    """Return the union of all commands, each under its name."""
    schema: Any = None
    for name, command in COMMANDS.items():
        sub = Annotated[command, tyro.conf.subcommand(name)]  # type: ignore[valid-type]
        schema = sub if schema is None else schema | sub
    return schema
