"""Lines of treatment: the next one begins when the disease progresses on the present one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import Parameters, Trial, suggest_drug_order, suggest_marker_band

Line = tuple[str, ...]  # names of drugs that are given together
GROWTH_FACTOR, GROWTH = 1.2, 5.0  # of the smallest sum of diameters; mm above it; Eisenhauer2009


class SequentialMemory(NamedTuple):
    """What is remembered of a patient: columns of the memory, each (patient,)."""

    line: FloatArray  # index of the present line
    visits: FloatArray  # on it before this one
    marker: FloatArray  # log10, at the line's start or the lowest since, as `reference` says
    above: FloatArray  # visits in a row with the marker above the threshold, before this one
    diameters: FloatArray  # mm, smallest sum since the line began
    lesions: FloatArray  # fewest seen since the line began
    holiday: FloatArray  # 1 while an adaptive first line is off


@dataclass(frozen=True, kw_only=True)
class Sequential(Rule):
    """Full doses of one line after another; each goes on until the disease progresses on it, the last to the end.

    Progression on a line is judged from what the clinic sees. By the marker: above `factor` times the reference at
    every visit over `confirmation` days. By scans: on the first line as the clinic reports it; on later ones the sum of
    all diameters is at least 20 % and 5 mm above its smallest since the line began, or more lesions are seen than the
    fewest since then (after Eisenhauer2009, where the smallest sum is that since treatment began). A line with a limit
    in `most_days` pauses after so many days until progression. A line that `needs` a trait is passed over unless
    circulating DNA shows the trait at the moment of progression, as osimertinib after erlotinib needs T790M; with
    `early` it begins as soon as the trait is seen, as in the arm of APPLE that changed by blood (Remon2024).

    With first="at50" the first line is adaptive: off while the marker falls from `stop` to below and recovers to
    `restart` times its baseline (Zhang2022).
    """

    lines: tuple[Line, ...] | None = None  # None: the first line of the disease, then each other drug alone
    switch_on: Literal["marker", "recist"] | None = None  # None: as the clinic records progression
    reference: Literal["baseline", "nadir"] = "baseline"  # of the marker on this line
    early: bool = False  # move on as soon as the trait that the next line needs is seen, before progression
    factor: float = 1.2  # multiple of the reference; guess, as the clinic's
    confirmation: float = 56.0  # days; guess, as the clinic's
    most_days: tuple[float, ...] | None = None  # days of dosing per line, inf = no limit; None: no limits
    needs: tuple[str | None, ...] | None = None  # trait per line that must be seen to begin it; None: no needs
    trait_share: float = 0.02  # of circulating tumour DNA, from which a trait counts as seen; guess
    first: Literal["continuous", "at50"] = "continuous"
    stop: float = 0.5  # fraction of the baseline marker; Zhang2017
    restart: float = 1.0  # fraction of the baseline marker; Zhang2017

    name = "sequential"
    memory_size = len(SequentialMemory._fields)

    def __post_init__(self) -> None:
        """Check every parameter against the clinic."""
        given = self.given_lines
        if not given or not all(given):
            raise ValueError(f"lines must name at least one drug each, got {given}")
        if self.lines is None and len(given) == 1:
            raise ValueError(f"rule '{self.name}' needs a drug beyond the first line, got {self.clinic.drugs}")
        for line in given:
            self.clinic.select(line)
        for what, per_line in (("most_days", self.most_days), ("needs", self.needs)):
            if per_line is not None and len(per_line) != len(given):
                raise ValueError(f"{what} must have an entry for each of the {len(given)} lines, got {per_line}")
        if unknown := sorted({trait for trait in self.needs or () if trait is not None} - set(self.clinic.traits)):
            raise ValueError(f"needs must name traits of {self.clinic.traits}, got {unknown}")
        if any(not days > 0 for days in self.most_days or ()):
            raise ValueError(f"most_days must be > 0, got {self.most_days}")
        self._check_choices()
        self._check_thresholds()

    def _check_choices(self) -> None:
        for what, got, allowed in (
            ("switch_on", self.switch_on, ("marker", "recist", None)),
            ("reference", self.reference, ("baseline", "nadir")),
            ("first", self.first, ("continuous", "at50")),
        ):
            if got not in allowed:
                raise ValueError(f"{what} must be one of {allowed}, got {got!r}")

    def _check_thresholds(self) -> None:
        if not (self.factor > 1 and self.confirmation >= 0):
            raise ValueError(f"factor must be > 1 and confirmation >= 0, got {self.factor} and {self.confirmation}")
        if not 0 <= self.trait_share < 1:
            raise ValueError(f"trait_share must be in [0, 1), got {self.trait_share}")
        if not 0 < self.stop < self.restart:
            raise ValueError(f"{self.name} needs 0 < stop < restart, got stop {self.stop} and restart {self.restart}")

    @property
    def given_lines(self) -> tuple[Line, ...]:
        """The lines, in order."""
        return self.clinic.standard_lines if self.lines is None else self.lines

    @staticmethod
    def search_space(trial: Trial, clinic: Clinic) -> Parameters:
        """Which drugs in which order, what counts as progression, and whether the first line is adaptive."""
        return {
            "lines": suggest_drug_order(trial, clinic, "lines"),
            "switch_on": trial.suggest_categorical("switch_on", ["marker", "recist"]),
            "factor": trial.suggest_float("factor", 1.05, 3.0, log=True),
            "first": trial.suggest_categorical("first", ["continuous", "at50"]),
            **suggest_marker_band(trial),
        }

    def decide(self, observation: Array, memory: Array, fresh: BoolArray) -> tuple[Array, Array]:
        """Move on where the disease has progressed, then give the present line."""
        course = SequentialMemory(*memory.T)
        above = self.above(observation, course)
        over = self.progressed(observation, course, above) | self.foreseen(observation, course)
        line = self.next_line(observation, course, over & ~fresh)
        begins = fresh | (line > course.line)
        course = self.follow(observation, course, line, above, begins)
        doses = self.masks[line.astype(np.int64)] * self.dosing(course)[:, None]
        return self.clinic.encode(doses), np.column_stack(course._replace(visits=course.visits + 1))

    @property
    def masks(self) -> FloatArray:
        """Full doses of every line, (line, drug)."""
        return np.array([self.clinic.select(line) for line in self.given_lines], dtype=np.float64)

    def above(self, observation: Array, course: SequentialMemory) -> FloatArray:
        """Count the visits in a row with the marker above the threshold, (patient,); one without marker adds none."""
        marker = self.clinic.log_marker(observation)
        high = marker > course.marker + math.log10(self.factor)
        return np.where(np.isnan(marker), course.above, np.where(high, course.above + 1, 0.0))

    def progressed(self, observation: Array, course: SequentialMemory, above: FloatArray) -> BoolArray:
        """Judge who has progressed on the present line, (patient,)."""
        if (self.switch_on or self.clinic.progression) == "marker":
            return (above > 0) & ((above - 1) * self.clinic.visit_interval >= self.confirmation)
        now = self.clinic.sum_of_diameters(observation)
        grown = (now >= GROWTH_FACTOR * course.diameters) & (now - course.diameters >= GROWTH)
        more = self.clinic.lesions_seen(observation) > course.lesions
        worse = np.where(course.line == 0, self.clinic.progressive(observation), grown | more)
        return self.clinic.scanned(observation) & worse

    def foreseen(self, observation: Array, course: SequentialMemory) -> BoolArray:
        """Return in whom blood shows, before progression, the trait that the very next line is for, (patient,)."""
        seen = np.zeros(len(observation), dtype=np.bool_)
        if self.early and self.needs is not None:
            for index, need in enumerate(self.needs[1:]):
                if need is not None:
                    share = self.clinic.allele_fraction(observation, need)
                    seen |= (course.line == index) & (share > self.trait_share)
        return seen

    def next_line(self, observation: Array, course: SequentialMemory, progressed: BoolArray) -> FloatArray:
        """Choose the line, (patient,): where progressed the next whose need is met, else the present one."""
        line = course.line.copy()
        searching = progressed.copy()
        for index in range(1, len(self.given_lines)):
            need = None if self.needs is None else self.needs[index]
            seen = True if need is None else self.clinic.allele_fraction(observation, need) > self.trait_share
            takes = searching & (course.line < index) & seen
            line = np.where(takes, float(index), line)
            searching &= ~takes
        return line

    def follow(
        self, observation: Array, course: SequentialMemory, line: FloatArray, above: FloatArray, begins: BoolArray
    ) -> SequentialMemory:
        """Write down this visit; where a line `begins`, it is that line's first."""
        marker = self.clinic.log_marker(observation)
        lowest = course.marker if self.reference == "baseline" else np.fmin(course.marker, marker)
        diameters, lesions = self.clinic.sum_of_diameters(observation), self.clinic.lesions_seen(observation)
        return SequentialMemory(
            line=line,
            visits=np.where(begins, 0.0, course.visits),
            marker=np.where(begins & ~np.isnan(marker), marker, lowest),
            above=np.where(begins, 0.0, above),
            diameters=np.where(begins, diameters, np.minimum(course.diameters, diameters)),
            lesions=np.where(begins, lesions, np.minimum(course.lesions, lesions)),
            holiday=self.holiday(observation, course.holiday).astype(np.float64),
        )

    def holiday(self, observation: Array, before: FloatArray) -> BoolArray:
        """Return who is between the thresholds of an adaptive first line and off, (patient,)."""
        ratio = self.clinic.marker_ratio(observation)
        off: BoolArray = ((before > 0) | (ratio < self.stop)) & ~(ratio >= self.restart)
        return off

    def dosing(self, course: SequentialMemory) -> BoolArray:
        """Return who is given the present line at this visit, (patient,)."""
        days = course.visits * self.clinic.visit_interval
        limits = np.full(len(self.given_lines), np.inf) if self.most_days is None else np.array(self.most_days)
        treat: BoolArray = days < limits[course.line.astype(np.int64)]
        if self.first == "at50":
            treat &= ~((course.line == 0) & (course.holiday > 0))
        return treat
