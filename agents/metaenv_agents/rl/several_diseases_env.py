"""Patients of several diseases side by side, for one network that treats them all.

Every disease has columns of its own in what is seen, zero for all others, so that the network has an input layer per
disease; the layers behind it are shared. Actions are shared too: the first drug of each disease is the first entry, and
so on, local therapy last where a disease offers it; an entry that a disease does not have is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from metaenv_agents.policy import Array, Clinic, FloatArray, Policy
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.ward import costs_in


class SeveralDiseasesEnv(VectorEnv[Any, Any, Any]):
    """Vector environments of several diseases as one, in `AutoresetMode.SAME_STEP`.

    Args:
        parts: native vector environments with dose levels and the same number of patients each.

    Raises:
        ValueError: if there are fewer than two, or they do not fit.
    """

    def __init__(self, parts: Sequence[VectorEnv[Any, Any, Any]]) -> None:
        self.parts = list(parts)
        spaces = [part.single_action_space for part in self.parts]
        modes = {part.metadata.get("autoreset_mode") for part in self.parts}
        sizes = {part.num_envs for part in self.parts}
        levels = all(isinstance(space, gym.spaces.MultiDiscrete) for space in spaces)
        if len(self.parts) < 2 or modes != {AutoresetMode.SAME_STEP} or len(sizes) != 1 or not levels:
            raise ValueError(
                "a mixture needs two environments or more, of as many patients each, with dose levels, in "
                f"{AutoresetMode.SAME_STEP}; got {len(self.parts)} of {sorted(sizes)} patients, {spaces}, {modes}"
            )
        self.clinics = [Clinic.of(part) for part in self.parts]
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.size = self.parts[0].num_envs  # patients of each disease
        self.num_envs = self.size * len(self.parts)
        widths = [part.single_observation_space.shape[0] for part in self.parts]  # type: ignore[index]
        ends = np.cumsum(widths)
        self.columns = [slice(end - width, end) for width, end in zip(widths, ends, strict=True)]
        self.width = int(ends[-1])  # columns of all diseases
        drugs = max(len(clinic.drugs) for clinic in self.clinics)
        self.entries = [self._entries(clinic, drugs) for clinic in self.clinics]
        self.single_observation_space = gym.spaces.Box(*self._bounds(), dtype=np.float32)
        shared = drugs + any(clinic.local_therapy for clinic in self.clinics)
        self.single_action_space = gym.spaces.MultiDiscrete([self._levels(entry) for entry in range(shared)])
        self.observation_space = gym.vector.utils.batch_space(self.single_observation_space, self.num_envs)
        self.action_space = gym.vector.utils.batch_space(self.single_action_space, self.num_envs)

    @staticmethod
    def _entries(clinic: Clinic, drugs: int) -> Array:
        """Places of a disease's own entries among the shared ones."""
        return np.array([*range(len(clinic.drugs)), *([drugs] if clinic.local_therapy else [])])

    def _levels(self, entry: int) -> int:
        """Levels of a shared entry, which must be the same wherever it is there."""
        parts = zip(self.parts, self.entries, strict=True)
        found = {int(part.single_action_space.nvec[own == entry][0]) for part, own in parts if entry in own}  # type: ignore[attr-defined]
        if len(found) > 1:
            raise ValueError(f"entry {entry} must have as many levels in every environment, got {sorted(found)}")
        return found.pop()

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        spaces: list[Any] = [part.single_observation_space for part in self.parts]
        low, high = (np.concatenate([getattr(space, name) for space in spaces]) for name in ("low", "high"))
        return np.minimum(low, 0.0), np.maximum(high, 0.0)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        """Start every patient anew; every disease with the same seed."""
        seen, infos = zip(*(part.reset(seed=seed, options=options) for part in self.parts), strict=True)
        nobody = [np.zeros(self.size, dtype=np.bool_)] * len(self.parts)
        return self._widened(seen), self._costs(infos, nobody)

    def step(self, actions: Array) -> tuple[Array, FloatArray, Array, Array, dict[str, Any]]:
        """Play one visit; of the infos only `final_obs` and `cost`, that of `final_info` too, are passed on."""
        given = [actions[self._rows(k), self.entries[k]] for k in range(len(self.parts))]
        played = [part.step(levels) for part, levels in zip(self.parts, given, strict=True)]
        seen, rewards, terminated, truncated, infos = zip(*played, strict=True)
        last = np.full(self.num_envs, None, dtype=object)
        for k, info in enumerate(infos):
            for row in np.flatnonzero(info.get("_final_obs", ())):
                last[k * self.size + row] = self._wide(k, info["final_obs"][row])
        over: dict[str, Any] = {"final_obs": last, "_final_obs": np.array([each is not None for each in last])}
        over |= self._costs(infos, [died | cut for died, cut in zip(terminated, truncated, strict=True)])
        return self._widened(seen), np.concatenate(rewards), np.concatenate(terminated), np.concatenate(truncated), over

    @staticmethod
    def _costs(infos: Sequence[dict[str, Any]], ended: Sequence[Array]) -> dict[str, Any]:
        """What the visit cost, where every disease tells it."""
        if not all("cost" in info for info in infos):
            return {}
        costs = np.concatenate([costs_in(*each) for each in zip(infos, ended, strict=True)])
        return {"cost": costs, "final_info": {"cost": costs}}

    def _rows(self, k: int) -> Array:
        return np.arange(k * self.size, (k + 1) * self.size)[:, None]

    def _widened(self, seen: Sequence[Array]) -> Array:
        return np.concatenate([self._wide(k, rows) for k, rows in enumerate(seen)])

    def _wide(self, k: int, seen: Array) -> Array:
        wide = np.zeros((*seen.shape[:-1], self.width), dtype=np.float32)
        wide[..., self.columns[k]] = seen
        return wide

    def snapshot(self) -> list[Any]:
        """All that the future depends on, to be pickled."""
        return [part.unwrapped.snapshot() for part in self.parts]  # type: ignore[attr-defined]

    def restore(self, snapshot: Sequence[Any]) -> None:
        """Go on from a snapshot."""
        for part, taken in zip(self.parts, snapshot, strict=True):
            part.unwrapped.restore(taken)  # type: ignore[attr-defined]

    def close_extras(self, **kwargs: Any) -> None:
        """Close the environments."""
        for part in self.parts:
            part.close()

    def together(self, policies: Sequence[Policy]) -> Specialists:
        """One policy for each disease, in order, as one policy of the mixture.

        Raises:
            ValueError: if there are not as many policies as diseases.
        """
        if len(policies) != len(self.parts):
            raise ValueError(f"a mixture of {len(self.parts)} diseases needs a policy each, got {len(policies)}")
        return Specialists(self, policies)

    def part_of(self, policy: TrainedPolicy, k: int) -> TrainedPolicy:
        """What a policy of the mixture does with the patients of one disease, as a policy of that disease.

        The columns of other diseases are zero at every visit, so that they only move the first layer's biases.
        """
        columns, entries = np.arange(self.width)[self.columns[k]], self.entries[k]
        own = (np.arange(policy.history)[:, None] * self.width + columns).ravel()
        absent = np.clip(-policy.mean / policy.scale, -policy.clip, policy.clip)
        absent[own] = 0.0
        first, last = policy.weights[0], policy.weights[-1]
        ends = np.cumsum(policy.levels)
        rows = np.concatenate([np.arange(ends[entry] - policy.levels[entry], ends[entry]) for entry in entries])
        return replace(
            policy,
            drugs=self.clinics[k].drugs,
            mean=policy.mean[own],
            scale=policy.scale[own],
            weights=(first[:, own], *policy.weights[1:-1], last[rows]),
            biases=(policy.biases[0] + first @ absent, *policy.biases[1:-1], policy.biases[-1][rows]),
            levels=tuple(policy.levels[entry] for entry in entries),
        )


class Specialists:
    """Policies that each treat the patients of their own disease of a mixture; see `SeveralDiseasesEnv.together`."""

    def __init__(self, mixture: SeveralDiseasesEnv, policies: Sequence[Policy]) -> None:
        self.mixture, self.policies = mixture, policies

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = False,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`; an entry that a disease does not have is 0."""
        mixture = self.mixture
        actions = np.zeros((mixture.num_envs, len(mixture.single_action_space.nvec)), dtype=np.int64)  # type: ignore[attr-defined]
        memories = []
        for k, policy in enumerate(self.policies):
            rows = slice(k * mixture.size, (k + 1) * mixture.size)
            own, memory = policy.predict(
                observation[rows, mixture.columns[k]],
                None if state is None else state[k],
                None if episode_start is None else episode_start[rows],
                deterministic,
            )
            actions[rows, mixture.entries[k]] = own
            memories.append(memory)
        return actions, tuple(memories)
