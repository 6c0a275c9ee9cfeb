"""Direct search: the weights of a trained network, moved so that patients with the same luck fare better.

Gradients of a policy's return compare patients that differ in everything. Where a single dose hardly matters and only
the habit does, that difference drowns what is looked for; where nothing is left to chance, two policies that treat the
very same patients can be told apart exactly. So candidates, drawn by CMA-ES around the present weights, all face the
same patients; the next generation faces others, so that no habit is learned that suits a few alone. The first layer is
searched along the principal directions of what the policy sees. For networks of some hundred weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv_agents.policy import Array, FloatArray
from metaenv_agents.rl.batched_policies import BatchedPolicies
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.search_coordinates import SearchCoordinates
from metaenv_experiments.config_learning import Objective
from metaenv_experiments.running.evolution import evolution
from metaenv_experiments.running.store import POLICY, TRAINING, RunFolder
from metaenv_experiments.trials.rollout import lived, play
from metaenv_experiments.trials.tasks import Task

TOLD = "told.json"  # scores of every candidate, so that a killed search is replayed
COORDINATES = "coordinates.npz"  # the directions in which the first layer is searched
REFINED = "_refined"  # end of the algorithm's name

Scores = list[float]  # of each candidate of a generation, the higher the better


def search(
    start: FloatArray,
    scores_of: Callable[[int, list[FloatArray]], Scores],
    *,
    generations: int,
    candidates: int,
    step: float,
    seed: int,
    told: Sequence[Scores] = (),
) -> Iterator[tuple[Scores, FloatArray]]:
    """Maximise by CMA-ES; yield every new generation, and the place (coordinate,) about which the next is drawn.

    Args:
        start: (coordinate,) where the search begins.
        scores_of: tries the candidates of a generation, which it is told by its number from 0.
        generations: to try in all; those of `told` count.
        candidates: per generation, >= 4.
        step: standard deviation of the candidates' coordinates at the start, > 0.
        seed: of the search.
        told: generations that were tried before; they are replayed, so that the search goes on as if never cut off.

    Raises:
        ValueError: `told` is of other generations.
    """
    strategy = evolution(start.tolist(), step, seed=seed, popsize=candidates)
    for number in range(generations):
        drawn = strategy.ask()
        known = number < len(told)
        scores = told[number] if known else scores_of(number, [np.asarray(each) for each in drawn])
        if len(scores) != candidates:
            raise ValueError(f"a search resumes with as many candidates, got {len(scores)} -> {candidates}")
        strategy.tell(drawn, [-score for score in scores])
        if not known:
            yield scores, np.array(strategy.mean)


@dataclass
class Trials:
    """Candidates that treat the same patients side by side; every generation has patients of its own."""

    coordinates: SearchCoordinates  # in which the search moves
    task: Task  # with the patients of the first generation
    objective: Objective = "return"
    visits: int = 0  # of the last generation

    def ids(self, generation: int) -> NDArray[np.int64]:
        """The patients of a generation, (patient,); after the last of the cohort come the first again."""
        cohort = metaenv.COHORTS[self.task.cohort]
        return cohort.start + (self.task.ids - cohort.start + generation * self.task.patients) % len(cohort)

    def scores(self, generation: int, candidates: list[FloatArray]) -> Scores:
        """Mean objective of each candidate."""
        crowd = BatchedPolicies.of_policies([self.coordinates.policy_at(place) for place in candidates])
        ids = np.tile(self.ids(generation), len(candidates))
        episodes = play(self.task, lambda env: crowd, ids).episodes
        self.visits = int(np.ceil(episodes["survival_days"] / self.task.scenario.visit_interval).sum())
        means = measured(episodes, self.objective).reshape(len(candidates), -1).mean(axis=1)
        return [float(mean) for mean in means]


class _Watch:
    """Treats as the policy does and keeps what its first tanh layer is given at every visit."""

    def __init__(self, policy: TrainedPolicy) -> None:
        self.policy = policy
        self.seen: list[FloatArray] = []  # (patient, input) of each visit

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`."""
        actions, memory = self.policy.predict(observation, state, episode_start, deterministic)
        self.seen.append(self.policy.first_layer_input(memory))
        return actions, memory


def coordinates(policy: TrainedPolicy, task: Task) -> SearchCoordinates:
    """Where to search: the directions in which differs what a policy sees once it looks back on visits alone."""
    watch = _Watch(policy)
    episodes = play(task, lambda env: watch, task.ids).episodes
    seen = np.stack(watch.seen, axis=1)  # (patient, visit, input)
    treated = lived(task, episodes, len(watch.seen))
    full = treated & (np.arange(len(watch.seen)) >= policy.history - 1)
    return SearchCoordinates.of(policy, seen[full if full.any() else treated])


def measured(episodes: pd.DataFrame, objective: Objective) -> FloatArray:
    """What is to be high, (patient,): the return, or the log of the days survived, of which nobody has fewer than 1."""
    if objective == "return":
        return np.asarray(episodes["return"], dtype=np.float64)
    return np.log(np.maximum(np.asarray(episodes["survival_days"], dtype=np.float64), 1.0))  # days


class Kept:
    """What the folder holds: the best policy, the course of the search, and what replays it.

    Args:
        folder: the run folder.
        about: what the training that the search begins from says of itself.
    """

    def __init__(self, folder: RunFolder, about: dict[str, Any]) -> None:
        self.folder, self.about = folder, about
        none: dict[str, Any] = {"generations": [], "visits": 0, "scores": []}
        stored = folder.read_json(TOLD) if folder.has(TOLD) else none
        self.told: list[Scores] = stored["generations"]
        self.visits: int = stored["visits"]
        self.scores: list[dict[str, float]] = stored["scores"]

    def coordinates(self, start: TrainedPolicy, task: Task) -> SearchCoordinates:
        """Where to search, found on the patients of a task and then kept."""
        if not self.folder.has(COORDINATES):
            self.folder.write_bytes(COORDINATES, coordinates(start, task).to_bytes())
        return SearchCoordinates.from_bytes(start, (self.folder.path / COORDINATES).read_bytes())

    @property
    def best(self) -> float:
        """The highest score on validation patients."""
        return max((point["mean_return"] for point in self.scores), default=-np.inf)

    def add(self, generation: Scores, visits: int) -> None:
        """Remember what was tried."""
        self.told.append(generation)
        self.visits += visits

    def judge(self, policy: TrainedPolicy, score: float) -> None:
        """Keep a policy if no other was as good."""
        if score > self.best:
            self.folder.write_bytes(POLICY, policy.to_bytes())
        self.scores.append({"steps": self.about["steps"] + self.visits, "mean_return": score})

    def write(self, *, validation_patients: int, finished: bool) -> None:
        """Write down where the search stands; a policy that is written before it is found again on resuming."""
        stored = {"generations": self.told, "visits": self.visits, "scores": self.scores}
        told = {
            "algo": f"{self.about['algo'].removesuffix(REFINED)}{REFINED}",
            "validation_patients": validation_patients,
            "steps": self.about["steps"] + self.visits,
            "finished": finished,
            "scores": self.scores,
        }
        self.folder.write_json(TRAINING, self.about | told)
        self.folder.write_json(TOLD, stored)
