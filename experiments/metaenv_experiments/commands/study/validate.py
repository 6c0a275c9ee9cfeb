"""Run the published cases, print what they compared, and write docs/validation.md."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.installation import CHECKOUT, ROOM
from metaenv_experiments.running.options import PACKAGE, UsageError, check_places, require
from metaenv_experiments.studies.validation.page import Outcome, Row, chapters, order, page, verdict

NOTES = PACKAGE / "studies" / "validation" / "notes.md"
ROOT = ROOM.parent  # of the checkout
TESTS = ROOT / "tests" / "published"
PAGE = ROOT / "docs" / "validation.md"
TARGETS = ROOT / "docs" / "targets.md"  # of `study targets`, a chapter of the page
FAILED = 1  # exit code
RAN = (0, 1)  # exit codes of pytest after which its outcomes count: all passed, some failed


@dataclass(frozen=True, kw_only=True)
class Options:
    """Run the published cases in a checkout's tests/published, print what they compared, write docs/validation.md."""

    quick: bool = False
    """Leave out the slow ones, and write no page unless --out asks for one."""
    workers: int = 1
    """Processes that share the tests (count)."""
    out: Path | None = None
    """File to write the page to. None: docs/validation.md."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        check_places(file=("--out", self.out))
        require(self.workers >= 1, "--workers", self.workers, ">= 1")


def run(options: Options) -> None:
    """Run, print, write the page unless only the quick ones ran, and leave with code 1 where a case failed."""
    if CHECKOUT is None:
        raise UsageError("validate needs a checkout of the project, whose tests/published it runs")
    outcomes = run_tests(TESTS, quick=options.quick, workers=options.workers)
    console().print(on_screen(table(outcomes)))
    failed = [outcome for outcome in outcomes if outcome.failed]
    rows = sum(len(outcome.rows) for outcome in outcomes)
    console().print(f"{len(outcomes)} tests, {rows} comparisons, {len(failed)} tests FAILED")
    target = options.out or (None if options.quick else PAGE)
    if target is not None:
        targets = TARGETS.read_text(encoding="utf-8") if TARGETS.is_file() else ""
        text = page(chapters(TESTS, outcomes), NOTES.read_text(encoding="utf-8"), targets)
        write_atomically(target, partial(Path.write_text, data=text, encoding="utf-8"))
        console().print(f"written: {target}")
    if failed:
        raise SystemExit(FAILED)


def run_tests(folder: Path, *, quick: bool, workers: int) -> list[Outcome]:
    """Run the tests of a folder in another process; pytest's progress goes to the error stream.

    Raises:
        UsageError: pytest is missing, or found something that is no test.
    """
    with tempfile.TemporaryDirectory() as scratch:
        cases = Path(scratch) / "cases.json"
        marks = "not benchmark and not slow" if quick else "not benchmark"
        command = [sys.executable, "-m", "pytest", str(folder), "-q", "-m", marks, "--cases", str(cases)]
        command += ["-n", str(workers)] if workers > 1 else []
        code = subprocess.run(command, cwd=ROOT, stdout=2, check=False).returncode
        if code not in RAN or not cases.exists():
            raise UsageError(f"pytest (extra 'dev') could not run {folder}: exit code {code}, see above")
        return [_outcome(record) for record in json.loads(cases.read_text(encoding="utf-8"))]


def _outcome(record: dict[str, Any]) -> Outcome:
    path, name = record["test"].split("::", 1)
    return Outcome(
        file=Path(path).name,
        function=name.split("[")[0],
        slow=record["slow"],
        passed=record["outcome"] == "passed",
        message=record["message"],
        rows=tuple(Row(**row) for row in record["comparisons"]),
    )


def table(outcomes: Sequence[Outcome]) -> Table:
    """Every comparison; of a test that ended otherwise what it said."""
    rows = [
        (row.case, row.value, row.found, row.tolerance, verdict(row.met))
        for outcome in sorted(outcomes, key=order)
        for row in outcome.shown
    ]
    return Table("Published results", ("case", "published", "ours", "tolerance", "verdict"), rows)
