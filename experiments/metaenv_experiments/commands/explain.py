"""Say what a trained policy does and when, as a figure, a small decision tree and words."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from metaenv_agents import saved_policies
from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import shared, trained
from metaenv_experiments.evaluation.training_record import TrainingRecord, training_of
from metaenv_experiments.reporting.summary import say_where
from metaenv_experiments.reporting.tables import Table, on_screen, written
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.options import UsageError, check_places, require
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.studies.explain.figure import draw_doses
from metaenv_experiments.studies.explain.tree import ROUNDS, distil
from metaenv_experiments.studies.explain.visits import visits_of
from metaenv_experiments.studies.explain.words import describe, in_words

TEXT, SUMMARY, PICTURE = "explained.md", "explained.json", "pictures/doses.png"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Say what a trained policy does and when: a picture, sentences, and a decision tree with its own score."""

    run: Path | None = None
    """Run folder of `train` with the policy."""
    agent: str | None = None
    """Shared policy by name such as prostate/ppo, or folder, instead of --run."""
    patients: int = 512
    """Train patients (count) from whose visits the tree is learned; as many test patients judge it."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0)."""
    docs: Path | None = None
    """Folder that gets the page as learned-<disease>.md and its picture too, such as docs. None: only --out."""
    out: Path | None = None
    """Run folder to write. None: runs/explain-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        given = [name for name, value in (("--run", self.run), ("--agent", self.agent)) if value is not None]
        require(len(given) == 1, "the policy", given or "none", "named by either --run DIR or --agent NAME")
        check_places(folder=("--docs", self.docs))
        require(self.patients >= 2, "--patients", self.patients, ">= 2")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")


def run(options: Options) -> None:
    """Watch the policy treat train patients, fit the tree, try it on test patients, tell."""
    policy, tried = _policy(options)
    learned = replace(tried, cohort="train")
    folder = RunFolder.create(options, out=options.out)
    clinic = Clinic.of(learned.vector_env(1))
    questions = Questions(clinic=clinic)
    with progress() as bar:
        step = bar.add_task("treating", total=ROUNDS + 4, unit="cohorts")
        tree, here = distil(policy, learned, questions, on_treated=partial(bar.advance, step))
        there = visits_of(policy, tried, questions)
        bar.advance(step)
        treated = play(tried, lambda env: tree, tried.ids).episodes["return"]
        bar.advance(step)
        baseline = play(tried, _standard, tried.ids).episodes["return"]
        bar.advance(step)
    same = (tree.actions[tree.leaf(there.answers)] == there.actions).all(axis=1)
    visits = np.bincount(there.patient)
    agreed = statistics.ratio_of_means(
        np.bincount(there.patient, weights=same), visits
    )  # visits of a patient are alike
    found = {
        "policy": statistics.mean(there.episodes["return"]),
        "tree": statistics.mean(treated),
        "maximum_tolerated_dose": statistics.mean(baseline),
        "tree_minus_policy": statistics.paired_difference(treated, there.episodes["return"]),
    }
    lines = in_words(tree, here, clinic)
    does = describe(there, clinic)
    (folder.path / PICTURE).parent.mkdir(parents=True, exist_ok=True)
    draw_doses(there, clinic, folder.path / PICTURE)
    folder.write_json(
        SUMMARY,
        {
            "policy": policy.name,
            "agreement": agreed._asdict(),
            "returns": {name: estimate._asdict() for name, estimate in found.items()},
            "does": does,
            "tree": lines,
        },
    )
    unit = tried.return_unit
    command = Provenance.read(folder.path).command
    text = _page(policy.name, command, _rows(unit, agreed, found), lines, does)
    folder.write_bytes(TEXT, text.format(picture=PICTURE).encode())
    if options.docs is not None:
        picture = options.docs / f"pictures/learned-{tried.disease}.png"
        write_atomically(picture, partial(shutil.copyfile, folder.path / PICTURE))
        page = text.format(picture=f"pictures/{picture.name}")
        write_atomically(
            options.docs / f"learned-{tried.disease}.md", partial(Path.write_text, data=page, encoding="utf-8")
        )
    screen = console()
    screen.print(on_screen(Table(f"{policy.name} and its tree", ("", "95 % interval"), _rows(unit, agreed, found))))
    screen.print("\n".join(["What it does:", *(f"  {line}" for line in does)]), highlight=False)
    screen.print("\n".join(["\nAs a tree:", *(f"  {line}" for line in lines)]), highlight=False)
    say_where(folder.path)


def _policy(options: Options) -> tuple[NamedPolicy, Task]:
    """The policy that is meant, and test patients whom it sees as it learned to."""
    if options.run is not None:
        record = training_of(options.run)
    else:
        try:
            record = TrainingRecord.of_json(saved_policies.about(str(options.agent))["training"])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"--agent {options.agent} cannot be read: {error}") from error
    task = record.task("test", options.patients, seed=options.seed)
    found = trained(options.run, task) if options.run is not None else shared(str(options.agent), task)
    if found.action != "levels":
        raise UsageError(f"explain needs a policy of dose levels, got {found.name}, whose doses are continuous")
    return found, task


def _standard(env: Any) -> Policy:
    return make_rule("maximum_tolerated_dose", env)


def _rows(unit: str, agreed: Any, found: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"the policy, {unit}", written(found["policy"], digits=2)),
        (f"its tree, {unit}", written(found["tree"], digits=2)),
        ("the tree minus the policy, patient by patient", written(found["tree_minus_policy"], digits=2)),
        (f"maximum tolerated dose, {unit}", written(found["maximum_tolerated_dose"], digits=2)),
        ("visits at which tree and policy agree, %", written(agreed.scaled(100.0))),
    ]


def _page(name: str, command: str, results: list[tuple[str, str]], lines: list[str], does: list[str]) -> str:
    """The page, with `{picture}` where the path of the picture goes."""
    rows = "\n".join(f"- {what}: {number}" for what, number in results)
    said = "\n".join(f"- {line}" for line in does)
    tree = "\n".join(f"    {line}" for line in lines)
    about = f"What the policy {name} does. Written by\n\n    {command}\n\nwith 95 % intervals, on test patients."
    parts = [f"# What {name} learned", about, rows, "## What it does", said, "## As a tree", tree]
    return "\n\n".join(parts).replace("{", "{{").replace("}", "}}") + "\n\n![Doses asked for]({picture})\n"
