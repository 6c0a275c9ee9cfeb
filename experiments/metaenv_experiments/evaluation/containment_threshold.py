"""Searches containment's threshold on train patients, so that a comparison with it is fair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from metaenv_agents.control.threshold import CONTAINMENT_THRESHOLDS, search_threshold
from metaenv_experiments.evaluation.policies import RULE, NamedPolicy, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.run_folder import RunFolder

TUNING = "tuning.json"
TUNE_PATIENTS = 256  # train patients on which each threshold is tried, unless asked otherwise
CONTAINMENT = "containment"


class Tuning(NamedTuple):
    """What the search found."""

    threshold: float  # × baseline marker
    patients: int  # train patients per threshold
    mean_return: dict[str, float]  # threshold -> mean return on them


def tune(
    policies: Sequence[NamedPolicy], task: Task, folder: RunFolder, *, patients: int, threshold: float | None
) -> list[NamedPolicy]:
    """Give containment, where it takes part, its threshold: the stated one, else the best on train patients."""
    return [
        _tuned(task, folder, patients, threshold) if policy.kind == RULE and policy.rule == CONTAINMENT else policy
        for policy in policies
    ]


def _tuned(task: Task, folder: RunFolder, patients: int, threshold: float | None) -> NamedPolicy:
    if threshold is not None:
        note = f"threshold {threshold:g} × baseline marker, as given"
        return replace(rule(CONTAINMENT, task, threshold=threshold), note=note)
    if not folder.has(TUNING):  # the search is stored and not repeated on resuming; nobody is told of a shift
        folder.write_json(TUNING, search(replace(task, cohort="train", patients=patients, shift=None))._asdict())
    found = Tuning(**folder.read_json(TUNING))
    note = (
        f"threshold {found.threshold:g} × baseline marker, "
        f"the best of {', '.join(found.mean_return)} on {found.patients} train patients"
    )
    return replace(rule(CONTAINMENT, task, threshold=found.threshold), note=note)


def search(task: Task, thresholds: Sequence[float] = CONTAINMENT_THRESHOLDS) -> Tuning:
    """Try every threshold on the task's patients."""
    with progress() as bar:
        step = bar.add_task("tuning containment", total=len(thresholds), unit="thresholds")

        def score(threshold: float) -> float:
            policy = rule(CONTAINMENT, task, threshold=threshold)
            episodes = policy.play(task, task.ids).episodes
            bar.advance(step)
            return float(episodes["return"].mean())

        found = search_threshold(score, thresholds)
    mean_return = dict(zip((str(t) for t in found.thresholds), found.scores, strict=True))
    return Tuning(threshold=found.best, patients=task.patients, mean_return=mean_return)
