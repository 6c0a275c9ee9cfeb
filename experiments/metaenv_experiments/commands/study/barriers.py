"""Switch off each barrier to cure in the same patients and try every treatment again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.style import PICTURES
from metaenv_experiments.reporting.tables import on_screen, words
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.options import CohortName, check_patients, check_places, check_resume, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.barriers import figures
from metaenv_experiments.studies.barriers.combinations import gather, join, play_missing
from metaenv_experiments.studies.barriers.page import page
from metaenv_experiments.studies.barriers.statements import findings
from metaenv_experiments.studies.barriers.strategies import pose
from metaenv_experiments.studies.barriers.tables import as_json, evidence_text, outcome_tables, trait_table

NUMBERS, REPORT = "barriers.json", "report.md"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Switch off each barrier to cure in the same patients and try every strategy again: what makes cure so hard?"""

    disease: tuple[str, ...] = ("prostate", "lung", "breast")
    """Diseases by name."""
    patients: int = 256
    """Patients treated in every cell (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0); the same everywhere."""
    report: Path | None = None
    """Page to write beside the one in the run folder, such as docs/barriers.md; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/study-barriers-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished cells are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(self.disease) >= 1, "--disease", self.disease, "at least one name")
        require(len(set(self.disease)) == len(self.disease), "--disease", self.disease, "each name once")
        check_patients(self.patients, 1, self.seed, 0)
        check_places(file=("--report", self.report))
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Check, treat what is missing, decide, print, store, draw."""
    tasks = [
        Task(disease=disease, cohort=options.cohort, patients=options.patients, seed=options.seed)
        for disease in options.disease
    ]
    for task in tasks:
        pose(task)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    play_missing(tasks, folder)
    everything = [gather(task, folder) for task in tasks]
    join(everything, folder)
    found = {results.disease: findings(results) for results in everything}
    folder.write_json(NUMBERS, {results.disease: as_json(results, found[results.disease]) for results in everything})
    screen = console()
    for task, results in zip(tasks, everything, strict=True):
        for table in (*outcome_tables(results), trait_table(results)):
            screen.print(on_screen(table))
        picture = folder.path / PICTURES / picture_name(results.disease)
        figures.draw(results, picture, horizon=float(task.scenario.horizon) / DAYS_PER_MONTH)
    for results in everything:
        screen.print(f"\n[bold]{words(results.disease)}: what is shown[/bold]")
        for finding in found[results.disease]:
            screen.print(f"[bold]{finding.verdict}[/bold]: {finding.statement}")
            for item in finding.evidence:
                screen.print(f"    {evidence_text(item)}", highlight=False, soft_wrap=True)
    pictures = {disease: f"{PICTURES}/{picture_name(disease)}" for disease in options.disease}
    _publish(page(everything, found, pictures, _about(options)), folder, options)
    say_where(folder.path)


def picture_name(disease: str) -> str:
    """File of a disease's picture."""
    return f"barriers-{disease}.png"


def _publish(text: str, folder: RunFolder, options: Options) -> None:
    """Write the page into the run folder and, with its pictures, to where it is wanted."""
    targets = [folder.path / REPORT] + ([options.report] if options.report is not None else [])
    for target in targets:
        write_atomically(target, lambda partial: partial.write_text(text, encoding="utf-8"))
    if options.report is not None:
        for disease in options.disease:
            name = Path(PICTURES) / picture_name(disease)
            write_atomically(options.report.parent / name, partial(shutil.copyfile, folder.path / name))


def _about(options: Options) -> dict[str, str]:
    command = f"metaenv study barriers --disease {' '.join(options.disease)} --patients {options.patients}"
    command += f" --seed {options.seed} --cohort {options.cohort}"
    return {
        "command": command,
        "patients": str(options.patients),
        "cohort": options.cohort,
        "seed": str(options.seed),
    }
