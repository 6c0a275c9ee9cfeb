"""Offline learning with d3rlpy from what a clinic did: python docs/examples/d3rlpy_offline.py [steps].

pip install metastasis-env d3rlpy, then pip install --no-deps gymnasium==1.4.0: d3rlpy pins gymnasium==1.0.0, which
knows no autoreset modes, and works with the newer one.
"""

import sys

import d3rlpy
import gymnasium as gym
import numpy as np

import metaenv

UNSEEN = list(metaenv.COHORTS["validation"][:4])


def clinic(patients: int, visits: int) -> d3rlpy.dataset.MDPDataset:
    """Courses of patients treated side by side by chance, half the time with nothing."""
    envs = gym.make_vec("metaenv/Prostate-v1", num_envs=patients, action="joint", autoreset_mode="DISABLED")
    seen, _ = envs.reset(seed=0)
    draws, alive = np.random.default_rng(0), np.ones(patients, dtype=bool)
    courses = [[] for _ in range(patients)]
    for _ in range(visits):
        action = np.where(draws.random(patients) < 0.5, 0, draws.integers(envs.single_action_space.n, size=patients))
        following, reward, terminated, truncated, _ = envs.step(action)
        for row in np.flatnonzero(alive):
            courses[row].append((seen[row], action[row], reward[row], terminated[row], truncated[row]))
        alive &= ~(terminated | truncated)  # in DISABLED mode the finished wait, and each patient counts once
        seen = following
    for course in courses:  # who is still treated when recording stops was cut off
        course[-1] = (*course[-1][:4], not course[-1][3])
    columns = zip(*(visit for course in courses for visit in course), strict=True)
    return d3rlpy.dataset.MDPDataset(*map(np.array, columns), action_space=d3rlpy.ActionSpace.DISCRETE, action_size=27)


def main(steps: int) -> None:
    """Learn without treating anybody, then treat unseen patients."""
    learner = d3rlpy.algos.DiscreteCQLConfig(batch_size=64, gamma=0.99).create()
    learner.fit(clinic(64, 60), n_steps=steps, n_steps_per_epoch=steps, show_progress=False,
                logger_adapter=d3rlpy.logging.NoopAdapterFactory())  # fmt: skip
    unseen = gym.make("metaenv/Prostate-v1", action="joint", patients=UNSEEN)
    mean = d3rlpy.metrics.evaluate_qlearning_with_environment(learner, unseen, n_trials=len(UNSEEN))
    print(f"{steps} steps, {mean:.2f} quality-adjusted years in {len(UNSEEN)} unseen patients")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
