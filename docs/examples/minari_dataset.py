"""Record courses with Minari, reload them, make the environment anew and play them again: minari_dataset.py [patients].

pip install metastasis-env "minari[create,hdf5]"

No seed is given: Minari draws one of 64 bits for every patient and keeps it, and the environment takes it. The data
set goes where Minari keeps its own, `MINARI_DATASETS_PATH` or ~/.minari.
"""

import sys

import gymnasium as gym
import minari
import numpy as np

import metaenv  # noqa: F401 - registers the ids

NAME = "metaenv/prostate/at-random-v0"


def main(patients: int) -> None:
    """Treat at random, what else; then see that the same happens again."""
    collector = minari.DataCollector(gym.make("metaenv/Prostate-v0", visit_interval=56), record_infos=True)
    for _ in range(patients):
        collector.reset()
        ended = False
        while not ended:
            _, _, terminated, truncated, _ = collector.step(collector.action_space.sample())
            ended = terminated or truncated
    if NAME in minari.list_local_datasets():
        minari.delete_dataset(NAME)
    collector.create_dataset(NAME, num_episodes_average_score=2)

    dataset = minari.load_dataset(NAME)
    env = dataset.recover_environment()
    for episode in dataset.iterate_episodes():
        (kept,) = dataset.storage.get_episode_metadata([episode.id])
        seen = [env.reset(seed=int(kept["seed"]))[0]]
        paid = []
        for action in episode.actions:
            observation, reward, terminated, truncated, _ = env.step(action)
            seen.append(observation)
            paid.append(reward)
        assert np.array_equal(seen, episode.observations) and np.array_equal(paid, episode.rewards)
        assert (terminated, truncated) == (episode.terminations[-1], episode.truncations[-1])
    print(f"{dataset.total_episodes} patients, {dataset.total_steps} visits, played again bit by bit")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
