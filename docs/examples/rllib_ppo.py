"""PPO of RLlib on the native vector environment: python docs/examples/rllib_ppo.py [iterations].

Needs `ray[rllib]`, whose version of Gymnasium is its own; `make ecosystem` makes an environment for it. Gymnasium's
default of autoreset, `NEXT_STEP`, is what RLlib expects.
"""

import sys
from typing import Any

from ray.rllib.algorithms.ppo import PPOConfig


def config(patients: int = 64, visits: int = 4096, minibatch: int = 1024, env_runners: int = 0) -> Any:
    """Settings of PPO on prostate cancer.

    Args:
        patients: treated side by side by each env runner.
        visits: played between two updates, of all patients.
        minibatch: visits per gradient step.
        env_runners: processes that play; 0 plays in this one.
    """
    return (
        PPOConfig()
        .environment("metaenv:metaenv/Prostate-v1")  # the module's name lets every process register it
        .env_runners(
            num_env_runners=env_runners,
            num_envs_per_env_runner=patients,
            gym_env_vectorize_mode="vector_entry_point",
        )
        .training(train_batch_size_per_learner=visits, minibatch_size=minibatch, num_epochs=5, gamma=0.999, lr=3e-4)
    )


def main(iterations: int) -> None:
    """Train, and print the mean return of the patients whose treatment ended."""
    algorithm = config().build_algo()
    for iteration in range(1, iterations + 1):
        played = algorithm.train()["env_runners"]
        visits, mean_return = played["num_env_steps_sampled_lifetime"], played["episode_return_mean"]
        print(f"{iteration}: {visits:.0f} visits, return {mean_return:.2f}")
    algorithm.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
