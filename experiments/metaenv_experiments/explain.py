"""`explain`: what a trained policy does and when, as a picture, a small decision tree and words."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.table import Table

from metaenv_agents.decision_tree import Questions, TreePolicy
from metaenv_agents.policy import Clinic, Policy
from metaenv_agents.rules import make_rule
from metaenv_experiments.config_learning import Explain
from metaenv_experiments.learners.explain_pictures import draw_doses
from metaenv_experiments.learners.explain_words import describe, in_words
from metaenv_experiments.learners.habits import Habits, written_down
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.sheets import written
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.contestants import Contestant, shared, trained, training_of
from metaenv_experiments.trials.rollout import play
from metaenv_experiments.trials.tasks import Task

TEXT, SUMMARY, PICTURE = "explained.md", "explained.json", "pictures/doses.png"
DEPTH = 3  # questions in a row
FEWEST = 100  # visits behind an answer of the tree
ROUNDS = 6  # trees that are tried


def run(options: Explain) -> None:
    """Watch the policy treat train patients, fit the tree, try it on test patients, tell."""
    contestant, tried = _policy(options)
    learned = replace(tried, cohort="train")
    folder = RunFolder.create(options, out=options.out)
    clinic = Clinic.of(learned.vector_env(1))
    questions = Questions(clinic=clinic)
    with progress() as bar:
        step = bar.add_task("treating", total=ROUNDS + 4, unit="cohorts")
        tree, here = distil(contestant, learned, questions, on_treated=partial(bar.advance, step))
        there = written_down(contestant, tried, questions)
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
    command = f"metaenv {shlex.join(folder.read_json('provenance.json')['arguments'])}"
    text = _page(contestant.name, command, _rows(unit, agreed, found), lines, habits)
    folder.write_bytes(TEXT, text.format(picture=PICTURE).encode())
    if options.docs is not None:
        place = options.docs / f"pictures/learned-{tried.disease}.png"
        write_atomically(place, partial(shutil.copyfile, folder.path / PICTURE))
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
    from metaenv_agents import saved_policies

    if options.run is not None:
        training = training_of(options.run)
    else:
        assert options.agent is not None  # the options' own check
        try:
            training = saved_policies.about(options.agent)["training"]
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


def distil(
    contestant: Contestant, task: Task, questions: Questions, *, on_treated: Callable[[], None] = lambda: None
) -> tuple[TreePolicy, Habits]:
    """A tree of few questions that acts as the policy does, and the policy's own visits.

    A tree that only knows the policy's visits is lost at those to which its own mistakes lead. So each tree treats the
    patients, the policy says what it would have given there, and the next tree learns from all of it (Ross2011). The
    tree under which these patients did best is kept.
    """
    own = written_down(contestant, task, questions)
    on_treated()
    seen, found = [own], []
    for _ in range(ROUNDS):
        tree = grow(questions, seen)
        seen.append(written_down(contestant, task, questions, driver=tree))
        on_treated()
        found.append((float(seen[-1].episodes["return"].mean()), tree))
    return max(found, key=lambda each: each[0])[1], own


def grow(questions: Questions, seen: Sequence[Habits]) -> TreePolicy:
    """The tree of depth 3 that agrees best with what the policy gave, drug by drug."""
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=FEWEST, random_state=0)
    answers, actions = (np.concatenate([getattr(each, name) for each in seen]) for name in ("answers", "actions"))
    fitted.fit(answers, actions)
    nodes: Any = fitted.tree_
    kinds = fitted.classes_ if actions.shape[1] > 1 else [fitted.classes_]
    levels = [np.asarray(own)[nodes.value[:, entry, : len(own)].argmax(axis=1)] for entry, own in enumerate(kinds)]
    return TreePolicy(
        clinic=questions.clinic,
        question=np.where(nodes.children_left < 0, -1, nodes.feature).astype(np.int64),
        threshold=np.asarray(nodes.threshold, dtype=np.float64),
        below=np.asarray(nodes.children_left, dtype=np.int64),
        above=np.asarray(nodes.children_right, dtype=np.int64),
        actions=np.stack(levels, axis=1).astype(np.int64),
    )


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
