"""Own policies, to be scored beside the rules on the same unseen patients.

    metaenv benchmark --own docs/examples/own_policy.py:policy docs/examples/own_policy.py:Stepwise

or, in Python, `print(metaenv_experiments.score(policy))`. What has Stable-Baselines3's `predict` is a policy too, such
as a trained model: `model = PPO.load("mine.zip")` in a file like this, and `--own mine.py:model`.
"""

import gymnasium as gym
import numpy as np

import metaenv  # noqa: F401  registers the environments
from metaenv_agents import Clinic

layout = gym.make("metaenv/Prostate-v1").unwrapped.layout  # measurements by name


def policy(observation):
    """A function of one patient's observation: abiraterone while PSA is above half of its first value."""
    ratio = observation[layout.marker_ratio][0]
    return [2 if ratio > 0.5 else 0, 0]  # abiraterone, docetaxel: 0 none, 1 half, 2 full


class Stepwise:
    """A policy of all patients at once, with a memory: the next drug once a scan has shown progression under the last.

    Made anew for every environment, single or vector, from what the clinic may know.
    """

    def __init__(self, clinic: Clinic):
        self.clinic = clinic

    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        """Actions (patient, entry) and the memory, here the number of each patient's drug, (patient,)."""
        patients, drugs = len(observation), len(self.clinic.drugs)
        line = np.zeros(patients, dtype=int) if state is None else np.where(episode_start, 0, state)
        worse = self.clinic.scanned(observation) & self.clinic.progressive(observation)
        line = np.minimum(line + worse, drugs - 1)
        return self.clinic.encode(np.eye(drugs)[line]), line
