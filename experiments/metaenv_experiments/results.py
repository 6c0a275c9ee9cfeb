"""`results`: stored benchmarks as one page, with what was aimed at and whether it was reached."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from metaenv_experiments.config import Results
from metaenv_experiments.pages.optimum_page import DAYS, StoredOptimum
from metaenv_experiments.pages.results_page import Stored, origin_of, page, section, updated
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials.trial import EPISODES, SUMMARY

NEEDED = ("provenance.json", SUMMARY)


def run(options: Results) -> None:
    """Read every run, write the page."""
    sections = {path: section(_read(path)) for path in options.runs}
    if options.update:
        try:
            sections = updated(options.report.read_text(encoding="utf-8"), sections)
        except ValueError as error:
            raise RequestError(
                f"--report must be a page that `results` wrote, got {options.report}: {error}"
            ) from error
    text = page(sections.values(), origin=origin_of(sections, options.report))
    write_atomically(options.report, partial(Path.write_text, data=text, encoding="utf-8"))
    console().print(f"written: {options.report}", soft_wrap=True)


def _read(path: Path) -> Stored | StoredOptimum:
    if (path / DAYS).is_file():
        stored: Stored | StoredOptimum = StoredOptimum.of(RunFolder.open(path, needs=(*NEEDED, DAYS), option="--runs"))
    else:
        stored = Stored.of(RunFolder.open(path, needs=(*NEEDED, EPISODES), option="--runs"))
    if "kinds" not in stored.summary:
        raise RequestError(
            f"--runs must be of this version of `benchmark` or `optimum`, got {path}, which knows no kinds of policy"
        )
    return stored
