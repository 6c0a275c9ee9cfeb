"""The bridge from Gymnasium's native vector environments to Stable-Baselines3's `VecEnv`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

try:
    from stable_baselines3.common.vec_env import VecEnv
except ImportError as error:
    raise ImportError(
        "metaenv_agents.rl.vec_env needs Stable-Baselines3, extra 'agents': pip install 'metastasis-env[agents]', or "
        f"pip install -e '.[agents]' in a checkout ({error})"
    ) from error

from metaenv_agents.policy import Array
from metaenv_agents.rl.history import History

Info = dict[str, Any]


class VectorBridge(VecEnv):
    """A native vector environment in `AutoresetMode.SAME_STEP`, as Stable-Baselines3 wants to see it.

    No loop over patients but for those whose episode ends: the infos of the others are empty, unless `full_info`.
    An ended episode's info holds `terminal_observation`, `TimeLimit.truncated` and `episode` (`r` return, `l` visits,
    `t` seconds since the bridge was made), so that no `VecMonitor` is needed.

    Args:
        venv: the native vector environment.
        history: show the agent the last `history` visits side by side, oldest first, zeros before the first visit.
        full_info: give every patient its whole info at every visit: convenient, and slow.
        unit_actions: for Box actions, show the agent [-1, 1] and stretch to the true bounds.
        choices: for MultiDiscrete actions, show the agent one number for every combination of levels.
    """

    def __init__(
        self,
        venv: VectorEnv[Any, Any, Any],
        *,
        history: int = 1,
        full_info: bool = False,
        unit_actions: bool = False,
        choices: bool = False,
    ) -> None:
        mode = venv.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ValueError(f"autoreset_mode must be {AutoresetMode.SAME_STEP} for Stable-Baselines3, got {mode}")
        self.venv = venv
        self.history = History(visits=history, width=_width(venv.single_observation_space))
        self.full_info = full_info
        self._range = _bounds(venv.single_action_space) if unit_actions else None
        entries = _levels(venv.single_action_space) if choices else []
        self.choices: Array = np.array(list(product(*map(range, entries))) if choices else [], dtype=np.int64)
        self._actions: Array = np.empty(0)
        self._seen = self.history.empty(venv.num_envs)
        self._returns = np.zeros(venv.num_envs)
        self._visits = np.zeros(venv.num_envs, dtype=np.int64)
        self._made = time.monotonic()
        super().__init__(venv.num_envs, self.history.widen(venv.single_observation_space), self._agent_space())
        pace: Any = venv.metadata.get("render_fps")
        self.metadata["render_fps"] = pace

    def _agent_space(self) -> gym.Space[Any]:
        space = self.venv.single_action_space
        if len(self.choices):
            return gym.spaces.Discrete(len(self.choices))
        return space if self._range is None else gym.spaces.Box(-1.0, 1.0, space.shape, np.float32)

    # Playing

    def reset(self) -> Array:
        """Start every patient anew, with the seeds and options set since the last reset."""
        observations, infos = self.venv.reset(seed=self._pending_seed(), options=self._pending_options())
        self._returns[:] = 0.0
        self._visits[:] = 0
        self.reset_infos = self._spread(infos) if self.full_info else [{} for _ in range(self.num_envs)]
        self._reset_seeds()
        self._reset_options()
        self._seen = self.history.push(self._seen, observations, np.ones(self.num_envs, dtype=np.bool_))
        return self._seen

    def step_async(self, actions: Array) -> None:
        """Keep the actions for `step_wait`."""
        if self._range is not None:
            low, width = self._range
            actions = (low + (np.asarray(actions) + 1) / 2 * width).astype(np.float32)
        if len(self.choices):
            actions = self.choices[np.asarray(actions)]
        self._actions = actions

    def step_wait(self) -> tuple[Array, NDArray[np.float32], NDArray[np.bool_], list[Info]]:
        """Play one visit."""
        observations, rewards, terminated, truncated, infos = self.venv.step(self._actions)
        self._returns += rewards
        self._visits += 1
        done = terminated | truncated
        listed: list[Info] = self._spread(infos) if self.full_info else [{} for _ in range(self.num_envs)]
        if done.any():
            self._close_episodes(np.flatnonzero(done), truncated & ~terminated, infos, listed)
        self._seen = self.history.push(self._seen, observations, done)
        return self._seen, rewards.astype(np.float32), done, listed

    def _close_episodes(self, ended: Array, cut: Array, infos: Mapping[str, Any], listed: list[Info]) -> None:
        seconds = round(time.monotonic() - self._made, 6)
        for index in ended.tolist():
            if self.full_info:
                listed[index] = _one(infos["final_info"], index)
            listed[index]["terminal_observation"] = self.history.last(self._seen[index], infos["final_obs"][index])
            listed[index]["TimeLimit.truncated"] = bool(cut[index])
            listed[index]["episode"] = {
                "r": float(self._returns[index]),
                "l": int(self._visits[index]),
                "t": seconds,
            }
        self._returns[ended] = 0.0
        self._visits[ended] = 0

    def _spread(self, infos: Mapping[str, Any]) -> list[Info]:
        return [_one(infos, index) for index in range(self.num_envs)]

    # Seeds and options, which Stable-Baselines3 hands over before the reset that uses them

    def _pending_seed(self) -> int | None:
        return self._seeds[0]  # patient k gets this plus k, in Gymnasium as here

    def _pending_options(self) -> dict[str, Any] | None:
        first = self._options[0]
        if any(other != first for other in self._options):
            raise ValueError("options must be the same for all patients, use the option's own per-patient array")
        return first or None

    # Reaching inside

    @property
    def inside(self) -> Any:
        """The environment under all wrappers."""
        return self.venv.unwrapped

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the vector environment, the same for every patient."""
        value = getattr(self.inside, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of the vector environment, for all patients at once."""
        if len(list(self._get_indices(indices))) != self.num_envs:
            raise ValueError(
                f"attribute '{attr_name}' is shared by all {self.num_envs} patients, got indices {indices}"
            )
        setattr(self.inside, attr_name, value)

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Call a method of the vector environment whose result has one entry per patient, such as `action_masks`."""
        result = getattr(self.inside, method_name)(*method_args, **method_kwargs)
        if not isinstance(result, np.ndarray | list | tuple) or len(result) != self.num_envs:
            raise TypeError(f"method '{method_name}' must return one entry per patient, got {type(result).__name__}")
        return [result[index] for index in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]], indices: Any = None) -> list[bool]:
        """No patient has wrappers of their own."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[Array | None]:
        """A picture of every patient, where the vector environment draws them (`render_mode="rgb_array"`)."""
        drawn: Any = self.venv.render() if self.render_mode == "rgb_array" else None
        return [None] * self.num_envs if drawn is None else list(drawn)

    def close(self) -> None:
        """Close the vector environment."""
        self.venv.close()

    # Resuming

    def snapshot(self) -> Info:
        """Return all that the future depends on, to be pickled."""
        return {
            "env": self.inside.snapshot(),
            "seen": self._seen.copy(),
            "returns": self._returns.copy(),
            "visits": self._visits.copy(),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot; seeds waiting for a reset are dropped."""
        self.inside.restore(snapshot["env"])
        self._seen = snapshot["seen"].copy()
        self._returns[:] = snapshot["returns"]
        self._visits[:] = snapshot["visits"]
        self._reset_seeds()


def _width(space: gym.Space[Any]) -> int:
    if not isinstance(space, gym.spaces.Box) or len(space.shape) != 1:
        raise ValueError(f"observation space must be a Box of one axis, got {space}")
    return space.shape[0]


def _bounds(space: gym.Space[Any]) -> tuple[Array, Array]:
    if not isinstance(space, gym.spaces.Box):
        raise ValueError(f"unit_actions needs a Box action space, got {space}")
    return space.low, space.high - space.low


def _levels(space: gym.Space[Any]) -> list[int]:
    if not isinstance(space, gym.spaces.MultiDiscrete):
        raise ValueError(f"choices needs a MultiDiscrete action space, got {space}")
    return [int(number) for number in space.nvec]


def _one(infos: Mapping[str, Any], index: int) -> Info:
    """Take one patient's share of the vector's infos, without Gymnasium's `_key` masks and the final ones."""
    return {key: value[index] for key, value in infos.items() if key[0] != "_" and not key.startswith("final_")}
