"""Simulate the arms of published trials beside what was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import CohortName, check_places, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.trial_arms import figures, zhang2022
from metaenv_experiments.studies.trial_arms.comparison import SimulatedArm, comparison_table, publish
from metaenv_experiments.studies.trial_arms.published import arms_of
from metaenv_experiments.studies.trial_arms.simulated import outcomes, treat

OUTCOMES = "outcomes.json"
ADAPTIVE = "adaptive AT50 (Zhang2022)"  # whose courses are drawn beside the trial's
COURSES = "PSA under adaptive abiraterone beside that of the trial's patients"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Simulate the arms of published trials; print, store and draw them beside what was published."""

    disease: str = "prostate"
    """Disease by name, one with trial arms: prostate, lung, breast or breast_recurrent."""
    patients: int = 1024
    """Patients that every arm treats (count), consecutive ones of the cohort."""
    cohort: CohortName = "validation"
    """Whose patients. Fits use train patients, so take another cohort."""
    first: int = 0
    """Place in the cohort of the first of them (integer >= 0)."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0); the same for every arm."""
    zhang: Path | None = None
    """TrialPatientData.xlsx of Zhang et al. 2022, to draw its PSA courses beside simulated ones. None: left out."""
    docs: Path | None = None
    """Folder that gets the page arms-<disease>.md and its pictures too, such as docs. None: only the run folder."""
    out: Path | None = None
    """Run folder to write. None: runs/study-arms-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.first >= 0, "--first", self.first, ">= 0")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_places(folder=("--docs", self.docs))
        if self.zhang is not None:
            require(self.disease == "prostate", "--disease", self.disease, "prostate where --zhang is given")


def run(options: Options) -> None:
    """Simulate every arm of the disease, print, store, draw."""
    arms_of(options.disease)  # complains before anything is written
    if options.zhang is not None:
        zhang2022.read(options.zhang, "adaptive")  # complains before anything is simulated
    folder = RunFolder.create(options, out=options.out)
    simulated = _simulate(options)
    tables = [each.rollout.episodes.assign(arm=each.arm.name) for each in simulated]
    folder.write_table(EPISODES, pd.concat(tables, ignore_index=True))
    folder.write_json(OUTCOMES, {"arms": {each.arm.name: each.record() for each in simulated}})
    title = f"{options.disease}: {options.patients} {options.cohort} patients in every arm"
    console().print(on_screen(comparison_table(simulated, title=title)))
    publish(
        options.disease,
        simulated,
        _draw(simulated, options, folder),
        _about(options),
        run=folder.path,
        docs=options.docs,
    )
    say_where(folder.path)


def _simulate(options: Options) -> list[SimulatedArm]:
    simulated = []
    with progress() as bar:
        arms = arms_of(options.disease)
        step = bar.add_task("treating", total=len(arms), unit="arms")
        for arm in arms:
            bar.update(step, description=f"treating: {arm.name}")
            rollout = treat(
                arm, cohort=options.cohort, patients=options.patients, seed=options.seed, first=options.first
            )
            simulated.append(SimulatedArm(arm, rollout, outcomes(arm, rollout.episodes)))
            bar.advance(step)
    return simulated


def _draw(arms: Sequence[SimulatedArm], options: Options, folder: RunFolder) -> dict[str, Path]:
    """Draw every arm, and the PSA courses where there are patients' to draw beside them; return the pictures."""
    whom = f"{options.patients} {options.cohort} patients"
    pictures = {
        each.arm.name: figures.draw_arm(folder, each.arm, each.rollout.episodes, each.found, whom) for each in arms
    }
    adaptive = next((each for each in arms if each.arm.name == ADAPTIVE), None)
    if adaptive is not None and options.zhang is None:
        console().print("no --zhang FILE: the PSA courses of Zhang2022's patients are left out")
    elif adaptive is not None and options.zhang is not None:
        pictures[COURSES] = figures.draw_courses(folder, adaptive.rollout.courses, options.zhang)
    return pictures


def _about(options: Options) -> dict[str, str]:
    command = f"metaenv study arms --disease {options.disease} --patients {options.patients}"
    command += f" --cohort {options.cohort} --first {options.first} --seed {options.seed}"
    command += "" if options.zhang is None else " --zhang TrialPatientData.xlsx"
    return {"command": command, "patients": str(options.patients), "cohort": options.cohort}
