"""Say what the model's numbers rest on, which of them drive its results, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import on_screen
from metaenv_experiments.running.console import console
from metaenv_experiments.running.files import write_text
from metaenv_experiments.running.options import check_places, check_resume, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.credibility.evidence import count_evidence
from metaenv_experiments.studies.credibility.figure import draw_effects
from metaenv_experiments.studies.credibility.page import PICTURE, document, effects_table, evidence_table
from metaenv_experiments.studies.credibility.sensitivity import design, parameters_of
from metaenv_experiments.studies.credibility.study import Study

DOCUMENT, EVIDENCE = "credibility.md", "evidence.parquet"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Say how far the model can be trusted: what its numbers rest on, sensitivity of its results, good practice."""

    disease: str = "prostate"
    """Disease whose results are tried for sensitivity: prostate, lung or breast_recurrent."""
    patients: int = 256
    """Train patients (count) treated at every point."""
    trajectories: int = 10
    """Trajectories of Morris' design (count); each takes parameters + 1 points."""
    seed: int = 0
    """Seed of the patients' courses and of the design (integer >= 0)."""
    docs: Path | None = None
    """Folder that gets credibility.md and pictures/sensitivity.png too, such as docs. None: only the run folder."""
    out: Path | None = None
    """Run folder to write. None: runs/study-credibility-<time>."""
    resume: bool = False
    """Continue the run in --out; points that are done are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.trajectories >= 2, "--trajectories", self.trajectories, ">= 2")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_places(folder=("--docs", self.docs))
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Count, vary, draw, write."""
    parameters = parameters_of(options.disease)
    task = Task(disease=options.disease, cohort="train", patients=options.patients, seed=options.seed)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    evidence = count_evidence()
    folder.write_table(EVIDENCE, evidence)
    points = design(parameters, options.trajectories, options.seed)
    study = Study(task=task, parameters=parameters, points=points, folder=folder, seed=options.seed)
    effects = study.run()
    command = (
        f"metaenv study credibility --disease {options.disease} --patients {options.patients} "
        f"--trajectories {options.trajectories} --seed {options.seed}"
    )
    text = document(command, study, evidence, effects)
    for target in (folder.path, *([options.docs] if options.docs is not None else [])):
        draw_effects(effects, task, target / PICTURE)
        write_text(target / DOCUMENT, text)
    console().print(on_screen(evidence_table(evidence, title="Lines with numbers, by the weakest mark on each")))
    title = f"{task.scenario.disease.title}: elementary effects, μ* (σ), months per range"
    console().print(on_screen(effects_table(effects, parameters, title=title)))
    say_where(folder.path)
