"""Stable-Baselines3 and sb3-contrib by the id: python docs/examples/sb3_by_id.py [visits].

pip install metastasis-env stable-baselines3 sb3-contrib

Each learns for as many visits as you say, which is enough to see it run, not to treat well. For speed use the native
vector environment through `metaenv_agents.rl.vec_env.VectorBridge` instead of many single ones.
"""

import sys

import gymnasium as gym
from sb3_contrib import MaskablePPO
from stable_baselines3 import DQN, PPO, SAC
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import SubprocVecEnv, VecNormalize

import metaenv  # registers the ids; "metaenv:metaenv/Prostate-v1" does without this line

ID = "metaenv/Prostate-v1"
UNSEEN = list(metaenv.COHORTS["validation"][:4])  # patients, each of whom is treated once in four episodes


def main(visits: int) -> None:
    """Learn with four algorithms, and evaluate on unseen patients."""
    unseen = make_vec_env(ID, env_kwargs={"patients": UNSEEN})
    rollout = {"n_steps": min(visits, 512), "batch_size": 64}
    learners = {
        "PPO": PPO("MlpPolicy", ID, **rollout),
        "MaskablePPO": MaskablePPO("MlpPolicy", ID, **rollout),  # reads what may be chosen from `action_masks()`
        "SAC": SAC("MlpPolicy", gym.make(ID, action="continuous"), learning_starts=64),
        "DQN": DQN("MlpPolicy", gym.make(ID, action="joint"), learning_starts=64),  # one number for all doses
    }
    for name, learner in learners.items():
        learner.learn(visits)
        print(f"{name}: {learner.num_timesteps} visits")

    several = make_vec_env(ID, n_envs=2, seed=0, vec_env_cls=SubprocVecEnv)
    normalized = VecNormalize(several, norm_reward=False)
    watch = EvalCallback(VecNormalize(unseen, training=False, norm_reward=False), eval_freq=visits, verbose=0)
    PPO("MlpPolicy", normalized, n_steps=min(visits, 512), batch_size=64).learn(2 * visits, callback=watch)
    several.close()
    mean, spread = evaluate_policy(learners["PPO"], unseen, n_eval_episodes=len(UNSEEN))
    print(f"PPO on {len(UNSEEN)} unseen patients: {mean:.2f} ± {spread:.2f} quality-adjusted years")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 512)
