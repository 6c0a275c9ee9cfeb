"""Long life within a limit of harm, as Safety-Gymnasium states it: python docs/examples/safety_cost.py [rounds].

pip install metastasis-env stable-baselines3

`info["cost"]` is the hazard of death by treatment that a visit brought, `info["cost/<kind>"]` its parts; what is paid
does not change by it. `metaenv.wrappers.CostReturn` puts it behind the reward, as a sixth of what `step` returns.
A multiplier of Lagrange prices it: it rises while patients bear more than LIMIT each, and falls while they bear less.
"""

import sys
from typing import Any

import gymnasium as gym
from stable_baselines3 import PPO

import metaenv  # noqa: F401 - registers the ids
from metaenv.wrappers import CostReturn

LIMIT, PACE, VISITS = 0.005, 20.0, 512


class Priced(gym.Wrapper):
    """Pays the reward less the price of the cost, and adds up what patients bore."""

    price, borne, patients = 0.0, 0.0, 0

    def step(self, action: Any) -> Any:
        """Treat the patient until the next visit."""
        observation, reward, cost, terminated, truncated, info = self.env.step(action)
        self.borne += cost
        self.patients += terminated or truncated
        return observation, reward - self.price * cost, terminated, truncated, info


def main(rounds: int) -> None:
    """Learn, and move the price between the rounds."""
    env = Priced(CostReturn(gym.make("metaenv/Prostate-v1")))
    learner = PPO("MlpPolicy", env, n_steps=VISITS, batch_size=64, gamma=0.999, seed=0)
    for played in range(1, rounds + 1):
        env.borne, env.patients = 0.0, 0
        learner.learn(VISITS, reset_num_timesteps=played == 1)
        each = env.borne / max(1, env.patients)
        env.price = max(0.0, env.price + PACE * (each - LIMIT))
        print(f"{played}: {each:.4f} borne by each of {env.patients} patients, {LIMIT} allowed, price {env.price:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
