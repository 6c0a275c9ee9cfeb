"""A film of one patient under AT50: half of the marker gone, treatment pauses until the marker is back.

Needs `pip install 'metastasis-env[video]'`. `python docs/examples/film.py` writes films/prostate-at50-episode-0.mp4;
with `--truth` it also shows the lesions that no scan has seen.
"""

import sys

import gymnasium
from gymnasium.wrappers import RecordVideo

import metaenv
from metaenv_agents.rules import make_rule


def film(folder: str, truth: bool, seed: int = 3) -> str:
    """Record one patient from the first visit to the last; returns where the film lies."""
    env = gymnasium.make("metaenv/Prostate-v1", render_mode="rgb_array", truth=truth)
    env = RecordVideo(env, folder, episode_trigger=lambda episode: True, name_prefix="prostate-at50")
    rule = make_rule("at50", env)
    observation, info = env.reset(seed=seed)
    memory, over = None, False
    while not over:
        action, memory = rule.predict(observation, memory)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated
    env.close()
    print(f"patient {info['patient']}: day {info['day']:.0f}, {metaenv.CAUSES[info['cause']]}")
    return f"{folder}/prostate-at50-episode-0.mp4"


if __name__ == "__main__":
    print(film("films", truth="--truth" in sys.argv))
