"""`arms`: the arms of published trials, simulated beside what was published."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table

import metaenv
from metaenv_experiments.config_science import Arms
from metaenv_experiments.literature import zhang2022
from metaenv_experiments.literature.arm_page import page
from metaenv_experiments.literature.calibration import residual
from metaenv_experiments.literature.published import ARMS, Arm, Point, Target, arms_of
from metaenv_experiments.literature.simulated import TIMES, curve, outcomes, simulate, treat
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.sheets import words
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH
from metaenv_experiments.trials.rollout import Rollout
from metaenv_experiments.trials.trial import EPISODES

__all__ = ["ARMS", "Arm", "Point", "Target", "arms_of", "outcomes", "run", "simulate"]

OUTCOMES = "outcomes.json"
FITTED = Path(__file__).parent / "fitted"  # what `calibrate --record` wrote
ADAPTIVE = "adaptive AT50 (Zhang2022)"  # whose courses are drawn beside the trial's
COURSES = "PSA under adaptive abiraterone beside that of the trial's patients"
MONTHS = "_median_months"


def run(options: Arms) -> None:
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
    console().print(_table(arms, rollouts, found, options))
    pictures = _draw(arms, rollouts, found, options, folder)
    _publish(arms, rollouts, found, pictures, options, folder)
    say_where(folder.path)


def _treat(arms: list[Arm], options: Arms) -> dict[str, Rollout]:
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
    arms: list[Arm], rollouts: Mapping[str, Rollout], found: Mapping[str, Mapping[str, float]], options: Arms
) -> Table:
    table = Table(
        title=f"{options.disease}: {options.patients} {options.cohort} patients in every arm",
        caption="medians with 95 % interval; accepted: within the band",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("arm and quantity")
    for header in ("published\nband", "simulated\ninterval", "verdict"):
        table.add_column(header, justify="right", no_wrap=True)
    for arm in arms:
        for target in arm.targets:
            name = f"{arm.name}{', held back' if arm.held_back else ''}\n[dim]{words(target.quantity)}[/dim]"
            published = f"{target.value:.3g}\n[dim]{target.low:.3g}–{target.high:.3g}[/dim]"
            value = found[arm.name].get(target.quantity, float("nan"))
            simulated = f"{value:.3g}\n[dim]{_interval(rollouts[arm.name].episodes, target.quantity)}[/dim]"
            table.add_row(name, published, simulated, verdict(target, found[arm.name]))
    return table


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
    return f"[green]accepted[/green]\n{difference}" if accepted else f"[red]outside[/red]\n{difference}"


def _draw(
    arms: list[Arm],
    rollouts: Mapping[str, Rollout],
    found: Mapping[str, Mapping[str, float]],
    options: Arms,
    folder: RunFolder,
) -> dict[str, Path]:
    """Draw every arm, and the PSA courses where there are patients' to draw beside them; return the pictures."""
    from metaenv_experiments.literature import arm_pictures

    pictures = {
        arm.name: arm_pictures.draw_arm(folder, arm, rollouts[arm.name].episodes, found[arm.name], options)
        for arm in arms
    }
    if ADAPTIVE in rollouts and options.zhang is None:
        console().print("no --zhang FILE: the PSA courses of Zhang2022's patients are left out")
    elif ADAPTIVE in rollouts and options.zhang is not None:
        pictures[COURSES] = arm_pictures.draw_courses(folder, rollouts[ADAPTIVE].courses, options.zhang)
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
    options: Arms,
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
    command = f"metaenv arms --disease {options.disease} --patients {options.patients}"
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
