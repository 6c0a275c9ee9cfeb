"""`explain`: what a trained policy does and when, as a picture, a small decision tree and words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich import box
from rich.table import Table

from agents.distilled import Questions, TreePolicy
from agents.policy import Clinic, FloatArray, Policy
from agents.rules import make_rule
from experiments import statistics
from experiments.config import Explain
from experiments.contestants import Contestant, shared, trained, training_of
from experiments.explain_pictures import draw_doses
from experiments.habits import Habits, written_down
from experiments.report import say_where
from experiments.requests import RequestError
from experiments.rollout import play
from experiments.screen import console
from experiments.sheets import written
from experiments.store import RunFolder
from experiments.tasks import Task

TEXT, SUMMARY, PICTURE = "explained.md", "explained.json", "pictures/doses.png"
DEPTH = 3  # questions in a row
FEWEST = 100  # visits behind an answer of the tree


def run(options: Explain) -> None:
    """Watch the policy treat train patients, fit the tree, try it on test patients, tell."""
    disease, contestant = _policy(options)
    learned = Task(disease=disease, cohort="train", patients=options.patients, seed=options.seed)
    tried = Task(disease=disease, cohort="test", patients=options.patients, seed=options.seed)
    folder = RunFolder.create(options, out=options.out)
    clinic = Clinic.of(learned.vector_env(1))
    questions = Questions(clinic=clinic)
    here, there = (written_down(contestant, task, questions) for task in (learned, tried))
    tree = grow(questions, here)
    agreed = statistics.proportion((tree.actions[tree.leaf(there.answers)] == there.actions).all(axis=1))
    treated = play(tried, lambda env: tree, tried.ids).episodes["return"]
    baseline = play(tried, _standard, tried.ids).episodes["return"]
    found = {
        "policy": statistics.mean(there.episodes["return"]),
        "tree": statistics.mean(treated),
        "maximum_tolerated_dose": statistics.mean(baseline),
        "tree_minus_policy": statistics.paired_difference(treated, there.episodes["return"]),
    }
    lines = in_words(tree, here, clinic)
    habits = describe(there, clinic)
    (folder.path / PICTURE).parent.mkdir(parents=True, exist_ok=True)
    draw_doses(there, clinic, folder.path / PICTURE)
    folder.write_json(
        SUMMARY,
        {
            "policy": contestant.name,
            "agreement": agreed._asdict(),
            "returns": {name: estimate._asdict() for name, estimate in found.items()},
            "habits": habits,
            "tree": lines,
        },
    )
    unit = tried.return_unit
    folder.write_bytes(TEXT, _page(contestant.name, unit, agreed, found, lines, habits).encode())
    screen = console()
    screen.print(_table(contestant.name, unit, agreed, found))
    screen.print("\n".join(["What it does:", *(f"  {line}" for line in habits)]), highlight=False)
    screen.print("\n".join(["\nAs a tree:", *(f"  {line}" for line in lines)]), highlight=False)
    say_where(folder.path)


def _policy(options: Explain) -> tuple[str, Contestant]:
    """The policy that is meant, and the disease that it treats."""
    from agents import sharing

    if options.run is not None:
        disease = str(training_of(options.run)["disease"])
        found = trained(options.run, Task(disease=disease, cohort="test", patients=1, seed=0))
    else:
        assert options.agent is not None  # the options' own check
        try:
            disease = str(sharing.about(options.agent)["training"]["disease"])
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(f"--agent {options.agent} cannot be read: {error}") from error
        found = shared(options.agent, Task(disease=disease, cohort="test", patients=1, seed=0))
    if found.action != "levels":
        raise RequestError(f"explain needs a policy of dose levels, got {found.name}, whose doses are continuous")
    return disease, found


def _standard(env: Any) -> Policy:
    return make_rule("maximum_tolerated_dose", env)


def grow(questions: Questions, seen: Habits) -> TreePolicy:
    """The tree of depth 3 that agrees best with what the policy gave."""
    from sklearn.tree import DecisionTreeClassifier

    kinds, labels = np.unique(seen.actions, axis=0, return_inverse=True)
    fitted = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=FEWEST, random_state=0)
    fitted.fit(seen.answers, labels.reshape(-1))
    nodes: Any = fitted.tree_
    most: NDArray[np.int64] = fitted.classes_[nodes.value[:, 0].argmax(axis=1)]
    return TreePolicy(
        questions=questions,
        question=np.where(nodes.children_left < 0, -1, nodes.feature).astype(np.int64),
        threshold=np.asarray(nodes.threshold, dtype=np.float64),
        below=np.asarray(nodes.children_left, dtype=np.int64),
        above=np.asarray(nodes.children_right, dtype=np.int64),
        actions=kinds[most],
    )


def in_words(tree: TreePolicy, seen: Habits, clinic: Clinic) -> list[str]:
    """The tree as indented questions and answers, with the share of visits that end at each answer."""
    ended = np.bincount(tree.leaf(seen.answers), minlength=len(tree.question)) / len(seen.answers)

    def told(node: int, depth: int) -> list[str]:
        if tree.question[node] < 0:
            return ["  " * depth + f"give {_action(tree.actions[node], clinic)} ({100 * ended[node]:.0f} % of visits)"]
        name, threshold = tree.questions.names[tree.question[node]], tree.threshold[node]
        below, above = told(int(tree.below[node]), depth + 1), told(int(tree.above[node]), depth + 1)
        if below[0].partition(" (")[0] == above[0].partition(" (")[0] and len(below) == len(above) == 1:
            share = ended[tree.below[node]] + ended[tree.above[node]]  # the same answer either way
            return [
                "  " * depth + f"give {_action(tree.actions[tree.below[node]], clinic)} ({100 * share:.0f} % of visits)"
            ]
        pad = "  " * depth
        return [f"{pad}if {name} <= {threshold:.3g}:", *below, f"{pad}else:", *above]

    return told(0, 0)


def _action(action: NDArray[np.int64], clinic: Clinic) -> str:
    words = {0: "", 1: "half a dose of ", 2: "a full dose of "}
    given = [words[int(level)] + drug for drug, level in zip(clinic.drugs, action, strict=False) if level]
    if clinic.local_therapy and action[-1]:
        given.append(("", "surgery", "radiotherapy")[int(action[-1])])
    return " and ".join(given) or "nothing"


def describe(seen: Habits, clinic: Clinic) -> list[str]:
    """When it starts, holds, lowers and switches, in sentences with numbers."""
    ratio = seen.answers[:, 0]
    first, lived = seen.visit == 0, len(seen.episodes)
    lines = [f"At the first visit it most often gives {_most_common(seen.actions[first], clinic)}."]
    for k, drug in enumerate(clinic.drugs):
        level = seen.actions[:, k]
        on, half = level > 0, level == 1
        if not on.any():
            lines.append(f"It never gives {drug}.")
            continue
        started, stopped = _changes(seen, on)
        line = f"{drug}: given at {100 * on.mean():.0f} % of visits, {100 * half[on].mean():.0f} % of them at half dose"
        if stopped.any():
            line += f"; stopped {stopped.sum() / lived:.1f} times a patient, at {_middle(ratio[stopped])} x baseline"
        if started.any():
            line += f"; begun again {started.sum() / lived:.1f} times, at {_middle(ratio[started])} x baseline"
        lines.append(f"{line}.")
    if clinic.local_therapy:
        local = seen.actions[:, -1] > 0
        asked = "never" if not local.any() else f"at {100 * local.mean():.0f} % of visits, whether possible or not"
        lines.append(f"It asks for a procedure {asked}.")
    idle = (seen.actions[:, : len(clinic.drugs)] == 0).all(axis=1)
    lines.append(f"It gives no drug at {100 * idle.mean():.0f} % of visits.")
    return lines


def _most_common(actions: NDArray[np.int64], clinic: Clinic) -> str:
    kinds, counts = np.unique(actions, axis=0, return_counts=True)
    best = int(counts.argmax())
    return f"{_action(kinds[best], clinic)} ({100 * counts[best] / counts.sum():.0f} % of patients)"


def _changes(seen: Habits, on: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Visits at which a drug is begun again, and at which it is stopped; the first visit is neither."""
    before = pd.Series(on).groupby(seen.patient).shift().to_numpy()
    known = ~pd.isna(before)
    was = np.where(known, before, on).astype(np.bool_)
    return known & on & ~was, known & ~on & was


def _middle(values: FloatArray) -> str:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"


def _table(name: str, unit: str, agreed: Any, found: dict[str, Any]) -> Table:
    table = Table(title=f"{name} and its tree", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("95 % interval", justify="right")
    for row in _rows(unit, agreed, found):
        table.add_row(*row)
    return table


def _rows(unit: str, agreed: Any, found: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"the policy, {unit}", written(found["policy"], digits=2)),
        (f"its tree, {unit}", written(found["tree"], digits=2)),
        ("the tree minus the policy, patient by patient", written(found["tree_minus_policy"], digits=2)),
        (f"maximum tolerated dose, {unit}", written(found["maximum_tolerated_dose"], digits=2)),
        ("visits at which tree and policy agree, %", written(agreed.scaled(100.0))),
    ]


def _page(name: str, unit: str, agreed: Any, found: dict[str, Any], lines: list[str], habits: list[str]) -> str:
    rows = "\n".join(f"- {what}: {number}" for what, number in _rows(unit, agreed, found))
    said = "\n".join(f"- {line}" for line in habits)
    tree = "\n".join(f"    {line}" for line in lines)
    return f"# {name}\n\n{rows}\n\n## What it does\n\n{said}\n\n## As a tree\n\n{tree}\n\n![Doses]({PICTURE})\n"
