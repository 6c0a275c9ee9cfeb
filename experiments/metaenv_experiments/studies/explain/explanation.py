"""Explains a policy: its dosing in numbers with intervals, in sentences, and as a decision tree with its own score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import Table, words, written
from metaenv_experiments.running.stored_records import Record
from metaenv_experiments.studies.explain.tree import ROUNDS, distil
from metaenv_experiments.studies.explain.visits import Visits, visits_of
from metaenv_experiments.studies.explain.words import describe, in_words

COHORTS = ROUNDS + 4  # that are treated for an explanation


@dataclass(frozen=True, kw_only=True)
class Explanation(Record):
    """What a policy does, and how well a small tree says it."""

    file: ClassVar[str] = "explained.json"

    policy: str
    disease: str  # name
    unit: str  # of the returns
    agreement: Estimate  # share of visits at which tree and policy give the same
    returns: dict[str, Estimate]  # of policy, tree and maximum_tolerated_dose, and tree_minus_policy
    does: tuple[str, ...]  # sentences
    tree: tuple[str, ...]  # questions and answers, a line each

    def rows(self) -> list[tuple[str, str]]:
        """The numbers in words."""
        return [
            (f"the policy, {self.unit}", written(self.returns["policy"], digits=2)),
            (f"its tree, {self.unit}", written(self.returns["tree"], digits=2)),
            ("the tree minus the policy, patient by patient", written(self.returns["tree_minus_policy"], digits=2)),
            (f"maximum tolerated dose, {self.unit}", written(self.returns["maximum_tolerated_dose"], digits=2)),
            ("visits at which tree and policy agree, %", written(self.agreement.scaled(100.0))),
        ]

    def table(self) -> Table:
        """The numbers."""
        return Table(f"{self.policy} and its tree", ("", "95 % interval"), self.rows())

    def page(self, command: str, picture: str) -> str:
        """All of it as a page; `command` wrote it, `picture` is the path of the figure."""
        numbers = "\n".join(f"- {what}: {number}" for what, number in self.rows())
        said = "\n".join(f"- {line}" for line in self.does)
        tree = "\n".join(f"    {line}" for line in self.tree)
        about = (
            f"What the policy {self.policy} does. Written by\n\n    {command}\n\nwith 95 % intervals, on test patients."
        )
        parts = [
            f"# {words(self.disease).capitalize()}: what {self.policy} learned",
            about,
            numbers,
            "## What it does",
            said,
            "## As a tree",
            tree,
        ]
        return "\n\n".join([*parts, f"![Doses given]({picture})"]) + "\n"


def explain(
    policy: NamedPolicy, task: Task, *, on_treated: Callable[[], None] = lambda: None
) -> tuple[Explanation, Visits]:
    """Watch a policy treat train patients, fit a tree, try it on the task's patients; returns their visits too.

    Args:
        policy: of dose levels.
        task: with test patients, seen as the policy sees them.
        on_treated: called after each of `COHORTS` cohorts.
    """
    learned = replace(task, cohort="train")
    clinic = Clinic.of(learned.vector_env(1))
    questions = Questions(clinic=clinic)
    tree, here = distil(policy, learned, questions, on_treated=on_treated)
    there = visits_of(policy, task, questions)
    on_treated()
    returns = {}
    for name, make in {"tree": lambda env: tree, "maximum_tolerated_dose": _standard}.items():
        returns[name] = play(task, make, task.ids).episodes["return"]
        on_treated()
    own = there.episodes["return"]
    same = (tree.actions[tree.leaf(there.answers)] == there.actions).all(axis=1)
    agreed = np.bincount(there.patient, weights=same), np.bincount(there.patient)  # visits of a patient are alike
    found = Explanation(
        policy=policy.name,
        disease=task.disease,
        unit=task.return_unit,
        agreement=statistics.ratio_of_means(*agreed),
        returns={
            "policy": statistics.mean(own),
            **{name: statistics.mean(each) for name, each in returns.items()},
            "tree_minus_policy": statistics.paired_difference(returns["tree"], own),
        },
        does=tuple(describe(there, clinic)),
        tree=tuple(in_words(tree, here, clinic)),
    )
    return found, there


def _standard(env: Any) -> Policy:
    return make_rule("maximum_tolerated_dose", env)
