"""What a user types, for a type checker alone: no public name is unknown to it."""

from __future__ import annotations

from typing import Any, assert_type

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

import metaenv
from metaenv.diseases import Disease
from metaenv.drugs import DRUGS, Drug
from metaenv.snapshot import EnvSnapshot

assert_type(metaenv.REGISTERED, tuple[str, ...])
assert_type(metaenv.DISEASES, dict[str, Disease])
assert_type(metaenv.MECHANISMS[0], str)
assert_type(metaenv.COHORTS, dict[str, range])
assert_type(metaenv.CAUSES[0], str)
assert_type(metaenv.RESPONSES[0], str)
assert_type(metaenv.__version__, str)

scenario = metaenv.make_scenario(
    "prostate", visit_interval=14, horizon=365.0, reward={"toxicity": 2.0}, drugs=["docetaxel", DRUGS["abiraterone"]]
)
assert_type(scenario, metaenv.Scenario)
assert_type(scenario.drugs, tuple[Drug, ...])
assert_type(scenario.visits, int)
assert_type(scenario.reward, metaenv.Reward)

env = metaenv.MetastasisEnv(
    action="joint", reward="survival", patients=[200_000, 200_001], shuffle=True, truth=True, scenario=scenario
)
assert_type(env.reset(seed=2**63), tuple[NDArray[np.float32], dict[str, Any]])
assert_type(env.step(0), tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]])
assert_type(env.action_masks(), NDArray[np.bool_])
assert_type(env.layout, metaenv.Layout)
assert_type(env.layout.size, int)
assert_type(env.layout.marker_ratio, slice)
assert_type(env.scenario, metaenv.Scenario)
assert_type(env.spec, EnvSpec | None)
snapshot: EnvSnapshot = env.snapshot()
env.restore(snapshot)
env.close()

envs = metaenv.MetastasisVectorEnv(
    64, "lung", cohort="test", autoreset_mode="same_step", visit_interval=21, patients=None, without=("dormancy",)
)
observation, infos = envs.reset(seed=0)
assert_type(observation, NDArray[np.float32])
assert_type(
    envs.step(np.zeros((64, 4))),
    tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]],
)
assert_type(envs.num_envs, int)
assert_type(envs.call("render"), tuple[Any, ...])
made: gymnasium.Env[Any, Any] = gymnasium.make("metaenv/Prostate-v1", cohort="test")
