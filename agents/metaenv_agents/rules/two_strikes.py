"""Extinction therapy: a second strike while the first still works."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_days, suggest_drug_order
from metaenv_agents.rules.sequential import Line

STRIKE, VISITS = range(2)  # columns of the memory


@dataclass(frozen=True, kw_only=True)
class TwoStrikes(Rule):
    """The first strike in full until the marker is at or below `response` times its baseline, then each other one.

    A population that the first strike made small and fragmented can be driven extinct by further ones of other kinds,
    given at the response and not at progression, as species die out (Gatenby2020). Every strike lasts for `days`, the
    first at most. After the last nothing is given until the marker is back at the baseline: the first begins again.
    """

    strikes: tuple[Line, ...] | None = None  # None: the first line of the disease, then each other drug alone
    response: float = 0.2  # of the baseline marker; guess
    days: float = 168.0  # of a strike at most; guess, eight cycles of three weeks

    name = "two_strikes"
    memory_size = 2  # strike under way, counted from 0, or their number while none is; visits on it

    def __post_init__(self) -> None:
        """Check the strikes and the numbers."""
        self.clinic.check_lines(self.given_strikes, least=2, who=self.name)
        if not 0 < self.response < 1:
            raise ValueError(f"response must be in (0, 1) of the baseline marker, got {self.response}")
        if not self.days > 0:
            raise ValueError(f"days must be > 0, got {self.days}")

    @property
    def given_strikes(self) -> tuple[Line, ...]:
        """The strikes, in order."""
        return self.clinic.standard_lines if self.strikes is None else self.strikes

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which strikes in which order, at which response, and for how long each."""
        return {
            "strikes": suggest_drug_order(trial, clinic, "strikes"),
            "response": trial.suggest_float("response", 0.02, 0.9, log=True),
            "days": suggest_days(trial, "days", 21.0, 730.0),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Go on to the next strike at the response or by the calendar; begin again at the baseline."""
        ratio = self.clinic.marker_ratio(observation)
        strike, visits = memory.T
        count = len(self.given_strikes)
        resting = strike == count
        over = visits * self.clinic.visit_interval >= self.days
        moves = ~fresh & ~resting & (over | ((strike == 0) & (ratio <= self.response)))
        again = resting & (ratio >= 1.0)
        strike = np.where(again, 0.0, strike + moves)
        visits = np.where(moves | again, 0.0, visits)
        masks = np.array([*(self.clinic.select(line) for line in self.given_strikes), np.zeros(len(self.clinic.drugs))])
        return self.clinic.encode(masks[strike.astype(np.int64)].astype(float)), np.column_stack([strike, visits + 1])
