"""Every component of the reward by itself, in MO-Gymnasium: python docs/examples/mo_gymnasium_rewards.py [visits].

Needs `mo-gymnasium`. Components are in the order of `metaenv.COMPONENTS`.
"""

import sys
from typing import Any

import gymnasium as gym
import numpy as np
from mo_gymnasium.wrappers.vector import MORecordEpisodeStatistics, MOSyncVectorEnv

import metaenv  # noqa: F401 - registers the environments
from metaenv.wrappers import BatchedVectorReward, VectorReward


def one() -> Any:
    """One patient, whose reward is a vector."""
    return VectorReward(gym.make("metaenv/Prostate-v1"))


def main(visits: int) -> None:
    """Treat at random; print what patients gained and lost on average, by component."""
    native = BatchedVectorReward(gym.make_vec("metaenv/Prostate-v1", num_envs=16))
    for envs in (native, MOSyncVectorEnv([one] * 4)):
        recorded = MORecordEpisodeStatistics(envs, gamma=0.99)
        recorded.reset(seed=0)
        episodes = []
        for _ in range(visits):
            *_, infos = recorded.step(recorded.action_space.sample())
            if "episode" in infos:
                episodes.extend(infos["episode"]["r"][infos["_episode"]])
        print(type(envs).__name__, len(episodes), "episodes", np.round(np.mean(episodes, axis=0), 2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
