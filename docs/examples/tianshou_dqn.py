"""DQN of Tianshou on patients side by side: python docs/examples/tianshou_dqn.py [visits].

pip install metastasis-env tianshou

Tianshou runs single environments and, for a number of episodes, takes more of those whose patients die early: so that
each unseen patient counts once, as many environments test as there are patients, each with one.
"""

import sys
from functools import partial

import gymnasium as gym
from tianshou.algorithm.modelfree.dqn import DQN, DiscreteQLearningPolicy
from tianshou.algorithm.optim import AdamOptimizerFactory
from tianshou.data import Collector, VectorReplayBuffer
from tianshou.env import DummyVectorEnv
from tianshou.trainer import OffPolicyTrainerParams
from tianshou.utils.net.common import Net

import metaenv

SIDE_BY_SIDE = 4
UNSEEN = list(metaenv.COHORTS["validation"][:8])


def patient(**arguments: object) -> gym.Env:
    """One environment with one number for all doses."""
    return gym.make("metaenv/Prostate-v1", action="joint", **arguments)


def main(visits: int) -> None:
    """Learn for that many visits, and treat each unseen patient once."""
    train = DummyVectorEnv([patient] * SIDE_BY_SIDE)
    test = DummyVectorEnv([partial(patient, patients=[who]) for who in UNSEEN])
    example = patient()
    net = Net(state_shape=example.observation_space.shape, action_shape=example.action_space.n, hidden_sizes=[64, 64])
    policy = DiscreteQLearningPolicy(model=net, action_space=example.action_space, eps_training=0.1)
    learner = DQN(policy=policy, optim=AdamOptimizerFactory(lr=1e-3), gamma=0.999, target_update_freq=100)
    training = Collector(learner, train, VectorReplayBuffer(20_000, SIDE_BY_SIDE), exploration_noise=True)
    params = OffPolicyTrainerParams(
        training_collector=training, test_collector=Collector(learner, test), test_step_num_episodes=len(UNSEEN),
        max_epochs=1, epoch_num_steps=visits, collection_step_num_env_steps=40, batch_size=64,
        update_step_num_gradient_steps_per_sample=0.25, show_progress=False, verbose=False,
    )  # fmt: skip
    outcome = learner.run_training(params)
    print(f"{outcome.train_step} visits, {outcome.best_reward:.2f} quality-adjusted years in {len(UNSEEN)} unseen")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
