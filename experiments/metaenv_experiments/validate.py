"""`validate`: runs the published cases, prints what they compared, and writes docs/validation.md."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.table import Table

from metaenv_experiments.config_science import Validate
from metaenv_experiments.running.checkout import CHECKOUT, ROOM
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import write_atomically
from metaenv_experiments.trust.validation import Outcome, Row, chapters, order, page, verdict

NOTES = Path(__file__).with_name("validation_notes.md")
ROOT = ROOM.parent  # of the checkout
TESTS = ROOT / "tests" / "published"
PAGE = ROOT / "docs" / "validation.md"
FAILED = 1  # exit code
RAN = (0, 1)  # exit codes of pytest after which its outcomes count: all passed, some failed


def run(options: Validate) -> None:
    """Run, print, write the page unless only the quick ones ran, and leave with code 1 where a case failed."""
    if CHECKOUT is None:
        raise RequestError("validate needs a checkout of the project, whose tests/published it runs")
    outcomes = run_tests(TESTS, quick=options.quick, workers=options.workers)
    console().print(table(outcomes))
    failed = [outcome for outcome in outcomes if outcome.failed]
    rows = sum(len(outcome.rows) for outcome in outcomes)
    console().print(f"{len(outcomes)} tests, {rows} comparisons, {len(failed)} tests FAILED")
    target = options.out or (None if options.quick else PAGE)
    if target is not None:
        text = page(chapters(TESTS, outcomes), NOTES.read_text(encoding="utf-8"))
        write_atomically(target, partial(Path.write_text, data=text, encoding="utf-8"))
        console().print(f"written: {target}")
    if failed:
        raise SystemExit(FAILED)


def run_tests(folder: Path, *, quick: bool, workers: int) -> list[Outcome]:
    """Run the tests of a folder in another process; pytest's progress goes to the error stream.

    Raises:
        RequestError: pytest is missing, or found something that is no test.
    """
    with tempfile.TemporaryDirectory() as scratch:
        cases = Path(scratch) / "cases.json"
        marks = "not benchmark and not slow" if quick else "not benchmark"
        command = [sys.executable, "-m", "pytest", str(folder), "-q", "-m", marks, "--cases", str(cases)]
        command += ["-n", str(workers)] if workers > 1 else []
        code = subprocess.run(command, cwd=ROOT, stdout=2, check=False).returncode
        if code not in RAN or not cases.exists():
            raise RequestError(f"pytest (extra 'dev') could not run {folder}: exit code {code}, see above")
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


class _Line(NamedTuple):
    case: str
    published: str
    ours: str
    tolerance: str
    verdict: str


def table(outcomes: Sequence[Outcome]) -> Table:
    """Every comparison; of a test that ended otherwise what it said."""
    shown = Table(title="Published results", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in _Line._fields:
        shown.add_column(column, overflow="fold", no_wrap=column in ("published", "verdict"))
    for outcome in sorted(outcomes, key=order):
        for row in outcome.shown:
            style = None if row.met else "bold red"
            shown.add_row(*_Line(row.case, row.value, row.found, row.tolerance, verdict(row.met)), style=style)
    return shown
