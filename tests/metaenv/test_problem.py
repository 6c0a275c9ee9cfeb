"""The task is worth learning: what is better than what, on the same unseen patients, with paired intervals."""

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation.containment_threshold import search
from metaenv_experiments.evaluation.task import Task


def returns(policies, patients):
    """Quality-adjusted years of each test patient under each rule, {name: (patient,)}."""
    ids = np.arange(patients) + metaenv.COHORTS["test"].start
    played = {}
    for name, parameters in policies.items():
        env = gym.make_vec(
            "metaenv/Prostate-v1", patients, vectorization_mode="vector_entry_point", autoreset_mode="Disabled"
        )
        rule = make_rule(name.split(",")[0], env, **parameters)
        observation, _ = env.reset(seed=[0] * patients, options={"patient": ids})
        total, state, ended = np.zeros(patients), None, np.zeros(patients, dtype=bool)
        while not ended.all():
            actions, state = rule.predict(observation, state)
            observation, reward, terminated, truncated, _ = env.step(actions)
            total += reward
            ended = terminated | truncated
        played[name] = total
    return played


def clearly_better(better, worse):
    """Whether the 95 % interval of the paired difference lies above 0."""
    difference = better - worse
    return difference.mean() > 1.96 * difference.std(ddof=1) / np.sqrt(difference.size)


def test_treatment_beats_none_and_adaptive_beats_continuous():
    got = returns({"no_treatment": {}, "maximum_tolerated_dose": {}, "at50": {}}, 96)
    assert clearly_better(got["maximum_tolerated_dose"], got["no_treatment"])
    assert clearly_better(got["at50"], got["maximum_tolerated_dose"])


@pytest.mark.slow
def test_tuned_containment_is_no_worse_than_at50_and_trivial_policies_lose():
    """The threshold is what the search on train patients finds; the patients here are others."""
    found = search(Task(disease="prostate", cohort="train", patients=256, seed=0)).threshold
    got = returns(
        {
            "no_treatment": {},
            "maximum_tolerated_dose,all": {"drugs": "all"},
            "random": {},
            "at50": {},
            "containment": {"threshold": found},
        },
        1024,
    )
    assert not clearly_better(got["at50"], got["containment"])
    for trivial in ("no_treatment", "maximum_tolerated_dose,all", "random"):
        assert clearly_better(got["containment"], got[trivial]), trivial
