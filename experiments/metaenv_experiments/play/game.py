"""One patient under a person's treatment: look, treat, undo. Nothing here knows of the web."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np

from metaenv.action import ActionFormat
from metaenv.snapshot import EnvSnapshot
from metaenv_agents.policy import Array
from metaenv_experiments.play.course import Moment, Visit, moment
from metaenv_experiments.play.link import Choice, read_link, write_link
from metaenv_experiments.play.setup import Setup
from metaenv_experiments.running.options import UsageError, require

Until = Literal["visit", "scan", "end"]
UNTIL = get_args(Until)
Chooser = Callable[[Array], Choice]  # from what is observed at a visit, (1, measurement), to what is given


class Game:
    """A patient, what was seen at every visit, and every choice that was made.

    Args:
        setup: who is treated, and under which conditions.
        choices: what is given at the first visits, one choice each.
        undoable: whether visits can be undone, for which a copy of each is kept.

    Attributes:
        setup: as given.
        moments: the visits so far, the first being the baseline.
        choices: what was chosen at each visit but the last.
        revealed: whether the truth has been shown.

    Raises:
        UsageError: a choice cannot be made, or there are more than visits.
    """

    def __init__(self, setup: Setup, choices: Sequence[Choice] = (), *, undoable: bool = True) -> None:
        self.setup, self.scenario, self._undoable = setup, setup.task.scenario, undoable
        self.revealed = False
        self._format = ActionFormat(self.scenario, "levels")
        self._env: Any = setup.task.vector_env(1)
        observation, infos = self._env.reset(seed=[setup.seed], options={"patient": setup.task.ids})
        self.moments: list[Moment] = [moment(self._env, observation, np.zeros(1), infos)]
        self.choices: list[Choice] = []
        self._before: list[EnvSnapshot] = []  # each from before a choice
        for choice in choices:
            require(not self.over, "choices", len(choices), f"at most {len(self.choices)}, the visits of this patient")
            self._treat(self.checked(choice))

    @classmethod
    def of_link(cls, text: str) -> Game:
        """Play a link again.

        Raises:
            UsageError: it is no link, or its choices cannot be made.
        """
        return cls(*read_link(text))

    @property
    def link(self) -> str:
        """What this game can be played again from."""
        return write_link(self.setup, self.choices)

    @property
    def visits(self) -> list[Visit]:
        """What the clinic saw."""
        return [each.visit for each in self.moments]

    @property
    def over(self) -> bool:
        """Whether the patient has died, or follow-up has ended."""
        report = self._env.cohort.report
        return bool(report.terminated[0] or report.truncated[0])

    @property
    def worth(self) -> float:
        """Quality-adjusted years so far."""
        return float(sum(each.visit.reward for each in self.moments))

    @property
    def allowed(self) -> list[list[bool]]:
        """What may be chosen now, of each drug and of the procedures; a dose that may not would be held."""
        flat = self._env.cohort.report.mask[0].tolist()
        ends = np.cumsum(self._format.sizes).tolist()
        return [flat[end - size : end] for size, end in zip(self._format.sizes, ends, strict=True)]

    def checked(self, action: Any) -> Choice:
        """A choice that can be made.

        Raises:
            UsageError: it has another form, or a level that there is not; it says what, got and allowed.
        """
        try:
            self._format.read(action)
        except ValueError as error:
            raise UsageError(str(error)) from error
        return tuple(int(level) for level in action)

    def treat(self, action: Any, until: str = "visit") -> None:
        """Give the same until the next visit, the next scan or the end; a procedure at the first visit alone.

        Raises:
            UsageError: the patient is treated no longer, or this cannot be given; nothing is changed then.
        """
        choice = self.checked(action)
        self._require_open(until)
        self._require_a_lesion(choice)
        self._treat(choice)
        while not self._reached(until):
            self._treat(self._drugs_alone(choice))

    def go_on(self, begin: Callable[[], Chooser], until: str = "end") -> None:
        """Let somebody else treat from here on, who has watched every visit so far.

        Args:
            begin: makes what is asked at one visit after the other, from the first on.
            until: as of `treat`.

        Raises:
            UsageError: the patient is treated no longer.
        """
        self._require_open(until)
        choose = begin()
        self._treat(self.checked([choose(each) for each in self.observations][-1]))
        while not self._reached(until):
            self._treat(self.checked(choose(self.moments[-1].observation)))

    @property
    def observations(self) -> list[Array]:
        """What was observed at every visit, (1, measurement) each."""
        return [each.observation for each in self.moments]

    def undo(self, visits: int = 1) -> None:
        """Go back some visits, to the same bits.

        Raises:
            UsageError: there are not so many, or no copies were kept.
        """
        require(self._undoable, "undo", visits, "asked of a game that keeps copies")
        allowed = f"a whole number in 1 … {len(self.choices)}" if self.choices else "asked after a choice"
        require(1 <= visits <= len(self.choices), "visits to undo", visits, allowed)
        self._env.restore(self._before[-visits])
        del self.moments[-visits:], self.choices[-visits:], self._before[-visits:]

    def _treat(self, choice: Choice) -> None:
        if self._undoable:
            self._before.append(self._snapshot())
        observation, reward, _, _, infos = self._env.step(np.array([choice], dtype=np.int64))
        self.choices.append(choice)
        self.moments.append(moment(self._env, observation, reward, infos))

    def _snapshot(self) -> EnvSnapshot:
        """A copy of the patient, without a copy of the scenario, which never changes."""
        whole: EnvSnapshot = self._env.snapshot()
        return replace(whole, cohort=replace(whole.cohort, scenario=self._env.scenario))

    def _reached(self, until: str) -> bool:
        return self.over or until == "visit" or (until == "scan" and self.moments[-1].visit.scanned)

    def _drugs_alone(self, choice: Choice) -> Choice:
        return (*choice[:-1], 0) if self.scenario.local_therapy else choice

    def _require_open(self, until: str) -> None:
        require(until in UNTIL, "until", until, f"one of {', '.join(UNTIL)}")
        if self.over:
            raise UsageError("this patient is treated no longer: undo, or begin a new game")

    def _require_a_lesion(self, choice: Choice) -> None:
        """A person is told what policies may ask for in vain."""
        if self.scenario.local_therapy and not self.allowed[-1][choice[-1]]:
            possible = [k for k, holds in enumerate(self.allowed[-1]) if holds]
            raise UsageError(
                f"local therapy must be one of {possible} now, got {choice[-1]}: no lesion may be so treated"
            )
