"""Fit a disease's free parameters to published trial arms on train patients, and check them on others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import metaenv
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, words
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_json
from metaenv_experiments.running.options import UsageError, check_places, check_resume, file_of, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.trial_arms.calibration import (
    Found,
    Generation,
    Problem,
    best_of,
    evaluator,
    misfit,
    residual,
    search,
)
from metaenv_experiments.studies.trial_arms.free_parameters import Free, Vector, free_of, values_at
from metaenv_experiments.studies.trial_arms.published import ARMS, Arm, arms_of

FIT, TRIED = "fit.json", "tried.json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Fit a disease's free parameters to its published trial arms on train patients; check them on others."""

    disease: str = "prostate"
    """Disease by name, one with free parameters: prostate, lung, breast or breast_recurrent."""
    patients: int = 512
    """Train patients that every arm treats in each evaluation (count); as many validation patients check the result."""
    evaluations: int = 300
    """Parameter sets that are tried (count), rounded up to whole generations."""
    seed: int = 0
    """Seed of the patients' courses and of the search (integer >= 0)."""
    processes: int = 1
    """Processes that share the evaluations (count). Results do not depend on it."""
    start: Path | None = None
    """A former fit, a JSON or the name of one that ships, such as lung, to start where it did. None: the disease
    file."""
    record: Path | None = None
    """File that gets the fit as JSON too, such as fitted/lung.json; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/tune-disease-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished generations are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.evaluations >= 1, "--evaluations", self.evaluations, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        if self.start is not None:
            file_of("start", self.start)
        check_places(file=("--record", self.record))
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Search, check on other patients, print, store."""
    free = free_of(options.disease)
    arms = [arm for arm in arms_of(options.disease) if not arm.held_back]
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    start = start_of(options.disease, free) if options.start is None else start_in(options.start, free)
    generations = _search(options, folder, free, arms, start)
    report = _check(options, free, start, generations)
    folder.write_json(FIT, report)
    if options.record is not None:
        write_json(options.record, report)
    screen = console()
    screen.print(on_screen(_targets(report)))
    screen.print(on_screen(_parameters(report, free)))
    screen.print(f"to write into the files ({options.disease}):")
    for line in lines_to_write(free, list(report["best"].values())):
        screen.print(f"  {line}", soft_wrap=True, highlight=False)
    say_where(folder.path)


def start_of(disease: str, free: Sequence[Free]) -> list[float]:
    """The values in the disease file, or in the arm that a parameter belongs to."""
    scenario = metaenv.make_scenario(disease)
    return [each.start(scenario, ARMS[each.arm].changes if each.arm is not None else ()) for each in free]


def start_in(path: Path, free: Sequence[Free]) -> list[float]:
    """The values that a former search started from.

    Raises:
        UsageError: it is no fit of these parameters.
    """
    try:
        start = json.loads(file_of("start", path).read_text(encoding="utf-8"))["start"]
        return [float(start[each.name]) for each in free]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"--start must be the JSON of a fit of the same parameters, got {path}: {error!r}") from error


def lines_to_write(free: Sequence[Free], values: Sequence[float]) -> list[str]:
    """Each parameter with its fitted value, as it stands in a disease file."""
    return [f"{each.name} = {each.change(value)[1]}" for each, value in zip(free, values, strict=True)]


def _search(
    options: Options, folder: RunFolder, free: Sequence[Free], arms: Sequence[Arm], start: Sequence[float]
) -> list[Generation]:
    """Try parameter sets; every finished generation is stored."""
    positions = np.array([each.position(value) for each, value in zip(free, start, strict=True)])
    generations = _tried_before(folder)
    problem = Problem(arms=arms, free=free, patients=options.patients, seed=options.seed)
    with progress() as bar, evaluator(problem, options.processes) as losses_of:
        step = bar.add_task(f"fitting {options.disease}", total=options.evaluations, unit="parameter sets")
        bar.update(step, completed=sum(len(generation.losses) for generation in generations))

        def counted(candidates: list[Vector]) -> list[float]:
            losses = []
            for first in range(0, len(candidates), options.processes):
                losses += losses_of(candidates[first : first + options.processes])
                bar.update(step, completed=sum(len(each.losses) for each in generations) + len(losses))
            return losses

        tries = search(positions, counted, evaluations=options.evaluations, seed=options.seed, known=tuple(generations))
        for generation in tries:
            generations.append(generation)
            folder.write_json(TRIED, {"generations": [each._asdict() for each in generations]})
            bar.update(step, description=f"fitting {options.disease}, loss {best_of(generations)[1]:.2f}")
    return generations


def _tried_before(folder: RunFolder) -> list[Generation]:
    if not folder.has(TRIED):
        return []
    return [Generation(**each) for each in folder.read_json(TRIED)["generations"]]


def _check(
    options: Options, free: Sequence[Free], start: Sequence[float], generations: Sequence[Generation]
) -> dict[str, Any]:
    """Simulate the start and the best on the fitting patients, and the best on others, held-back arms too."""
    arms = arms_of(options.disease)
    fitted = [arm for arm in arms if not arm.held_back]
    positions, lowest = best_of(generations)
    best = values_at(free, positions)
    problem = Problem(arms=arms, free=free, patients=options.patients, seed=options.seed)
    with progress() as bar:
        step = bar.add_task("checking", total=3, unit="cohorts of every arm")
        before = problem.simulate(start, cohort="train", seed=options.seed)
        bar.advance(step)
        after = problem.simulate(best, cohort="train", seed=options.seed)
        bar.advance(step)
        elsewhere = problem.simulate(best, cohort="validation", seed=options.seed + 1)
        bar.advance(step)
    tried = np.cumsum([len(generation.losses) for generation in generations])
    return {
        "disease": options.disease,
        "patients": options.patients,
        "seed": options.seed,
        "evaluations": int(tried[-1]),
        "start": {each.name: value for each, value in zip(free, start, strict=True)},
        "best": {each.name: value for each, value in zip(free, best, strict=True)},
        "loss": {"start": generations[0].losses[0], "best": lowest},
        "misfit": {name: misfit(fitted, found) for name, found in (("fitted", after), ("others", elsewhere))},
        "history": [[int(count), min(generation.losses)] for count, generation in zip(tried, generations, strict=True)],
        "targets": [row for arm in arms for row in _rows(arm, before, after, elsewhere)],
    }


def _rows(arm: Arm, before: Found, after: Found, elsewhere: Found) -> list[dict[str, Any]]:
    nothing = float("nan")
    return [
        {
            "arm": arm.name,
            "quantity": target.quantity,
            "held_back": arm.held_back,
            "published": target.value,
            "low": target.low,
            "high": target.high,
            "source": target.source,
            "start": before[arm.name].get(target.quantity, nothing),
            "fitted": after[arm.name].get(target.quantity, nothing),
            "others": (simulated := elsewhere[arm.name].get(target.quantity, nothing)),
            "residual": residual(target, simulated),
        }
        for target in arm.targets
    ]


def _targets(report: dict[str, Any]) -> Table:
    rows = [
        (
            f"{row['arm']}{', held back' if row['held_back'] else ''}\n{words(row['quantity'])}",
            f"{row['published']:.3g}\n{row['low']:.3g}–{row['high']:.3g}",
            *(f"{row[key]:.3g}" for key in ("start", "fitted", "others")),
            f"{row['residual']:+.2f}" + (" outside" if abs(row["residual"]) > 1.0 else ""),
        )
        for row in report["targets"]
    ]
    return Table(
        title=f"{report['disease']}: {report['evaluations']} parameter sets on {report['patients']} train patients, "
        f"loss {report['loss']['start']:.1f} → {report['loss']['best']:.1f}",
        header=("arm and quantity", "published", "at the start", "fitted", "others", "residual"),
        rows=rows,
        caption="others: as many validation patients with another seed; residual: of theirs, ±1 is the band's end",
    )


def _parameters(report: dict[str, Any], free: Sequence[Free]) -> Table:
    rows = []
    for each in free:
        start, best = report["start"][each.name], report["best"][each.name]
        allowed = f"{each.low:.3g}–{each.high:.3g}"
        rows.append((each.name, allowed, f"{start:.4g}", f"{best:.4g}", f"{each.position(best):.2f}"))
    return Table("free parameters", ("path", "range", "start", "fitted", "place in the range"), rows)
