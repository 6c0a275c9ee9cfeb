"""`optimum`: rules, and trained policies, against the exact optimum of the two-population model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.table import Table

from metaenv_agents.control.dynamic_programming import BestDoses, Optimum, hold_then_strike
from metaenv_experiments.config import Optimum as Options
from metaenv_experiments.pages.optimum_page import DAYS, DISEASE
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.processes import workers
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.contestants import (
    ORACLE,
    TUNED,
    TUNED_RULE,
    Contestant,
    learners,
    observation_of,
    planner,
    rule,
)
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import SUMMARY
from metaenv_experiments.trials.tuning import search

RULES = ("no_treatment", "maximum_tolerated_dose", "at50")
THRESHOLDS = (0.6, 0.8, 1.0, 1.05, 1.1, 1.12, 1.14, 1.15, 1.16, 1.17, 1.18, 1.19)  # x baseline; progression is at 1.2
STRIKES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)  # resistant cells at which to strike, x all cells at the start
FULL = ", full observation"  # end of the name of a learner that is shown the true state


def run(options: Options) -> None:
    """Solve every patient, treat them with every policy, print, store."""
    task = Task(disease=DISEASE, cohort="test", patients=options.patients, seed=options.seed)
    contestants = [(rule(name, task), task) for name in RULES]
    contestants += _learners(options.runs, task)
    folder = RunFolder.create(options, out=options.out)
    train = Task(disease=DISEASE, cohort="train", patients=options.tune_patients, seed=options.seed)
    tuned = search(train, THRESHOLDS)
    contestants.append((_contain(task, tuned.threshold), task))
    contestants += [
        (planner(name, task, options.plan_every, options.plan_copies, thresholds=THRESHOLDS), task)
        for name in options.planners
    ]
    with progress() as bar, workers(options.processes) as each_of:
        step = bar.add_task("solving", total=task.patients, unit="patients")
        best: list[tuple[float, float]] = []
        for first in range(0, task.patients, options.processes):
            best += each_of(_solve, [int(each) for each in task.ids[first : first + options.processes]])
            bar.update(step, completed=len(best))
    table = pd.DataFrame(best, columns=["promised", "optimum"])
    table.insert(0, "patient", task.ids)
    with progress() as bar:
        step = bar.add_task("treating", total=len(contestants), unit="policies")
        for contestant, its_task in contestants:
            bar.update(step, description=f"treating: {contestant.name}")
            table[contestant.name] = np.array(contestant.play(its_task, task.ids).episodes["progression_days"])
            bar.advance(step)
    strike = max(STRIKES, key=lambda share: np.log(hold_then_strike(task.scenario, train.ids, strike=share)).mean())
    simple = f"hold, then strike at {strike:g}"
    table[simple] = hold_then_strike(task.scenario, task.ids, strike=strike)
    folder.write_table(DAYS, table)
    kinds = {contestant.name: contestant.kind for contestant, _ in contestants} | {simple: ORACLE}
    report = summary(table, list(kinds), float(task.scenario.horizon))
    who: dict[str, Any] = {
        "kinds": kinds,
        "parameters": {contestant.name: contestant.parameters for contestant, _ in contestants},
    }
    folder.write_json(SUMMARY, {**report, **who, "containment_threshold": tuned.threshold})
    if report["at_stake"]:
        console().print(_table(report))
    else:
        console().print(
            f"the best doses control all {task.patients} patients to the end: nothing to compare, take more"
        )
    say_where(folder.path)


def _learners(runs: Iterable[Path], task: Task) -> list[tuple[Contestant, Task]]:
    """Learners, each with a task that shows it what it learned from."""
    shown = {run: observation_of(run, DISEASE) for run in runs}
    found = [(each, task) for each in learners([run for run in runs if shown[run] == "clinic"], task)]
    full = replace(task, observation="full")
    for each in learners([run for run in runs if shown[run] == "full"], full):
        found.append((replace(each, name=f"{each.name}{FULL}"), full))
    return found


def _contain(task: Task, threshold: float) -> Contestant:
    found = rule("containment", task, threshold=threshold)
    return replace(found, name=f"containment at {threshold:g}{TUNED}", kind=TUNED_RULE)


def _solve(identity: int) -> tuple[float, float]:
    """Days without progression that the grid promises a patient, and that the best doses reach."""
    task = Task(disease=DISEASE, cohort="test", patients=1, seed=0)
    optimum = Optimum.of(task.scenario, identity)
    return optimum.days, float(BestDoses(task.scenario, [optimum]).play()[0])


def summary(table: pd.DataFrame, policies: list[str], horizon: float) -> dict[str, Any]:
    """How near policies come to the optimum, among the patients whom nothing controls to the end of the follow-up."""
    at_stake = table[table["optimum"] < horizon]
    if at_stake.empty:
        return {"patients": len(table), "at_stake": 0, "promise_kept": None, "optimum_days": None, "policies": {}}
    shares = {name: at_stake[name] / at_stake["optimum"] for name in policies}
    return {
        "patients": len(table),
        "at_stake": len(at_stake),
        "promise_kept": float((at_stake["optimum"] / at_stake["promised"]).mean()),
        "optimum_days": float(at_stake["optimum"].mean()),
        "policies": {
            name: {
                "share": statistics.mean(share)._asdict(),
                "median": float(share.median()),
                "lowest": float(share.min()),
                "highest": float(share.max()),
            }
            for name, share in shares.items()
        },
    }


def _table(report: dict[str, Any]) -> Table:
    table = Table(
        title=f"{DISEASE}: {report['patients']} test patients, of whom {report['at_stake']} progress even under "
        f"the best doses, after {report['optimum_days']:.0f} days on average",
        caption="time to progression as a share of the optimum's, of those patients; 95 % interval. The optimum "
        f"knows the patient and sees the cells; its doses reach {100 * report['promise_kept']:.1f} % of what its "
        "grid promises",
        title_justify="left",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("policy")
    for header in ("share of the optimum, %", "median", "lowest", "highest"):
        table.add_column(header, justify="right")
    for name, found in report["policies"].items():
        share = {key: 100 * value for key, value in found["share"].items()}
        interval = f"{share['value']:.1f} ({share['low']:.1f} to {share['high']:.1f})"
        table.add_row(name, interval, *(f"{100 * found[key]:.1f}" for key in ("median", "lowest", "highest")))
    return table
