"""A network taught the two-population model's exact optimum: round by round it plays, and is told what it lost.

The optimum of a patient is found with the patient's parameters. The network is shown what policies are shown, learns
from patients who all differ, and treats others, whom nobody solved.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from agents.control.dynamic_programming import DOSES, RESISTANT, SENSITIVE, BestDoses, Optimum
from agents.policy import Array, FloatArray
from agents.rl.aggrevate import beginning, blank, learn
from agents.rl.crowd import Coordinates
from agents.rl.history import History
from agents.rl.policy import TrainedPolicy
from experiments.running.processes import Map
from experiments.running.store import RunFolder
from experiments.trials.rollout import lived, play
from experiments.trials.tasks import Task

SOLVED, ROUND = "solved/{}.npz", "rounds/{}.npz"  # of a patient by id, and of a round by number


class Lesson(NamedTuple):
    """What was seen in a round, at visits with as many before them as are remembered, and what doses lose there."""

    seen: Array  # (visit, history x measurement), or once there are coordinates (visit, direction)
    losses: FloatArray  # (visit, dose) share of the days that the best doses promise the patient from the start
    visits: int  # that were played, the first ones too


class Round(NamedTuple):
    """A network, how it fared, and what it then saw."""

    place: FloatArray  # (coordinate,)
    score: float  # of validation patients
    lesson: Lesson

    def to_bytes(self) -> bytes:
        """Write it as a NumPy archive without pickles."""
        buffer = io.BytesIO()
        np.savez(buffer, place=self.place, score=self.score, **self.lesson._asdict())
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote; nothing in it is executed."""
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            lesson = Lesson(archive["seen"], archive["losses"], int(archive["visits"]))
            return cls(archive["place"], float(archive["score"]), lesson)


class _Watched:
    """Treats as a policy does, or as the optimum, and writes down what was seen and what could follow each dose."""

    def __init__(self, env: Any, policy: TrainedPolicy | None, best: BestDoses, history: int) -> None:
        self.cohort, self.policy, self.best = env.unwrapped.cohort, policy, best
        self.history = History(visits=history, width=env.unwrapped.layout.size)
        self.seen: list[Array] = []  # (patient, history x measurement) of each visit
        self.days: list[FloatArray] = []  # (patient, dose)

    def predict(
        self,
        observation: Array,
        state: Any = None,
        episode_start: Array | None = None,
        deterministic: bool = True,
    ) -> tuple[Array, Any]:
        """See `agents.policy.Policy.predict`; all patients start together."""
        cells = self.cohort.state.proliferating[:, 0].copy()
        self.days.append(self.best.after(cells[:, SENSITIVE], cells[:, RESISTANT]))
        if self.policy is None:
            past = self.history.empty(len(observation)) if state is None else state
            memory = self.history.push(past, observation, np.zeros(len(observation), dtype=np.bool_))
            actions: Array = self.days[-1].argmax(axis=1)[:, None]
        else:
            actions, memory = self.policy.predict(observation, state, episode_start, deterministic)
        self.seen.append(memory)
        return actions, memory


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
        history: visits that the network sees side by side.
        hidden: tanh units of each layer.
        seed: of the network and of the order of learning.
    """

    task: Task
    best: BestDoses
    history: int
    hidden: tuple[int, ...]
    seed: int

    def __post_init__(self) -> None:
        """Watch the optimum: from what it sees follow the inputs' scale and the directions."""
        lesson = self.watch(None)
        drugs = tuple(drug.name for drug in self.task.scenario.drugs)
        start = blank(drugs, (len(DOSES),), history=self.history, hidden=self.hidden, seen=lesson.seen)
        self.coordinates = Coordinates.of(start, start.first(lesson.seen))
        self.first = self._along(lesson)

    def rounds(self, before: Iterable[Round]) -> Iterator[tuple[FloatArray, Lesson]]:
        """Networks without end, each with what it saw, (coordinate,) each; those `before` are not repeated."""
        past = list(before)
        lessons = [self.first, *(each.lesson for each in past)]
        place = past[-1].place if past else beginning(self.coordinates, seed=self.seed)
        while True:
            seen, losses = (np.concatenate([getattr(each, name) for each in lessons]) for name in ("seen", "losses"))
            place = learn(self.coordinates, place, seen, losses, seed=self.seed + len(lessons))
            lessons.append(self._along(self.watch(self.coordinates.policy_at(place))))
            yield place, lessons[-1]

    def watch(self, policy: TrainedPolicy | None) -> Lesson:
        """Let a policy treat the patients, or for None the optimum, and write down what it saw and lost."""
        watched: list[_Watched] = []

        def make(env: Any) -> _Watched:
            watched.append(_Watched(env, policy, self.best, self.history))
            return watched[-1]

        episodes = play(self.task, make, self.task.ids).episodes
        seen, days = (np.stack(each, axis=1) for each in (watched[0].seen, watched[0].days))  # (patient, visit, …)
        treated = lived(self.task, episodes, seen.shape[1])
        full = treated & (np.arange(seen.shape[1]) >= self.history - 1)
        promised = np.array([optimum.days for optimum in self.best.optima])
        losses = (days.max(axis=2, keepdims=True) - days) / promised[:, None, None]
        return Lesson(seen[full], losses[full].astype(np.float32), int(treated.sum()))

    def _along(self, lesson: Lesson) -> Lesson:
        seen = self.coordinates.along(self.coordinates.policy.first(lesson.seen))
        return lesson._replace(seen=seen.astype(np.float32))
