"""Direct search: the weights of a trained network, moved so that patients with the same luck fare better.

Gradients of a policy's return compare patients that differ in everything. Where a single dose hardly matters and only
the whole schedule does, that difference drowns what is looked for; where nothing is left to chance, two policies that
treat the very same patients can be told apart exactly. So candidates, drawn by CMA-ES around the present weights, all
face the same patients; the next generation faces others, so that nothing is learned that suits a few alone. The first
layer is searched along the principal directions of what the policy sees. For networks of some hundred weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv_agents.policy import FloatArray
from metaenv_agents.rl.batched_policies import BatchedPolicies
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.search_coordinates import SearchCoordinates
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Score, TrainingRecord
from metaenv_experiments.evaluation.visit_recorder import record
from metaenv_experiments.running.run_folder import POLICY, RunFolder
from metaenv_experiments.running.stored_records import Record
from metaenv_experiments.training.evolution import evolution

Objective = Literal["return", "log_survival"]  # of patients, whose mean is made high

COORDINATES = "coordinates.npz"  # the directions in which the first layer is searched

Scores = list[float]  # of each candidate of a generation, the higher the better


def search(
    start: FloatArray,
    scores_of: Callable[[int, list[FloatArray]], Scores],
    *,
    generations: int,
    candidates: int,
    step: float,
    seed: int,
    known: Sequence[Scores] = (),
) -> Iterator[tuple[Scores, FloatArray]]:
    """Maximise by CMA-ES; yield every new generation, and the point (coordinate,) about which the next is drawn.

    Args:
        start: (coordinate,) where the search begins.
        scores_of: tries the candidates of a generation, which it is told by its number from 0.
        generations: to try in all; those of `known` count.
        candidates: per generation, >= 4.
        step: standard deviation of the candidates' coordinates at the start, > 0.
        seed: of the search.
        known: generations that were tried before; they are replayed, so that the search goes on as if never cut off.

    Raises:
        ValueError: `known` is of other generations.
    """
    strategy = evolution(start.tolist(), step, seed=seed, popsize=candidates)
    for number in range(generations):
        drawn = strategy.ask()
        tried = number < len(known)
        scores = known[number] if tried else scores_of(number, [np.asarray(each) for each in drawn])
        if len(scores) != candidates:
            raise ValueError(f"a search resumes with as many candidates, got {len(scores)} -> {candidates}")
        strategy.tell(drawn, [-score for score in scores])
        if not tried:
            yield scores, np.array(strategy.mean)


@dataclass
class Candidates:
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
        batched = BatchedPolicies.of_policies([self.coordinates.policy_at(point) for point in candidates])
        ids = np.tile(self.ids(generation), len(candidates))
        episodes = play(self.task, lambda env: batched, ids).episodes
        self.visits = int(np.ceil(episodes["survival_days"] / self.task.scenario.visit_interval).sum())
        means = measured(episodes, self.objective).reshape(len(candidates), -1).mean(axis=1)
        return [float(mean) for mean in means]


def coordinates(policy: TrainedPolicy, task: Task) -> SearchCoordinates:
    """Where to search: the directions in which differs what a policy sees once it looks back on visits alone."""
    found = record(
        task, lambda env: policy, lambda env: lambda observation, memory, actions: policy.first_layer_input(memory)
    )
    full = found.lived & (np.arange(found.lived.shape[1]) >= policy.history - 1)
    return SearchCoordinates.of(policy, found.notes[full if full.any() else found.lived])


def measured(episodes: pd.DataFrame, objective: Objective) -> FloatArray:
    """What is to be high, (patient,): the return, or the log of the days survived, of which nobody has fewer than 1."""
    if objective == "return":
        return np.asarray(episodes["return"], dtype=np.float64)
    return np.log(np.maximum(np.asarray(episodes["survival_days"], dtype=np.float64), 1.0))  # days


@dataclass(frozen=True, kw_only=True)
class Tried(Record):
    """The scores of every candidate so far, so that a killed search is replayed."""

    file: ClassVar[str] = "tried.json"

    generations: tuple[Scores, ...] = ()
    visits: int = 0
    scores: tuple[Score, ...] = ()


class Refinement:
    """What the folder holds: the best policy, the course of the search, and what replays it.

    Args:
        folder: the run folder.
        begun: record of the training that the search begins from.
        validation_patients: count, who judge.
    """

    def __init__(self, folder: RunFolder, begun: TrainingRecord, *, validation_patients: int) -> None:
        self.folder, self.begun, self.validation_patients = folder, begun, validation_patients
        stored = Tried.read(folder.path) if folder.has(Tried.file) else Tried()
        self.generations: list[Scores] = list(stored.generations)
        self.visits = stored.visits
        self.scores: list[Score] = list(stored.scores)

    def coordinates(self, start: TrainedPolicy, task: Task) -> SearchCoordinates:
        """Where to search, found on the patients of a task and then kept."""
        if not self.folder.has(COORDINATES):
            self.folder.write_bytes(COORDINATES, coordinates(start, task).to_bytes())
        return SearchCoordinates.from_bytes(start, (self.folder.path / COORDINATES).read_bytes())

    @property
    def best(self) -> float:
        """The highest score on validation patients."""
        return max((score.mean_return for score in self.scores), default=-np.inf)

    def add(self, generation: Scores, visits: int) -> None:
        """Remember what was tried."""
        self.generations.append(generation)
        self.visits += visits

    def judge(self, policy: TrainedPolicy, score: float) -> None:
        """Keep a policy if no other was as good."""
        if score > self.best:
            self.folder.write_bytes(POLICY, policy.to_bytes())
        self.scores.append(Score(self.begun.steps + self.visits, score))

    def write(self, *, finished: bool) -> None:
        """Write down where the search stands; a policy that is written before it is found again on resuming."""
        refined = replace(
            self.begun,
            refined=True,
            validation_patients=self.validation_patients,
            steps=self.begun.steps + self.visits,
            finished=finished,
            scores=tuple(self.scores),
        )
        refined.write(self.folder.path)
        Tried(generations=tuple(self.generations), visits=self.visits, scores=tuple(self.scores)).write(
            self.folder.path
        )
