"""MO-Gymnasium takes the reward's components from the wrappers of `metaenv.wrappers`. Run by `make ecosystem`."""

import runpy
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from metaenv.clinic.codes import COMPONENTS
from metaenv.wrappers import VectorReward

pytestmark = pytest.mark.ecosystem

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "mo_gymnasium_rewards.py"
ID = "metaenv/Prostate-v1"


def test_linear_reward_with_weights_of_one_is_the_reward():
    wrappers = pytest.importorskip("mo_gymnasium.wrappers")
    plain = gym.make(ID)
    env = wrappers.LinearReward(VectorReward(gym.make(ID)), weight=np.ones(len(COMPONENTS)))
    plain.reset(seed=0)
    env.reset(seed=0)
    for _ in range(10):
        action = plain.action_space.sample()
        assert env.step(action)[1] == pytest.approx(plain.step(action)[1], abs=1e-7)


def test_the_example_reports_every_component(capsys, monkeypatch):
    pytest.importorskip("mo_gymnasium.wrappers")
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "160"])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["BatchedVectorReward", "MOSyncVectorEnv"]
    for line in lines:
        means = [float(word) for word in line.split("[")[1].rstrip("]").split()]
        assert len(means) == len(COMPONENTS) and means[0] > 0.0 and max(means[1:]) <= 0.0
