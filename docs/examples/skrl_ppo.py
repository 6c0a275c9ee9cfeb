"""PPO of skrl on the native vector environment: python docs/examples/skrl_ppo.py [visits].

pip install metastasis-env skrl torch

skrl knows no step that only resets, so the vector environment resets in the same step (`SAME_STEP`).
"""

import sys
import tempfile

import gymnasium as gym
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.trainers.torch import SequentialTrainer
from skrl.utils import set_seed
from skrl.utils.model_instantiators.torch import deterministic_model, multicategorical_model

import metaenv  # noqa: F401 - registers the ids

PATIENTS, ROLLOUT = 32, 32
LAYERS = [{"name": "net", "input": "OBSERVATIONS", "layers": [64, 64], "activations": "tanh"}]


def main(visits: int) -> None:
    """Learn for as many visits of each patient, and say what the value network expects of newcomers."""
    set_seed(0)
    env = wrap_env(gym.make_vec("metaenv/Prostate-v1", num_envs=PATIENTS, autoreset_mode="SAME_STEP"))
    spaces = {"observation_space": env.observation_space, "action_space": env.action_space}
    models = {
        "policy": multicategorical_model(**spaces, device=env.device, network=LAYERS, output="ACTIONS"),
        "value": deterministic_model(**spaces, device=env.device, network=LAYERS, output="ONE"),
    }
    settings = PPO_CFG(rollouts=ROLLOUT, learning_epochs=4, mini_batches=4, discount_factor=0.999, learning_rate=3e-4)
    settings.experiment.directory = tempfile.mkdtemp(prefix="skrl-")
    settings.experiment.write_interval = settings.experiment.checkpoint_interval = 0
    memory = RandomMemory(memory_size=ROLLOUT, num_envs=PATIENTS, device=env.device)
    agent = PPO(models=models, memory=memory, cfg=settings, device=env.device, **spaces)
    plan = {"timesteps": visits, "headless": True, "close_environment_at_exit": False}
    SequentialTrainer(env=env, agents=agent, cfg=plan).train()
    patients, _ = env.reset()
    expected = models["value"].act({"observations": patients}, role="value")[0].mean()
    print(f"{visits * PATIENTS} visits; the value network expects {expected.item():.2f} quality-adjusted years")
    env.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
