"""The console command `metaenv`: nothing heavy is imported before an interrupt can be answered in one line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run `metaenv.__main__`, whose import alone takes a moment, and return its exit code."""
    try:
        from metaenv.__main__ import main as run

        return run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130  # as metaenv_experiments.running.failures has it


if __name__ == "__main__":
    sys.exit(main())
