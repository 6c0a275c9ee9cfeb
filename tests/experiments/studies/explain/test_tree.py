"""The tree of a rule that a tree can state is that rule, and the tree that is kept did best."""

from dataclasses import replace

import numpy as np
import pytest

from metaenv_agents.decision_tree import Questions, TreePolicy
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain import tree as trees
from metaenv_experiments.studies.explain.tree import distil, grow
from metaenv_experiments.studies.explain.visits import visits_of
from metaenv_experiments.studies.explain.words import in_words

TASK = Task(disease="prostate", cohort="train", patients=48, seed=0, local_therapy=True)


def test_the_tree_of_at50_is_at50(at50, clinic):
    tree = grow(Questions(clinic=clinic), [at50])
    agreed = (tree.actions[tree.leaf(at50.answers)] == at50.actions).all(axis=1).mean()
    assert agreed > 0.97
    test = replace(TASK, cohort="test", patients=32, seed=1)
    ours, theirs = (
        play(test, make, test.ids).episodes["return"] for make in (lambda env: tree, rule("at50", test).make)
    )
    assert abs(np.mean(ours - theirs)) < 0.25
    words = "\n".join(in_words(tree, at50, clinic))
    assert "if marker / baseline <= 0.5" in words and "give a full dose of abiraterone" in words
    assert "docetaxel (" not in words


def test_the_tree_that_is_kept_did_best_on_the_patients_it_learned_from(clinic, monkeypatch):
    task = replace(TASK, patients=16)
    policy, played = rule("multimodal", task), []

    def watched(*arguments, **options):
        found = visits_of(*arguments, **options)
        if options:
            played.append(float(found.episodes["return"].mean()))
        return found

    monkeypatch.setattr(trees, "visits_of", watched)
    tree, own = distil(policy, task, Questions(clinic=clinic))
    assert len(played) == trees.ROUNDS and len(set(played)) > 1
    assert own.episodes["return"].mean() == policy.play(task, task.ids).episodes["return"].mean()
    treated = play(task, lambda env: tree, task.ids).episodes["return"].mean()
    assert treated == pytest.approx(max(played))


def test_a_tree_goes_below_at_the_threshold_and_forgets_with_the_patient(clinic):
    questions = Questions(clinic=clinic)
    tree = TreePolicy(
        clinic=clinic,
        question=np.array([1, -1, -1]),
        threshold=np.array([1.5, 0.0, 0.0]),
        below=np.array([1, -1, -1]),
        above=np.array([2, -1, -1]),
        actions=np.array([[0, 0, 0], [0, 0, 0], [2, 2, 0]]),
    )
    answers = np.zeros((3, len(questions.names)))
    answers[:, 1] = [1.4, 1.5, 1.6]
    assert tree.leaf(answers).tolist() == [1, 1, 2]
    low, high = (np.zeros((2, clinic.layout.size)) for _ in range(2))
    high[:, clinic.layout.marker] = 0.5
    first, memory = tree.predict(low)
    assert first.tolist() == [[0, 0, 0]] * 2
    second, _ = tree.predict(high, memory, np.array([False, True]))
    assert second.tolist() == [[2, 2, 0], [0, 0, 0]]
    assert tree.predict(high[0], memory[:1])[0].tolist() == [2, 2, 0]
