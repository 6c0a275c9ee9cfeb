"""Simulate the arms of published trials beside what was published."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

import metaenv
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.rollout import Rollout
from metaenv_experiments.reporting.summary import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, words
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.options import PACKAGE, CohortName, check_places, require
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.studies.trial_arms import zhang2022
from metaenv_experiments.studies.trial_arms.calibration import residual
from metaenv_experiments.studies.trial_arms.page import page
from metaenv_experiments.studies.trial_arms.published import ARMS, Arm, Point, Target, arms_of
from metaenv_experiments.studies.trial_arms.simulated import TIMES, curve, outcomes, simulate, treat

__all__ = ["ARMS", "Arm", "Point", "Target", "arms_of", "outcomes", "run", "simulate"]

OUTCOMES = "outcomes.json"
FITTED = PACKAGE / "fitted"  # what `tune disease --record` wrote
ADAPTIVE = "adaptive AT50 (Zhang2022)"  # whose courses are drawn beside the trial's
COURSES = "PSA under adaptive abiraterone beside that of the trial's patients"
MONTHS = "_median_months"


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
    """Run folder to write. None: runs/arms-<time>."""

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
    arms = arms_of(options.disease)
    if options.zhang is not None:
        zhang2022.read(options.zhang, "adaptive")  # complains before anything is simulated
    folder = RunFolder.create(options, out=options.out)
    rollouts = _treat(arms, options)
    tables = [rollouts[arm.name].episodes.assign(arm=arm.name) for arm in arms]
    folder.write_table(EPISODES, pd.concat(tables, ignore_index=True))
    found = {arm.name: outcomes(arm, rollouts[arm.name].episodes) for arm in arms}
    folder.write_json(OUTCOMES, {"arms": {arm.name: _record(arm, found[arm.name]) for arm in arms}})
    console().print(on_screen(_table(arms, rollouts, found, options)))
    pictures = _draw(arms, rollouts, found, options, folder)
    _publish(arms, rollouts, found, pictures, options, folder)
    say_where(folder.path)


def _treat(arms: list[Arm], options: Options) -> dict[str, Rollout]:
    rollouts = {}
    with progress() as bar:
        step = bar.add_task("treating", total=len(arms), unit="arms")
        for arm in arms:
            bar.update(step, description=f"treating: {arm.name}")
            rollouts[arm.name] = treat(
                arm, cohort=options.cohort, patients=options.patients, seed=options.seed, first=options.first
            )
            bar.advance(step)
    return rollouts


def _record(arm: Arm, found: Mapping[str, float]) -> dict[str, Any]:
    """What is stored of an arm: everything that was found, and each target's residual."""
    targets = [
        {**target.__dict__, "simulated": found.get(target.quantity, float("nan")), "residual": off(target, found)}
        for target in arm.targets
    ]
    return {"held_back": arm.held_back, "outcomes": dict(found), "targets": targets}


def off(target: Target, found: Mapping[str, float]) -> float:
    """How far the simulated number is from the published, in units of its band: within ±1 is accepted."""
    return residual(target, found.get(target.quantity, float("nan")))


def _table(
    arms: list[Arm], rollouts: Mapping[str, Rollout], found: Mapping[str, Mapping[str, float]], options: Options
) -> Table:
    rows = []
    for arm in arms:
        for target in arm.targets:
            value = found[arm.name].get(target.quantity, float("nan"))
            row = (
                f"{arm.name}{', held back' if arm.held_back else ''}\n{words(target.quantity)}",
                f"{target.value:.3g}\n{target.low:.3g}–{target.high:.3g}",
                f"{value:.3g}\n{_interval(rollouts[arm.name].episodes, target.quantity)}",
                verdict(target, found[arm.name]),
            )
            rows.append(row)
    return Table(
        title=f"{options.disease}: {options.patients} {options.cohort} patients in every arm",
        header=("arm and quantity", "published\nband", "simulated\ninterval", "verdict"),
        rows=rows,
        caption="medians with 95 % interval; accepted: within the band",
    )


def _interval(episodes: pd.DataFrame, quantity: str) -> str:
    """The 95 % interval of a median time; nothing for other quantities."""
    kind = quantity.removesuffix(MONTHS)
    if kind not in TIMES:
        return ""
    estimate = statistics.median(curve(episodes, kind))
    return f"{estimate.low / DAYS_PER_MONTH:.3g}–{estimate.high / DAYS_PER_MONTH:.3g}"


def verdict(target: Target, found: Mapping[str, float]) -> str:
    """Accepted or not, and by how much it differs from the published value."""
    simulated = found.get(target.quantity, float("nan"))
    difference = "not reached" if simulated != simulated else f"{100 * (simulated / target.value - 1):+.0f} %"
    accepted = abs(off(target, found)) <= 1.0
    return f"{'accepted' if accepted else 'OUTSIDE'}\n{difference}"


def _draw(
    arms: list[Arm],
    rollouts: Mapping[str, Rollout],
    found: Mapping[str, Mapping[str, float]],
    options: Options,
    folder: RunFolder,
) -> dict[str, Path]:
    """Draw every arm, and the PSA courses where there are patients' to draw beside them; return the pictures."""
    from metaenv_experiments.studies.trial_arms import figures

    whom = f"{options.patients} {options.cohort} patients"
    pictures = {
        arm.name: figures.draw_arm(folder, arm, rollouts[arm.name].episodes, found[arm.name], whom) for arm in arms
    }
    if ADAPTIVE in rollouts and options.zhang is None:
        console().print("no --zhang FILE: the PSA courses of Zhang2022's patients are left out")
    elif ADAPTIVE in rollouts and options.zhang is not None:
        pictures[COURSES] = figures.draw_courses(folder, rollouts[ADAPTIVE].courses, options.zhang)
    return pictures


def _simulated(target: Target, found: Mapping[str, float], episodes: pd.DataFrame) -> str:
    """A simulated number, with its interval where it has one."""
    interval = _interval(episodes, target.quantity)
    return f"{found.get(target.quantity, float('nan')):.3g}" + (f" ({interval})" if interval else "")


def judged(target: Target, found: Mapping[str, float]) -> str:
    """The verdict for a page."""
    return "accepted" if abs(off(target, found)) <= 1.0 else "**outside**"


def recorded(disease: str) -> dict[str, Any] | None:
    """What `calibrate` recorded of a disease, where it did."""
    path = FITTED / f"{disease}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _publish(
    arms: list[Arm],
    rollouts: Mapping[str, Rollout],
    found: Mapping[str, Mapping[str, float]],
    pictures: Mapping[str, Path],
    options: Options,
    folder: RunFolder,
) -> None:
    """Write the page into the run folder and, with its pictures, to where it is wanted."""
    rows = {
        arm.name: [
            (target, _simulated(target, found[arm.name], rollouts[arm.name].episodes), judged(target, found[arm.name]))
            for target in arm.targets
        ]
        for arm in arms
    }
    command = f"metaenv study arms --disease {options.disease} --patients {options.patients}"
    command += f" --cohort {options.cohort} --first {options.first} --seed {options.seed}"
    command += "" if options.zhang is None else " --zhang TrialPatientData.xlsx"
    about = {"command": command, "patients": str(options.patients), "cohort": options.cohort}
    name = f"arms-{options.disease}"
    for place, inside in ((folder.path, "pictures"), (options.docs, f"pictures/{name}")):
        if place is None:
            continue
        paths = {caption: f"{inside}/{path.name}" for caption, path in pictures.items()}
        text = page(metaenv.DISEASES[options.disease].title, arms, rows, paths, about, recorded(options.disease))
        write_atomically(place / f"{name}.md", partial(Path.write_text, data=text, encoding="utf-8"))
        if place is options.docs:
            for path in pictures.values():
                write_atomically(place / inside / path.name, partial(shutil.copyfile, path))
