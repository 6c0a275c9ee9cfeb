"""Record courses with Minari, reload them, make the environment anew and play them again: minari_dataset.py [patients].

pip install metastasis-env "minari[create,hdf5]"; the data go to MINARI_DATASETS_PATH or ~/.minari
"""

import sys
from typing import Any

import gymnasium as gym
import minari
import numpy as np

import metaenv  # noqa: F401 - registers the ids

NAME = "metaenv/prostate/at-random-v0"


class Dotted(minari.StepDataCallback):
    """What is kept of a visit, with dots in the names."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """HDF5 takes a slash for a folder, and `cost` cannot be both a number and the folder of `cost/sepsis`."""
        kept = super().__call__(*arguments, **named)
        return kept | {"info": {name.replace("/", "."): value for name, value in kept["info"].items()}}


def main(patients: int) -> None:
    """Treat at random, what else; then see that the same happens again."""
    env = gym.make("metaenv/Prostate-v1", visit_interval=56)  # days
    collector = minari.DataCollector(env, step_data_callback=Dotted, record_infos=True)
    for _ in range(patients):
        collector.reset()  # Minari draws a seed of 64 bits for each patient
        while not any(collector.step(collector.action_space.sample())[2:4]):
            pass
    if NAME in minari.list_local_datasets():
        minari.delete_dataset(NAME)
    collector.create_dataset(NAME, num_episodes_average_score=2)
    dataset = minari.load_dataset(NAME)
    env = dataset.recover_environment()
    for episode in dataset.iterate_episodes():
        (kept,) = dataset.storage.get_episode_metadata([episode.id])
        seen = [env.reset(seed=int(kept["seed"]))[0]]
        played = [env.step(action) for action in episode.actions]
        same = np.array_equal(seen + [visit[0] for visit in played], episode.observations)
        assert same and np.array_equal([visit[1] for visit in played], episode.rewards)
    print(f"{dataset.total_episodes} patients, {dataset.total_steps} visits, played again bit by bit")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
