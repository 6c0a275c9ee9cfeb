"""Patients of a native vector environment as a network is to see them: the last visits side by side, normalised."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from metaenv_agents.policy import Array, BoolArray, FloatArray
from metaenv_agents.rl.history import History
from metaenv_agents.rl.learners.model import EPISODES_IN_MEAN, Episode

CLIP = 10.0  # bound of what is normalised; this and the next two as Stable-Baselines3 has them
EPSILON = 1e-8  # added to a variance
BEFORE = 1e-4  # rows that a mean of 0 and a variance of 1 count for


class Moments:
    """Mean and variance of all rows so far, batch by batch."""

    def __init__(self, *shape: int) -> None:
        self.mean, self.variance, self.count = np.zeros(shape), np.ones(shape), BEFORE

    @property
    def scale(self) -> FloatArray:
        """Standard deviation, never 0."""
        scale: FloatArray = np.sqrt(self.variance + EPSILON)
        return scale

    def add(self, rows: Array) -> None:
        """Take in a batch, rows along the first axis."""
        mean, variance, count = rows.mean(axis=0, dtype=np.float64), rows.var(axis=0, dtype=np.float64), len(rows)
        apart, total = mean - self.mean, self.count + count
        squares = self.variance * self.count + variance * count + apart**2 * self.count * count / total
        self.mean, self.variance, self.count = self.mean + apart * count / total, squares / total, total


class Scaled:
    """Rewards, or costs, over the standard deviation of what patients were paid so far, discounted.

    Args:
        patients: how many.
        discount: per visit.
    """

    def __init__(self, patients: int, discount: float) -> None:
        self.discount, self.moments, self.sums = discount, Moments(), np.zeros(patients)

    def add(self, paid: FloatArray, ended: BoolArray) -> None:
        """Take in a visit, (patient,) each."""
        self.sums = self.sums * self.discount + paid
        self.moments.add(self.sums)
        self.sums[ended] = 0.0

    def normal(self, paid: FloatArray) -> FloatArray:
        """In standard deviations, clipped; any shape."""
        normal: FloatArray = np.clip(paid / self.moments.scale, -CLIP, CLIP)
        return normal


class Visit(NamedTuple):
    """What a visit brought, not normalised."""

    rewards: FloatArray  # (patient,)
    costs: FloatArray  # (patient,) 0 where they are not asked for
    ended: BoolArray  # (patient,) whose episode ended
    cut: Array  # (row,) patients among them whom the end of the follow-up cut off
    last: Array  # (row, input) what those would have been seen as
    borne: FloatArray  # (ended patient,) costs of their episode


def costs_in(infos: Mapping[str, Any], ended: BoolArray) -> FloatArray:
    """What the visit cost each patient, (patient,): who has ended is the next patient in the infos already."""
    if not ended.any():
        return np.array(infos["cost"], dtype=np.float64)
    costs: FloatArray = np.where(ended, infos["final_info"]["cost"], infos["cost"])
    return costs


class Ward:
    """Patients in `AutoresetMode.SAME_STEP`, what is seen of them, and how their last episodes went.

    Args:
        venv: the native vector environment, or several diseases as one.
        history: visits side by side, oldest first, zeros before the first.
        discount: of rewards and costs, per visit; their scale depends on it.
        costs: whether `info["cost"]` is asked for.

    Raises:
        ValueError: the environment resets at another time, or is asked for costs and tells none.
    """

    def __init__(self, venv: VectorEnv[Any, Any, Any], *, history: int, discount: float, costs: bool) -> None:
        mode = venv.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise ValueError(f"autoreset_mode must be {AutoresetMode.SAME_STEP} for PPO, got {mode}")
        space: Any = venv.single_observation_space
        self.venv, self.with_costs = venv, costs
        self.history = History(visits=history, width=space.shape[0])
        self.inputs = Moments(history * space.shape[0])
        self.rewards, self.costs = (Scaled(venv.num_envs, discount) for _ in range(2))
        self.seen = self.history.empty(venv.num_envs)  # (patient, input)
        self.sums = np.zeros((3, venv.num_envs))  # of the running episodes: rewards, costs, visits
        self.episodes: deque[Episode] = deque(maxlen=EPISODES_IN_MEAN)  # that ended last

    def reset(self, seed: int) -> None:
        """Begin with the patients of a seed."""
        observations, infos = self.venv.reset(seed=seed)
        if self.with_costs and "cost" not in infos:
            raise ValueError('cost_limit needs an environment that tells info["cost"], got one that does not')
        self.seen = self.history.push(self.seen, observations, np.ones(self.venv.num_envs, dtype=np.bool_))
        self.inputs.add(self.seen)

    def visit(self, actions: Array) -> Visit:
        """Treat everybody until the next visit; who has ended makes room for the next patient."""
        observations, rewards, terminated, truncated, infos = self.venv.step(actions)
        ended: BoolArray = terminated | truncated
        costs = costs_in(infos, ended) if self.with_costs else np.zeros(len(ended))
        cut = np.flatnonzero(truncated & ~terminated)
        last = np.empty((0, self.seen.shape[1]), dtype=np.float32)
        if len(cut):
            observed = np.stack(list(infos["final_obs"][cut]))
            last = self.history.push(self.seen[cut], observed, np.zeros(len(cut), dtype=np.bool_))
        self.seen = self.history.push(self.seen, observations, ended)
        self.inputs.add(self.seen)
        self.rewards.add(rewards, ended)
        self.costs.add(costs, ended)
        return Visit(rewards, costs, ended, cut, last, self._count(rewards, costs, ended))

    def _count(self, rewards: FloatArray, costs: FloatArray, ended: BoolArray) -> FloatArray:
        """Add up what each patient was paid and bore; what those bore whose episode ended."""
        self.sums += (rewards, costs, np.ones(len(ended)))
        borne: FloatArray
        paid, borne, visits = self.sums[:, ended]
        self.episodes.extend(map(Episode, paid.tolist(), visits.astype(np.int64).tolist()))
        self.sums[:, ended] = 0.0
        return borne

    def normal(self, seen: Array) -> Array:
        """Inputs of the network, normalised by all that was seen until now; any shape (…, input), float32."""
        mean, scale = (each.astype(np.float32) for each in (self.inputs.mean, self.inputs.scale))
        normal: Array = np.clip((seen - mean) / scale, -CLIP, CLIP)
        return normal

    def snapshot(self) -> dict[str, Any]:
        """All that the future depends on, to be pickled."""
        inside: Any = self.venv.unwrapped
        own = {name: value for name, value in vars(self).items() if name not in ("venv", "with_costs", "history")}
        return {"env": inside.snapshot(), **own}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go on from a snapshot that nobody else holds."""
        inside: Any = self.venv.unwrapped
        inside.restore(snapshot["env"])
        vars(self).update({name: value for name, value in snapshot.items() if name != "env"})
