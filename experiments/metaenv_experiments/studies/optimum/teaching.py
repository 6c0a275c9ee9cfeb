"""A network taught the two-population model's exact optimum: round by round it plays, and is told what it lost.

The optimum of a patient is found with the patient's parameters. The network is shown what policies are shown, learns
from patients who all differ, and treats others, whom nobody solved.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from metaenv.clinic.codes import LEVELS
from metaenv_agents.control.dynamic_programming import RESISTANT, SENSITIVE, BestDoses, Optimum
from metaenv_agents.policy import Array, FloatArray, Policy
from metaenv_agents.rl.aggrevate import initial_point, learn, untrained
from metaenv_agents.rl.history import History
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.rl.search_coordinates import SearchCoordinates
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.visit_recorder import record
from metaenv_experiments.running.processes import Map
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.optimum.refining import COORDINATES

SOLVED, ROUND = "solved/{}.npz", "rounds/{}.npz"  # of a patient by id, and of a round by number
FIRST = "rounds/optimum.npz"  # the round in which the optimum played
BLANK = "blank.npz"  # a policy that has learned nothing: what its inputs are scaled by


class Lesson(NamedTuple):
    """What was seen in a round, at visits with as many before them as are remembered, and what doses lose there."""

    seen: Array  # (visit, history x measurement), or once there are coordinates (visit, direction)
    losses: FloatArray  # (visit, dose) share of the days that the best doses promise the patient from the start
    visits: int  # that were played, the first ones too


class Round(NamedTuple):
    """A network, how it fared, and what was then seen; of the first, the optimum played in its place."""

    point: FloatArray  # (coordinate,)
    score: float  # of validation patients; nan of the first
    lesson: Lesson

    def to_bytes(self) -> bytes:
        """Write it as a NumPy archive without pickles."""
        buffer = io.BytesIO()
        np.savez(buffer, point=self.point, score=self.score, **self.lesson._asdict())
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote; nothing in it is executed."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            lesson = Lesson(archive["seen"], archive["losses"], int(archive["visits"]))
            return cls(archive["point"], float(archive["score"]), lesson)


class _Optimum:
    """Treats by the exact optimum; its memory is that of a network that looks back on as many visits."""

    def __init__(self, env: Any, best: BestDoses, history: int) -> None:
        self.env, self.best = env, best
        self.history = History(visits=history, width=env.unwrapped.layout.size)

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`; all patients start together."""
        past = self.history.empty(len(observation)) if state is None else state
        memory = self.history.push(past, observation, np.zeros(len(observation), dtype=np.bool_))
        return days_after(self.env, self.best).argmax(axis=1)[:, None], memory


def days_after(env: Any, best: BestDoses) -> FloatArray:
    """Days without progression that can follow each dose now, (patient, dose)."""
    cells = env.unwrapped.cohort.state.proliferating[:, 0]
    return best.after(cells[:, SENSITIVE], cells[:, RESISTANT])


def solved(task: Task, folder: RunFolder, each_of: Map) -> Iterator[Optimum]:
    """The optima of a task's patients as they come, those of the folder first; what is found is kept there."""
    missing = []
    for identity in map(int, task.ids):
        if folder.has(SOLVED.format(identity)):
            yield Optimum.from_bytes((folder.path / SOLVED.format(identity)).read_bytes())
        else:
            missing.append((task, identity))
    for _, optimum in each_of.each(_solve, missing):
        folder.write_bytes(SOLVED.format(optimum.identity), optimum.to_bytes())
        yield optimum


def _solve(asked: tuple[Task, int]) -> Optimum:
    task, identity = asked
    return Optimum.of(task.scenario, identity)


@dataclass
class Teaching:
    """Rounds of play and learning.

    Attributes:
        task: with the patients who are played, whose action is levels.
        best: of these patients, in their order.
        coordinates: where the networks are searched.
        first: round, in which the optimum played.
        seed: of the order of learning.
    """

    task: Task
    best: BestDoses
    coordinates: SearchCoordinates
    first: Round
    seed: int

    @classmethod
    def begin(
        cls, task: Task, best: BestDoses, folder: RunFolder, *, history: int, net_arch: tuple[int, ...], seed: int
    ) -> Self:
        """Watch the optimum: from what it sees follow the inputs' scale and the directions; or read it all again.

        Args:
            task: as above.
            best: as above.
            folder: where it is kept.
            history: visits that the network sees side by side.
            net_arch: tanh units of each layer.
            seed: of the network too.
        """
        if not folder.has(FIRST):
            lesson = watch(task, best, None, history)
            drugs = tuple(drug.name for drug in task.scenario.drugs)
            start = untrained(drugs, (LEVELS,), history=history, net_arch=net_arch, seen=lesson.seen)
            found = SearchCoordinates.of(start, start.first_layer_input(lesson.seen))
            folder.write_bytes(BLANK, start.to_bytes())
            folder.write_bytes(COORDINATES, found.to_bytes())
            first = Round(initial_point(found, seed=seed), np.nan, _along(found, lesson))
            folder.write_bytes(FIRST, first.to_bytes())
        content = {name: (folder.path / name).read_bytes() for name in (BLANK, COORDINATES, FIRST)}
        coordinates = SearchCoordinates.from_bytes(TrainedPolicy.from_bytes(content[BLANK]), content[COORDINATES])
        return cls(task, best, coordinates, Round.from_bytes(content[FIRST]), seed)

    def rounds(self, before: Sequence[Round]) -> Iterator[tuple[FloatArray, Lesson]]:
        """Networks without end, (coordinate,) each, with what they see; those `before` are not repeated."""
        past = [self.first, *before]
        point, lessons = past[-1].point, [each.lesson for each in past]
        while True:
            seen, losses = (np.concatenate([getattr(each, name) for each in lessons]) for name in ("seen", "losses"))
            point = learn(self.coordinates, point, seen, losses, seed=self.seed + len(lessons))
            policy = self.coordinates.policy_at(point)
            lessons.append(_along(self.coordinates, watch(self.task, self.best, policy, policy.history)))
            yield point, lessons[-1]


def watch(task: Task, best: BestDoses, policy: TrainedPolicy | None, history: int) -> Lesson:
    """Let a policy treat the task's patients, or for None the optimum, and write down what it saw and lost.

    What can follow a dose is counted as if the follow-up began at that visit, also where its end is near.
    """

    def make(env: Any) -> Policy:
        return _Optimum(env, best, history) if policy is None else policy

    def note(env: Any) -> Callable[[Array, Any, Array], Array]:
        return lambda observation, memory, actions: np.hstack([memory, days_after(env, best)])

    found = record(task, make, note)
    seen, days = np.split(found.notes, [-LEVELS], axis=2)  # (patient, visit, …)
    treated = found.lived
    full = treated & (np.arange(seen.shape[1]) >= history - 1)
    kept = full if full.any() else treated
    promised = np.array([optimum.days for optimum in best.optima])
    losses = (days.max(axis=2, keepdims=True) - days) / promised[:, None, None]
    return Lesson(seen[kept].astype(np.float32), losses[kept].astype(np.float32), int(treated.sum()))


def _along(coordinates: SearchCoordinates, lesson: Lesson) -> Lesson:
    seen = coordinates.project(coordinates.policy.first_layer_input(lesson.seen))
    return lesson._replace(seen=seen.astype(np.float32))
