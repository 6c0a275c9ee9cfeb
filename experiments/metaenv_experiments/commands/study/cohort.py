"""Describe the patients of a cohort, or freeze fingerprints of them that a later version must reproduce."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import metaenv
from metaenv.fingerprint import FROZEN, frozen, take_all
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import write_json
from metaenv_experiments.running.installation import CHECKOUT
from metaenv_experiments.running.options import CohortName, UsageError, check_heeded, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.cohort.description import Description, as_markdown, describe, label


@dataclass(frozen=True, kw_only=True)
class Options:
    """Describe the patients of a cohort as a paper does, in its table 1; or freeze the test cohorts of all diseases."""

    disease: str = "prostate"
    """Disease by name."""
    patients: int = 1024
    """Patients described (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    shift: str | None = None
    """Shift of these patients, such as faster_mutation: metaenv/scenario/shift.py. None: as the disease has them."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0); matters for the untreated course and the measured marker."""
    freeze: bool = False
    """Write fingerprints of every disease's test cohort into metaenv/fingerprints.json of the checkout instead, and say
    what changed."""
    out: Path | None = None
    """Folder to write the table to, as table1.csv and table1.md. None: only printed."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        whose = ("disease", "patients", "cohort", "shift", "seed", "out")
        check_heeded(self, not self.freeze, "given without --freeze", *whose)


def run(options: Options) -> None:
    """Describe a cohort, or freeze the test cohorts."""
    if options.freeze:
        _freeze()
        return
    task = Task(
        disease=options.disease,
        cohort=options.cohort,
        patients=options.patients,
        seed=options.seed,
        shift=options.shift,
    )
    folder = None if options.out is None else RunFolder.create(options, out=options.out)
    description = describe(task)
    console().print(on_screen(_table(description)))
    if folder is not None:
        _store(folder, description)
        console().print(f"\nleft in {folder.path}: table1.csv, table1.md", soft_wrap=True)


def _table(description: Description) -> Table:
    rows = [(label(row), str(row.text)) for row in description.rows.itertuples()]
    return Table(description.title, ("characteristic", "median (range), or n (%)"), rows)


def _store(folder: RunFolder, description: Description) -> None:
    folder.write_bytes("table1.csv", description.rows.to_csv(index=False).encode())
    folder.write_bytes("table1.md", as_markdown(description).encode())


def _freeze() -> None:
    if CHECKOUT is None:
        raise UsageError("--freeze needs a checkout of the project, whose metaenv/fingerprints.json it writes")
    before, after = frozen(), take_all(tuple(metaenv.DISEASES))
    write_json(FROZEN, after)
    screen = console()
    for disease, taken in after["diseases"].items():
        held = before["diseases"].get(disease, {})
        moved = [name for name, value in taken.items() if held.get(name) != value]
        screen.print(f"{disease}: {'changed: ' + ', '.join(moved) if moved else 'as before'}")
    if before["version"] == after["version"] and before["diseases"] not in ({}, after["diseases"]):
        screen.print(
            f"the environments' version is still {after['version']}: raise VERSION in metaenv/registration.py and "
            "freeze again if results of that version have been published"
        )
    screen.print(f"left in {FROZEN}", soft_wrap=True)
