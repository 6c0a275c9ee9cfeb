"""`explain`: what a trained policy does and when, as a picture, a small decision tree and words."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
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
from experiments.store import RunFolder, write_atomically
from experiments.tasks import Task

TEXT, SUMMARY, PICTURE = "explained.md", "explained.json", "pictures/doses.png"
DEPTH = 3  # questions in a row
FEWEST = 100  # visits behind an answer of the tree


def run(options: Explain) -> None:
    """Watch the policy treat train patients, fit the tree, try it on test patients, tell."""
    contestant, tried = _policy(options)
    learned = replace(tried, cohort="train")
    folder = RunFolder.create(options, out=options.out)
    clinic = Clinic.of(learned.vector_env(1))
    questions = Questions(clinic=clinic)
    here, there = (written_down(contestant, task, questions) for task in (learned, tried))
    tree = grow(questions, here)
    same = (tree.actions[tree.leaf(there.answers)] == there.actions).all(axis=1)
    visits = np.bincount(there.patient)
    agreed = statistics.ratio_of_means(
        np.bincount(there.patient, weights=same), visits
    )  # visits of a patient are alike
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
    command = f"python -m experiments {shlex.join(folder.read_json('provenance.json')['arguments'])}"
    text = _page(contestant.name, command, _rows(unit, agreed, found), lines, habits)
    folder.write_bytes(TEXT, text.format(picture=PICTURE).encode())
    if options.docs is not None:
        place = options.docs / f"pictures/learned-{tried.disease}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder.path / PICTURE, place)
        told = text.format(picture=f"pictures/{place.name}")
        write_atomically(
            options.docs / f"learned-{tried.disease}.md", partial(Path.write_text, data=told, encoding="utf-8")
        )
    screen = console()
    screen.print(_table(contestant.name, unit, agreed, found))
    screen.print("\n".join(["What it does:", *(f"  {line}" for line in habits)]), highlight=False)
    screen.print("\n".join(["\nAs a tree:", *(f"  {line}" for line in lines)]), highlight=False)
    say_where(folder.path)


def _policy(options: Explain) -> tuple[Contestant, Task]:
    """The policy that is meant, and test patients whom it sees as it learned to."""
    from agents import sharing

    if options.run is not None:
        training = training_of(options.run)
    else:
        assert options.agent is not None  # the options' own check
        try:
            training = sharing.about(options.agent)["training"]
        except (ValueError, KeyError, TypeError) as error:
            raise RequestError(f"--agent {options.agent} cannot be read: {error}") from error
    task = Task(
        disease=training["disease"],
        cohort="test",
        patients=options.patients,
        seed=options.seed,
        observation=training.get("observation", "clinic"),
        visit_interval=training.get("visit_interval"),
    )
    found = trained(options.run, task) if options.run is not None else shared(str(options.agent), task)
    if found.action != "levels":
        raise RequestError(f"explain needs a policy of dose levels, got {found.name}, whose doses are continuous")
    return found, task


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

    def share(node: int) -> float:
        if tree.question[node] < 0:
            return float(ended[node])
        return share(int(tree.below[node])) + share(int(tree.above[node]))

    def given(node: int) -> set[str]:
        if tree.question[node] < 0:
            return {_action(tree.actions[node], clinic)}
        return given(int(tree.below[node])) | given(int(tree.above[node]))

    def told(node: int, depth: int) -> list[str]:
        pad, answers = "  " * depth, given(node)
        if len(answers) == 1:  # whatever is asked further down
            return [f"{pad}give {answers.pop()} ({100 * share(node):.0f} % of visits)"]
        name, threshold = tree.questions.names[tree.question[node]], tree.threshold[node]
        below, above = (told(int(next_node), depth + 1) for next_node in (tree.below[node], tree.above[node]))
        return [f"{pad}if {name} <= {threshold:.3g}:", *below, f"{pad}else:", *above]

    return told(0, 0)


def _action(action: NDArray[np.int64], clinic: Clinic) -> str:
    words = {0: "", 1: "half a dose of ", 2: "a full dose of "}
    given = [words[int(level)] + drug for drug, level in zip(clinic.drugs, action, strict=False) if level]
    if clinic.local_therapy and action[-1]:
        given.append(("", "surgery", "radiotherapy")[int(action[-1])])
    return " and ".join(given) or "nothing"


def describe(seen: Habits, clinic: Clinic) -> list[str]:
    """What it asks for, when it stops and begins again, in sentences with numbers; what is held is asked for too."""
    ratio = seen.answers[:, 0]
    first, lived = seen.visit == 0, len(seen.episodes)
    lines = [f"At the first visit it most often asks for {_most_common(seen.actions[first], clinic)}."]
    for k, drug in enumerate(clinic.drugs):
        level = seen.actions[:, k]
        on, half = level > 0, level == 1
        if not on.any():
            lines.append(f"It never asks for {drug}.")
            continue
        again, stopped = _changes(seen, on)
        line = f"{drug}: asked for at {100 * on.mean():.0f} % of visits"
        line += f", {100 * half[on].mean():.0f} % of them at half dose"
        if stopped.any():
            line += (
                f"; stopped {stopped.sum() / lived:.1f} times a patient, with the marker at {_middle(ratio[stopped])}"
            )
        if again.any():
            line += f"; begun again {again.sum() / lived:.1f} times, with the marker at {_middle(ratio[again])}"
        lines.append(f"{line}.")
    if clinic.local_therapy:
        local = seen.actions[:, -1] > 0
        asked = f"a procedure at {100 * local.mean():.0f} % of visits, whether possible or not" if local.any() else ""
        lines.append(f"It asks for {asked}." if asked else "It never asks for a procedure.")
    idle = (seen.actions[:, : len(clinic.drugs)] == 0).all(axis=1)
    lines.append(f"It asks for no drug at {100 * idle.mean():.0f} % of visits.")
    return [*lines, "The marker is told in multiples of the baseline: median, and the middle half."]


def _most_common(actions: NDArray[np.int64], clinic: Clinic) -> str:
    kinds, counts = np.unique(actions, axis=0, return_counts=True)
    best = int(counts.argmax())
    return f"{_action(kinds[best], clinic)} ({100 * counts[best] / counts.sum():.0f} % of patients)"


def _changes(seen: Habits, on: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Visits at which a drug is begun again, and at which it is stopped; beginning it for the first time is neither."""
    table = pd.DataFrame({"patient": seen.patient, "on": on})
    was = table.groupby("patient")["on"].shift(fill_value=False).to_numpy(dtype=np.bool_)
    ever = table.groupby("patient")["on"].cummax().groupby(table["patient"]).shift(fill_value=False).to_numpy(np.bool_)
    return on & ~was & ever, ~on & was


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


def _page(name: str, command: str, results: list[tuple[str, str]], lines: list[str], habits: list[str]) -> str:
    """The page, with `{picture}` where the path of the picture goes."""
    rows = "\n".join(f"- {what}: {number}" for what, number in results)
    said = "\n".join(f"- {line}" for line in habits)
    tree = "\n".join(f"    {line}" for line in lines)
    about = f"What the policy {name} does. Written by\n\n    {command}\n\nwith 95 % intervals, on test patients."
    parts = [f"# What {name} learned", about, rows, "## What it does", said, "## As a tree", tree]
    return "\n\n".join(parts).replace("{", "{{").replace("}", "}}") + "\n\n![Doses asked for]({picture})\n"
