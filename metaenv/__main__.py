"""The command line: `metaenv <command>`, also `python -m metaenv <command>`.

metaenv --version        the version
metaenv compile          compile the simulator now, for images and clusters
metaenv benchmark …      and every other command of metaenv_experiments; its own --help lists them
"""

from __future__ import annotations

import sys
import time
from importlib import import_module

COMMANDS = "metaenv_experiments.__main__"  # a name, not an import: this package knows nothing of those above it
REMEDY = "pip install 'metastasis-env[experiments]' (in a checkout: pip install -e '.[agents,experiments]')"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 a wrong request or a missing extra."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["compile"]:
        return _compile(words[1:])
    if words == ["--version"]:
        print(f"metaenv {import_module('metaenv').__version__}")
        return 0
    try:
        commands = import_module(COMMANDS)
    except ModuleNotFoundError as error:
        if words in ([], ["--help"], ["-h"]):
            print(__doc__)
            return 0
        command = f" {words[0]}" if words else ""
        print(f"error: metaenv{command} needs {error.name}: {REMEDY}", file=sys.stderr)
        return 2
    return int(commands.main(words))


def _compile(options: list[str]) -> int:
    """Fill the compile cache; what is there already is loaded, and says so."""
    if options:
        print("usage: metaenv compile\n\nCompile the simulator now; METAENV_CACHE_DIR says where it is kept.")
        return 0 if options in (["--help"], ["-h"]) else 2
    from metaenv.dynamics.compile import CACHE_FOLDER  # loads the compiler
    from metaenv.precompile import precompile

    start = time.monotonic()
    fresh, loaded = precompile()
    took = f"{time.monotonic() - start:.0f} s"
    kept = len(list(CACHE_FOLDER.glob("*.code")))
    if kept < fresh + loaded:
        print(
            f"error: {CACHE_FOLDER} keeps {kept} of {fresh + loaded} compiled functions: is it full or read-only?",
            file=sys.stderr,
        )
        return 1
    print(f"metaenv: {fresh} functions compiled, {loaded} loaded, in {took}; kept in {CACHE_FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
