"""PPO in one file of plain torch on the native vector environment: python docs/examples/cleanrl_ppo.py [rounds].

pip install metastasis-env torch

Gymnasium's default of autoreset, `NEXT_STEP`, needs care: the step after an episode's last one ignores the action and
brings the next patient's first observation. Such a row is no visit: nobody learns from it (`real`) and no advantage
flows over it (`ended`). In return the last observation stands where it belongs, so a cut-off episode is valued by it.
"""

import sys

import gymnasium as gym
import torch
from torch.distributions import Categorical
from torch.nn import Linear, Sequential, Tanh

import metaenv  # noqa: F401 - registers the ids

PATIENTS, VISITS, DISCOUNT, SMOOTHING = 64, 64, 0.999, 0.95


def advantages(rewards, values, terminated, ended):
    """Generalised advantages, (visit, patient); `values` has one visit more, `terminated` ends without a value."""
    found, later = torch.zeros_like(rewards), 0.0
    for visit in reversed(range(len(rewards))):
        following = values[visit + 1] * ~terminated[visit]
        surprise = rewards[visit] + DISCOUNT * following - values[visit]
        found[visit] = later = surprise + DISCOUNT * SMOOTHING * ~ended[visit] * later
    return found


def main(rounds):
    """Learn, and say what the patients returned whose treatment ended in each round."""
    torch.manual_seed(0)
    envs = gym.make_vec("metaenv/Prostate-v1", num_envs=PATIENTS, action="joint")  # one number for all doses
    width, choices = envs.single_observation_space.shape[0], int(envs.single_action_space.n)
    actor = Sequential(Linear(width, 64), Tanh(), Linear(64, choices))
    critic = Sequential(Linear(width, 64), Tanh(), Linear(64, 1))
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=1e-3)
    observation, info = envs.reset(seed=0)
    waiting, running, learned_from = torch.zeros(PATIENTS, dtype=torch.bool), torch.zeros(PATIENTS), 0
    for played in range(1, rounds + 1):
        rows, returns = [], []
        for _ in range(VISITS):
            seen, allowed, real = torch.tensor(observation), torch.tensor(info["action_mask"]), ~waiting
            with torch.no_grad():
                policy = Categorical(logits=actor(seen).masked_fill(~allowed, -1e9))
                action = policy.sample()
            observation, reward, terminated, truncated, info = envs.step(action.numpy())
            reward, terminated = torch.tensor(reward).float(), torch.tensor(terminated)
            waiting = terminated | torch.tensor(truncated)
            rows.append((seen, allowed, action, policy.log_prob(action), reward, terminated, waiting, real))
            running = (running + reward) * real
            returns.extend(running[waiting].tolist())
        seen, allowed, action, before, reward, terminated, ended, real = map(torch.stack, zip(*rows, strict=True))
        with torch.no_grad():
            values = critic(torch.cat([seen, torch.tensor(observation)[None]])).squeeze(-1)
            gain = advantages(reward, values, terminated, ended)
        lessons = (seen, allowed, action, before, gain, gain + values[:-1])
        seen, allowed, action, before, gain, target = (each[real] for each in lessons)
        gain = (gain - gain.mean()) / gain.std()
        for part in torch.cat([torch.randperm(len(gain)) for _ in range(4)]).split(512):
            policy = Categorical(logits=actor(seen[part]).masked_fill(~allowed[part], -1e9))
            ratio = (policy.log_prob(action[part]) - before[part]).exp()
            worst = torch.minimum(ratio * gain[part], ratio.clamp(0.8, 1.2) * gain[part])
            misjudged = (critic(seen[part]).squeeze(-1) - target[part]).square()
            loss = (-worst + 0.5 * misjudged - 0.01 * policy.entropy()).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        learned_from += len(gain)
        mean = sum(returns) / max(1, len(returns))
        print(f"{played}: {learned_from} visits, {len(returns)} patients, return {mean:.2f} quality-adjusted years")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
