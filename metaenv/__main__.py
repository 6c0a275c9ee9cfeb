"""`metaenv <command>`, also `python -m metaenv <command>`: the commands of `metaenv_experiments`."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = "metaenv_experiments.__main__"  # a name, not an import: this package knows nothing of those above it


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    return int(import_module(COMMANDS).main(arguments))


if __name__ == "__main__":
    sys.exit(main())
