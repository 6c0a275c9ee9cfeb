"""A model of Stable-Baselines3 as a policy: what its wrappers did with observations and actions is done here too."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import numpy as np
from gymnasium import spaces

from metaenv_agents.policy import Array
from metaenv_agents.rl.history import History


def is_sb3_model(thing: Any) -> bool:
    """Whether it is a model as Stable-Baselines3 has them: it predicts and says what it sees and does."""
    return all(hasattr(thing, name) for name in ("predict", "observation_space", "action_space"))


def action_of(model: Any) -> Literal["levels", "continuous"]:
    """How a model writes doses: the `action` of the environments that it can treat in."""
    return "continuous" if isinstance(model.action_space, spaces.Box) else "levels"


class SB3Policy:
    """A model, its running normalisation and its stack of visits; the model itself is not changed.

    The stack is as of `VectorBridge(history=…)` or `VecFrameStack`. Where the model chooses one number for every
    combination of levels, the last entry counts fastest; doses in [-1, 1] are stretched to their bounds.

    Args:
        model: of Stable-Baselines3 or sb3-contrib. The `VecNormalize` that it was trained with is found only while the
            model has its environment: after loading, give it (`PPO.load(path, env=VecNormalize.load(…))`).
        env: the environment, single or vector, in which it is to treat.

    Raises:
        ValueError: it was trained on other measurements or for other actions.
    """

    def __init__(self, model: Any, env: Any) -> None:
        inside = env.unwrapped
        self._model = model
        self._space = getattr(inside, "single_action_space", None) or inside.action_space
        self._history = _history(model.observation_space, inside.layout.size)
        self._decode = _decoder(model.action_space, self._space)
        found = model.get_vec_normalize_env() if hasattr(model, "get_vec_normalize_env") else None
        self._normalise = (lambda seen: seen) if found is None else found.normalize_obs
        self._each_visit = found is not None and found.observation_space.shape == (self._history.width,)

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = False,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`."""
        batch = np.atleast_2d(observation)
        start = np.reshape(False if episode_start is None else episode_start, -1).astype(np.bool_)
        fresh = np.broadcast_to(start, len(batch))
        seen, memory = (self._history.empty(len(batch)), None) if state is None else state
        seen = self._history.push(seen, self._normalise(batch) if self._each_visit else batch, fresh)
        shown = seen if self._each_visit else self._normalise(seen)
        chosen, memory = self._model.predict(shown, memory, fresh, deterministic=deterministic)
        actions = self._decode(np.asarray(chosen))
        return (actions[0] if observation.ndim == 1 else actions), (seen, memory)


def _history(space: Any, width: int) -> History:
    """How many visits the model sees side by side, from how wide its observations are."""
    shape = getattr(space, "shape", None)
    if shape is None or len(shape) != 1 or shape[0] == 0 or shape[0] % width:
        raise ValueError(f"model must see {width} measurements, or so many of several visits, got {space}")
    return History(visits=shape[0] // width, width=width)


def _decoder(own: Any, wanted: Any) -> Any:
    """From what the model answers to actions of the environment, (patient, entry)."""
    if isinstance(own, spaces.Discrete) and isinstance(wanted, spaces.MultiDiscrete) and own.n == prod(wanted.nvec):
        return lambda chosen: np.column_stack(np.unravel_index(chosen - own.start, wanted.nvec))
    if type(own) is not type(wanted) or own.shape != wanted.shape or _levels(own) != _levels(wanted):
        raise ValueError(f"model must act in {wanted}, got {own}")
    if isinstance(wanted, spaces.Box) and np.all(own.low == -1.0) and np.all(own.high == 1.0):
        low, width = wanted.low, wanted.high - wanted.low
        return lambda chosen: (low + (chosen + 1) / 2 * width).astype(np.float32)
    return lambda chosen: chosen


def _levels(space: Any) -> list[int]:
    return [int(number) for number in getattr(space, "nvec", ())]
