"""The policies that ship: one per disease, each as good as its card says on the patients of its card."""

import pytest

import metaenv_agents
from metaenv_agents import saved_policies
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import shared
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.results_plan import FULL
from metaenv_experiments.running.provenance import Provenance


def test_every_disease_has_a_policy():
    assert {f"{disease}/ppo" for disease in FULL.lessons} <= set(metaenv_agents.pretrained())


@pytest.mark.parametrize("name", metaenv_agents.pretrained())
def test_a_policy_comes_from_a_known_commit(name):
    told = saved_policies.about(name)
    provenance = Provenance.of_json(told["provenance"])
    assert provenance.dirty is False and len(provenance.commit) == 40
    assert TrainingRecord.of_json(told["training"]).finished
    assert told["benchmark"]["task"]["cohort"] == "test"


@pytest.mark.slow
@pytest.mark.parametrize("name", metaenv_agents.pretrained())
def test_a_policy_replays_its_table(name):
    told = saved_policies.about(name)["benchmark"]
    task = Task(**{key: told["task"][key] for key in ("disease", "cohort", "patients", "seed", "first", "shift")})
    mean = shared(name, task).play(task, task.ids).episodes["return"].mean()
    assert told["return"]["low"] <= mean <= told["return"]["high"]
    assert mean == pytest.approx(told["return"]["value"], rel=0.01)
