"""A policy explained: the tree of a rule that a tree can state is that rule, and the words say what was done."""

from dataclasses import replace

import numpy as np
import pytest
from metaenv_experiments.studies.explain.recorded import Habits, written_down

from metaenv_agents.decision_tree import Questions, TreePolicy
from metaenv_agents.policy import Clinic
from metaenv_experiments.commands import explain
from metaenv_experiments.commands.explain import distil, grow
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain.figure import draw_doses
from metaenv_experiments.studies.explain.words import describe, in_words

TASK = Task(disease="prostate", cohort="train", patients=48, seed=0)


@pytest.fixture(scope="module")
def clinic():
    return Clinic.of(TASK.vector_env(1))


@pytest.fixture(scope="module")
def at50(clinic):
    return written_down(rule("at50", TASK), TASK, Questions(clinic=clinic))


def test_habits_are_the_visits_that_were_lived(at50):
    visits = np.bincount(at50.patient)
    courses = rule("at50", TASK).play(TASK, TASK.ids, watch=frozenset(TASK.ids.tolist())).courses
    assert visits.tolist() == courses[courses["visit"] > 0].groupby("patient").size().tolist()
    assert at50.answers.shape == (visits.sum(), 12) and np.isfinite(at50.answers).all()
    given = at50.actions[at50.patient == 5][:, 0]
    assert np.mean(given) / 2 == pytest.approx(at50.episodes["dose_intensity_abiraterone"][5], abs=0.05)


def test_the_tree_of_at50_is_at50(at50, clinic):
    tree = grow(Questions(clinic=clinic), [at50])
    agreed = (tree.actions[tree.leaf(at50.answers)] == at50.actions).all(axis=1).mean()
    assert agreed > 0.97
    test = Task(disease="prostate", cohort="test", patients=32, seed=1)
    ours, theirs = (
        play(test, make, test.ids).episodes["return"] for make in (lambda env: tree, rule("at50", test).make)
    )
    assert abs(np.mean(ours - theirs)) < 0.25
    words = "\n".join(in_words(tree, at50, clinic))
    assert "if marker / baseline <= 0.5" in words and "give a full dose of abiraterone" in words
    assert "docetaxel (" not in words


def test_what_the_policy_would_give_is_written_down_where_another_drives(at50, clinic):
    questions = Questions(clinic=clinic)
    nothing = rule("no_treatment", TASK).make(TASK.vector_env(1))
    driven = written_down(rule("at50", TASK), TASK, questions, driver=nothing)
    assert (driven.actions[driven.visit < 3, 0] == 2).all(), "at50 would treat a marker that never fell"
    doses = driven.answers[:, [name.startswith("abiraterone") for name in questions.names]]
    assert (doses == 0.0).all()
    untreated = rule("no_treatment", TASK).play(TASK, TASK.ids).episodes["return"]
    np.testing.assert_array_equal(driven.episodes["return"], untreated)


def test_the_tree_that_is_kept_did_best_on_the_patients_it_learned_from(clinic, monkeypatch):
    task = replace(TASK, patients=16)
    policy, played = rule("multimodal", task), []

    def watched(*arguments, **options):
        found = written_down(*arguments, **options)
        if options:
            played.append(float(found.episodes["return"].mean()))
        return found

    monkeypatch.setattr(explain, "written_down", watched)
    tree, own = distil(policy, task, Questions(clinic=clinic))
    assert len(played) == explain.ROUNDS and len(set(played)) > 1
    assert own.episodes["return"].mean() == policy.play(task, task.ids).episodes["return"].mean()
    treated = play(task, lambda env: tree, task.ids).episodes["return"].mean()
    assert treated == pytest.approx(max(played))


def test_shares_of_visits_add_up_however_answers_are_joined(at50, clinic):
    tree = grow(Questions(clinic=clinic), [at50])
    lines = in_words(tree, at50, clinic)
    shares = [int(line.split("(")[-1].split(" %")[0]) for line in lines if "% of visits" in line]
    assert abs(sum(shares) - 100) <= len(shares)
    everywhere = replace(tree, actions=np.tile([2, 0, 0], (len(tree.question), 1)))
    assert in_words(everywhere, at50, clinic) == ["give a full dose of abiraterone (100 % of visits)"]


def test_words_say_when_it_stops_and_begins_again(at50, clinic):
    said = describe(at50, clinic)
    line = next(line for line in said if line.startswith("abiraterone"))
    stopped, begun = (float(part.split("marker at ")[1].split(" ")[0]) for part in line.split(";")[1:])
    assert stopped < 0.5 <= 1.0 <= begun
    assert "It never asks for docetaxel." in said and "It never asks for a procedure." in said


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


def test_a_picture_is_drawn_where_traits_are_and_where_none_are(at50, clinic, tmp_path):
    draw_doses(at50, clinic, tmp_path / "doses.png")
    assert (tmp_path / "doses.png").stat().st_size > 10_000
    bare = Task(disease="strobl2021", cohort="train", patients=4, seed=0)
    without = Clinic.of(bare.vector_env(1))
    seen = written_down(rule("at50", bare), bare, Questions(clinic=without))
    assert isinstance(seen, Habits)
    assert grow(Questions(clinic=without), [seen]).actions.shape[1] == 1
    draw_doses(seen, without, tmp_path / "bare.png")
