"""A small decision tree that acts as a policy does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from metaenv_agents.decision_tree import Questions, TreePolicy
from metaenv_experiments.evaluation.policies import NamedPolicy
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain.visits import Visits, visits_of

DEPTH = 3  # questions in a row
FEWEST = 100  # visits behind an answer of the tree
ROUNDS = 6  # trees that are tried


def distil(
    policy: NamedPolicy, task: Task, questions: Questions, *, on_treated: Callable[[], None] = lambda: None
) -> tuple[TreePolicy, Visits]:
    """A tree of few questions that acts as the policy does, and the policy's own visits.

    A tree that only knows the policy's visits is lost at those to which its own mistakes lead. So each tree treats the
    patients, the policy says what it would have given there, and the next tree learns from all of it (Ross2011). The
    tree under which these patients did best is kept.
    """
    own = visits_of(policy, task, questions)
    on_treated()
    seen, found = [own], []
    for _ in range(ROUNDS):
        tree = grow(questions, seen)
        seen.append(visits_of(policy, task, questions, driver=tree))
        on_treated()
        found.append((float(seen[-1].episodes["return"].mean()), tree))
    return max(found, key=lambda each: each[0])[1], own


def grow(questions: Questions, seen: Sequence[Visits]) -> TreePolicy:
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
