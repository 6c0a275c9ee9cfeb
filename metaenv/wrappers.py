"""Wrappers for other libraries: the reward as a vector of its components, and the cost beside the reward."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper
from numpy.typing import NDArray

from metaenv.clinic.codes import COMPONENTS, DAYS_PER_YEAR

Info = dict[str, Any]
Components = NDArray[np.float32]


class VectorReward(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """One patient's reward by its components, as MO-Gymnasium wants it; their sum is the reward without the wrapper.

    Attributes:
        reward_space: `Box` of float32, (component,) in years, in the order of `metaenv.COMPONENTS`: life,
            symptoms, treatment, toxicity, procedure. Left at `env.unwrapped` too, where MO-Gymnasium looks for it.

    Args:
        env: a `metaenv.MetastasisEnv`, wrapped or not.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        self.reward_space = _announce(self.unwrapped)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, Info]:
        """As the environment, with the components of the reward, (component,) years."""
        observation, _, terminated, truncated, info = self.env.step(action)
        return observation, np.stack(_parts(info), dtype=np.float32), terminated, truncated, info


class BatchedVectorReward(VectorWrapper, RecordConstructorArgs):
    """`VectorReward` of many patients, in every mode of autoreset: rewards are (patient, component).

    Attributes:
        reward_space: of one patient, as MO-Gymnasium's own vector environments have it.

    Args:
        env: a `metaenv.MetastasisVectorEnv`, wrapped or not.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        VectorWrapper.__init__(self, env)
        self.reward_space = _announce(self.unwrapped)

    def step(self, actions: Any) -> tuple[Any, Components, Any, Any, Info]:
        """As the environment, with the components of the rewards, (patient, component) years."""
        observations, _, terminated, truncated, infos = self.env.step(actions)
        rewards = np.stack(_parts(infos), axis=-1, dtype=np.float32)
        ended = infos.get("_final_info")  # in SAME_STEP mode the info is the next patient's already
        if ended is not None:
            rewards[ended] = np.stack(_parts(infos["final_info"]), axis=-1, dtype=np.float32)[ended]
        return observations, rewards, terminated, truncated, infos


class CostReturn(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """`step` of six, as Safety-Gymnasium has it: `info["cost"]`, the hazard of death by treatment, behind the reward.

    Wrappers of Gymnasium's own go inside, since most of them unpack five.

    Args:
        env: a `metaenv.MetastasisEnv`, wrapped or not.

    Raises:
        ValueError: the environment is none of metaenv.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)
        _check(self.unwrapped)

    def step(self, action: Any) -> tuple[Any, Any, float, bool, bool, Info]:  # type: ignore[override]
        """Observation, reward, cost, terminated, truncated, info."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, float(info["cost"]), terminated, truncated, info


def _parts(info: Info) -> list[Any]:
    return [info[f"reward/{name}"] for name in COMPONENTS]


def _check(env: Any) -> None:
    if not hasattr(env, "scenario"):
        raise ValueError(f"env must be an environment of metaenv, got {env}")


def _announce(env: Any) -> spaces.Box:
    """The space of a patient's components, which no environment of Gymnasium's has; left at the environment itself."""
    _check(env)
    years = env.scenario.visit_interval / DAYS_PER_YEAR
    gain = np.array([name == "life" for name in COMPONENTS])
    low, high = np.where(gain, 0.0, -years), np.where(gain, years, 0.0)  # nobody loses more than what was lived
    space = spaces.Box(low.astype(np.float32), high.astype(np.float32))
    env.reward_space = space
    return space
