"""Compile everything that environments need ahead of time, for images and clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from metaenv.action import ACTIONS
from metaenv.diseases import DISEASES
from metaenv.dynamics.dispatchers import wholes
from metaenv.env import MetastasisEnv
from metaenv.simulation import OBSERVATIONS
from metaenv.threads import PATIENTS_PER_THREAD
from metaenv.vector import MetastasisVectorEnv


def precompile() -> tuple[int, int]:
    """Visit one patient of every disease, alone and among others, with every kind of action and observation.

    Returns:
        How many functions were compiled, and how many loaded.
    """
    for disease in DISEASES:
        _visit(MetastasisEnv(disease=disease))
    for action in ACTIONS:
        for observation in OBSERVATIONS:
            _visit(MetastasisEnv(action=action, observation=observation))
            _visit(MetastasisVectorEnv(2 * PATIENTS_PER_THREAD, action=action, observation=observation))
    return _counted("_cache_misses"), _counted("_cache_hits")


def _visit(env: Any) -> None:
    env.reset(seed=0)
    env.reset(seed=0, options={"patient": 0})
    env.step(np.zeros_like(env.action_space.sample()))
    env.snapshot()
    env.close()


def _counted(which: str) -> int:
    return sum(sum(getattr(whole, which).values()) for whole in wholes)
