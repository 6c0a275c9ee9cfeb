"""What a policy does, in sentences with numbers, and its tree in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv.clinic.codes import FULL_DOSE, NO_PROCEDURE, RESECTION
from metaenv_agents.decision_tree import Questions, TreePolicy
from metaenv_agents.policy import Clinic, FloatArray
from metaenv_experiments.studies.explain.visits import Visits


def in_words(tree: TreePolicy, seen: Visits, clinic: Clinic) -> list[str]:
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

    def branch(node: int, depth: int) -> list[str]:
        pad, answers = "  " * depth, given(node)
        if len(answers) == 1:  # whatever is asked further down
            return [f"{pad}give {answers.pop()} ({100 * share(node):.0f} % of visits)"]
        name, threshold = tree.questions.names[tree.question[node]], tree.threshold[node]
        below, above = (branch(int(next_node), depth + 1) for next_node in (tree.below[node], tree.above[node]))
        return [f"{pad}if {name} <= {threshold:.3g}:", *below, f"{pad}else:", *above]

    return branch(0, 0)


def _action(action: NDArray[np.int64], clinic: Clinic) -> str:
    given = [
        f"{'a full' if level == FULL_DOSE else 'half a'} dose of {drug}"
        for drug, level in zip(clinic.drugs, action, strict=False)
        if level
    ]
    if clinic.local_therapy and action[-1] != NO_PROCEDURE:
        given.append("surgery" if action[-1] == RESECTION else "radiotherapy")
    return " and ".join(given) or "nothing"


def describe(seen: Visits, clinic: Clinic) -> list[str]:
    """What it asks for, when it stops and begins again, in sentences with numbers; what is held is not given."""
    ratio = seen.answers[:, Questions.marker_ratio]
    first, lived = seen.visit == 0, len(seen.episodes)
    lines = [f"At the first visit it most often gives {_most_common(seen.actions[first], clinic)}."]
    for k, drug in enumerate(clinic.drugs):
        level = seen.actions[:, k]
        on, half = level > 0, (level > 0) & (level < FULL_DOSE)
        if not on.any():
            lines.append(f"It never gives {drug}.")
            continue
        again, stopped = _changes(seen, on)
        line = f"{drug}: given at {100 * on.mean():.0f} % of visits"
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
        share = f"It does a procedure at {100 * local.mean():.1f} % of visits."
        lines.append(share if local.any() else "It never does a procedure.")
    idle = (seen.actions[:, : len(clinic.drugs)] == 0).all(axis=1)
    lines.append(f"It gives no drug at {100 * idle.mean():.0f} % of visits.")
    return [*lines, "The marker is given in multiples of the baseline: median, and the middle half."]


def _most_common(actions: NDArray[np.int64], clinic: Clinic) -> str:
    kinds, counts = np.unique(actions, axis=0, return_counts=True)
    best = int(counts.argmax())
    return f"{_action(kinds[best], clinic)} ({100 * counts[best] / counts.sum():.0f} % of patients)"


def _changes(seen: Visits, on: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Visits at which a drug is begun again, and at which it is stopped; beginning it for the first time is neither."""
    table = pd.DataFrame({"patient": seen.patient, "on": on})
    was = table.groupby("patient")["on"].shift(fill_value=False).to_numpy(dtype=np.bool_)
    ever = table.groupby("patient")["on"].cummax().groupby(table["patient"]).shift(fill_value=False).to_numpy(np.bool_)
    return on & ~was & ever, ~on & was


def _middle(values: FloatArray) -> str:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"
