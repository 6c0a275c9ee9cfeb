"""Fit a disease's free parameters to trial arms and targets on train patients, and check them on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import metaenv
from metaenv.scenario.variation import vary
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import check_places, check_resume, file_of, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.targets.asked import ASKED, missed
from metaenv_experiments.studies.targets.follow import Found as Looked
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
from metaenv_experiments.studies.trial_arms.fit import Fit, FittedLook, FittedTarget, Loss, Misfit, start_in
from metaenv_experiments.studies.trial_arms.free_parameters import Free, Vector, changes_for, free_of, values_at
from metaenv_experiments.studies.trial_arms.published import ARMS, Arm, arms_of
from metaenv_experiments.studies.trial_arms.simulated import Changes

TRIED = "tried.json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Fit a disease's free parameters to trial arms and targets on train patients, and check them on others."""

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
    arms_only: bool = False
    """Fit to the arms of trials alone, not to the targets of `study targets` too."""
    start: Path | None = None
    """A former fit, a JSON or the name of one that ships, such as lung, to start where it did. None: the disease
    file."""
    record: Path | None = None
    """File that gets the fit as JSON too, such as fitted_diseases/lung.json; replaced if it exists."""
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
    fit = _check(options, free, start, generations)
    fit.write(folder.path)
    if options.record is not None:
        fit.write_to(options.record)
    screen = console()
    screen.print(on_screen(fit.target_table()))
    if fit.looks:
        screen.print(on_screen(fit.look_table()))
    screen.print(on_screen(fit.parameter_table(free)))
    screen.print(f"to write into the files ({options.disease}):")
    for line in lines_to_write(free, list(fit.best.values())):
        screen.print(f"  {line}", soft_wrap=True, highlight=False)
    say_where(folder.path)


@dataclass(frozen=True)
class TargetsMissed:
    """How far train patients of a changed disease are from its targets beyond arms."""

    disease: str
    patients: int
    seed: int

    def __call__(self, changes: Changes) -> float:
        """The loss."""
        return missed(self.look(changes, "train", self.seed))

    def look(self, changes: Changes, cohort: str, seed: int) -> list[Looked]:
        """What is found of each target."""
        changed = vary(metaenv.make_scenario(self.disease), dict(changes))
        return ASKED[self.disease].found(changed.disease, self.patients, seed, cohort)


def start_of(disease: str, free: Sequence[Free]) -> list[float]:
    """The values in the disease file, or in the arm that a parameter belongs to."""
    scenario = metaenv.make_scenario(disease)
    return [each.start(scenario, ARMS[each.arm].changes if each.arm is not None else ()) for each in free]


def lines_to_write(free: Sequence[Free], values: Sequence[float]) -> list[str]:
    """Each parameter with its fitted value, as it stands in a disease file."""
    return [f"{each.name} = {each.change(value)[1]}" for each, value in zip(free, values, strict=True)]


def _search(
    options: Options, folder: RunFolder, free: Sequence[Free], arms: Sequence[Arm], start: Sequence[float]
) -> list[Generation]:
    """Try parameter sets; every finished generation is stored."""
    positions = np.array([each.position(value) for each, value in zip(free, start, strict=True)])
    generations = _tried_before(folder)
    beside = None if options.arms_only else TargetsMissed(options.disease, options.patients, options.seed)
    problem = Problem(arms=arms, free=free, patients=options.patients, seed=options.seed, beside=beside)
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


def _check(options: Options, free: Sequence[Free], start: Sequence[float], generations: Sequence[Generation]) -> Fit:
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
    looks = () if options.arms_only else _looks(options, free, start, best)
    tried = np.cumsum([len(generation.losses) for generation in generations])
    return Fit(
        disease=options.disease,
        patients=options.patients,
        seed=options.seed,
        evaluations=int(tried[-1]),
        start={each.name: value for each, value in zip(free, start, strict=True)},
        best={each.name: value for each, value in zip(free, best, strict=True)},
        loss=Loss(generations[0].losses[0], lowest),
        misfit=Misfit(misfit(fitted, after), misfit(fitted, elsewhere)),
        history=tuple((int(count), min(each.losses)) for count, each in zip(tried, generations, strict=True)),
        targets=tuple(each for arm in arms for each in _targets(arm, before, after, elsewhere)),
        looks=looks,
    )


def _looks(
    options: Options, free: Sequence[Free], start: Sequence[float], best: Sequence[float]
) -> tuple[FittedLook, ...]:
    """Targets beyond arms at the start and the best on the fitting patients, and at the best on others."""
    targets, seed = TargetsMissed(options.disease, options.patients, options.seed), options.seed
    asked = ((start, "train", seed), (best, "train", seed), (best, "validation", seed + 1))
    with progress() as bar:
        step = bar.add_task("looking", total=len(asked), unit="cohorts of every target")
        found = []
        for values, cohort, luck in asked:
            found.append(targets.look(changes_for("", free, values), cohort, luck))
            bar.advance(step)
    return tuple(
        FittedLook(
            name=one.name,
            low=one.low,
            high=one.high,
            source=one.source,
            start=one.value,
            fitted=two.value,
            others=three.value,
        )
        for one, two, three in zip(*found, strict=True)
    )


def _targets(arm: Arm, before: Found, after: Found, elsewhere: Found) -> list[FittedTarget]:
    nothing = float("nan")
    return [
        FittedTarget(
            arm=arm.name,
            quantity=target.quantity,
            held_back=arm.held_back,
            published=target.value,
            low=target.low,
            high=target.high,
            source=target.source,
            start=before[arm.name].get(target.quantity, nothing),
            fitted=after[arm.name].get(target.quantity, nothing),
            others=(simulated := elsewhere[arm.name].get(target.quantity, nothing)),
            residual=residual(target, simulated),
        )
        for target in arm.targets
    ]
