"""Doses, drawn by what was seen."""

from metaenv_agents.decision_tree import Questions
from metaenv_agents.policy import Clinic
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.explain.figure import draw_doses
from metaenv_experiments.studies.explain.tree import grow
from metaenv_experiments.studies.explain.visits import Visits, visits_of


def test_a_picture_is_drawn_where_traits_are_and_where_none_are(at50, clinic, tmp_path):
    draw_doses(at50, clinic, tmp_path / "doses.png")
    assert (tmp_path / "doses.png").stat().st_size > 10_000
    bare = Task(disease="strobl2021", cohort="train", patients=4, seed=0)
    without = Clinic.of(bare.vector_env(1))
    seen = visits_of(rule("at50", bare), bare, Questions(clinic=without))
    assert isinstance(seen, Visits)
    assert grow(Questions(clinic=without), [seen]).actions.shape[1] == 1
    draw_doses(seen, without, tmp_path / "bare.png")
