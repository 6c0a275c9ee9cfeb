"""What tests of reporting share."""

import pytest

from metaenv_experiments.evaluation.policies import LEARNER, RULE, TUNED_RULE


@pytest.fixture
def many_policies(finished):
    """The folder of a benchmark with more policies than a figure has room for."""
    rules = {"none": (RULE, 0.5), "maximum_tolerated_dose": (RULE, 1.0), "plain": (RULE, 2.0)}
    tuned = {"worse": (TUNED_RULE, 2.5), "tuned": (TUNED_RULE, 3.0)}
    seeds = {f"ppo{k}": (LEARNER, 4.0 + k / 10) for k in range(3)}
    told = {"ppo0": {"validation": None}, "ppo1": {"validation": 2.0}, "ppo2": {"validation": 1.0}}
    told["ppo"] = {"validation": 1.0, "group": "another"}
    return finished({**rules, **tuned, **seeds, "ppo": (LEARNER, 4.1)}, trainings=told, patients=3)
