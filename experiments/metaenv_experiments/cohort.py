"""`cohort`: who the patients are, or fingerprints of them that a later version must reproduce."""

from __future__ import annotations

import metaenv
from metaenv.fingerprint import FROZEN, frozen, take_all
from metaenv_experiments.config_science import Cohort
from metaenv_experiments.pages.table import cohort_table
from metaenv_experiments.running.checkout import CHECKOUT
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder, write_json
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trust.description import Description, as_markdown, describe


def run(options: Cohort) -> None:
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
    console().print(cohort_table(description))
    if folder is not None:
        _store(folder, description)
        console().print(f"\nleft in {folder.path}: table1.csv, table1.md", soft_wrap=True)


def _store(folder: RunFolder, description: Description) -> None:
    folder.write_bytes("table1.csv", description.rows.to_csv(index=False).encode())
    folder.write_bytes("table1.md", as_markdown(description).encode())


def _freeze() -> None:
    if CHECKOUT is None:
        raise RequestError("--freeze needs a checkout of the project, whose metaenv/cohorts.json it writes")
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
