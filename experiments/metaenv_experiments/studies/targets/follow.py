"""Follows patients of a scenario under a policy, with what only a snapshot tells: new lesions, what was irradiated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

import metaenv
from metaenv.clinic.codes import RADIOTHERAPY
from metaenv.diseases import Disease
from metaenv.dynamics.state import State
from metaenv.scenario import Scenario
from metaenv_agents.policy import Array, BoolArray, Clinic, FloatArray, Policy
from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.rollout import ALIVE

NO_LIMIT = 1000  # lesions: more than there are slots
RESPONSE = 0.7  # of the baseline sum of diameters, at or below which a tumour responds; Eisenhauer2009
Make = Callable[[Clinic], Policy]


class Course(NamedTuple):
    """What happened to patients."""

    survival: FloatArray  # (patient,) days
    died: BoolArray  # (patient,)
    progression: FloatArray  # (patient,) days to progression or death
    progressed: BoolArray  # (patient,)
    new_lesion: BoolArray  # (patient,) progressed with a new lesion
    best: FloatArray  # (patient,) smallest sum of diameters before progression, of the baseline
    returns: FloatArray  # (patient,)
    marker: FloatArray  # (visit, patient) of baseline

    @property
    def median_survival(self) -> float:
        """Months."""
        return median_months(self.survival, self.died)

    @property
    def median_progression_free(self) -> float:
        """Months."""
        return median_months(self.progression, self.progressed | self.died)

    @property
    def response(self) -> float:
        """Share of patients."""
        return float((self.best <= RESPONSE).mean())

    @property
    def with_new_lesion(self) -> float:
        """Share of those who progressed."""
        return float(self.new_lesion[self.progressed].mean())

    def progression_free_at(self, months: float) -> float:
        """Share of patients."""
        curve = survival_statistics.kaplan_meier(self.progression, self.progressed | self.died)
        return float(curve.survival[np.searchsorted(curve.time, months * DAYS_PER_MONTH, side="right") - 1])


class Found(NamedTuple):
    """A target and what was found."""

    name: str
    value: float
    low: float
    high: float
    source: str  # who published the band

    @property
    def met(self) -> bool:
        """Whether the value lies in the band."""
        return self.low <= self.value <= self.high

    @property
    def band(self) -> str:
        """In words."""
        return f"{self.low:.3g} to {self.high:.3g}"


def median_months(days: FloatArray, events: BoolArray) -> float:
    """Kaplan-Meier's median; nan if it is not reached."""
    return survival_statistics.median(survival_statistics.kaplan_meier(days, events)).value / DAYS_PER_MONTH


def hazard_ratio(course: Course, other: Course, chosen: BoolArray | None = None) -> float:
    """Of progression or death in one course against the other, of chosen patients; Peto."""
    rows = np.ones(course.died.size, dtype=np.bool_) if chosen is None else chosen
    groups = [(each.progression[rows], (each.progressed | each.died)[rows]) for each in (course, other)]
    return survival_statistics.hazard_ratio(*groups[0], *groups[1]).value


class Moment(NamedTuple):
    """A visit that begins: what may be looked at, and a snapshot on demand."""

    env: Any
    observation: Array
    infos: dict[str, Any]
    alive: BoolArray

    @property
    def day(self) -> float:
        """Days since the first visit, of those who live."""
        return float(np.max(self.infos["day"]))


Look = Callable[[Moment], None]


@dataclass(frozen=True, kw_only=True)
class Patients:
    """Patients of a scenario, the first of a cohort; under every policy they meet the same luck."""

    scenario: Scenario
    count: int
    seed: int = 0
    cohort: str = "test"

    @property
    def ids(self) -> NDArray[np.int64]:
        """(patient,)."""
        first = metaenv.COHORTS[self.cohort].start
        return np.arange(first, first + self.count, dtype=np.int64)

    def begin(self) -> Moment:
        """The first visit."""
        env = metaenv.MetastasisVectorEnv(self.count, autoreset_mode=AutoresetMode.DISABLED, scenario=self.scenario)
        observation, infos = env.reset(seed=[self.seed] * self.count, options={"patient": self.ids})
        return Moment(env, observation, infos, np.ones(self.count, dtype=np.bool_))

    def follow(
        self, make: Make, *, start: Moment | None = None, look: Callable[[Moment], None] | None = None
    ) -> Course:
        """Treat all of them to the end.

        Args:
            make: makes the policy for the clinic.
            start: where they are; None: at their first visit.
            look: is shown every visit after the first.
        """
        now = self.begin() if start is None else start
        clinic = Clinic.of(now.env)
        policy, state, fresh = make(clinic), None, np.ones(self.count, dtype=np.bool_)
        baseline = np.maximum(clinic.sum_of_diameters(now.observation), 1.0)
        returns, markers = np.zeros(self.count), []
        best, new_lesion = np.full(self.count, np.inf), np.zeros(self.count, dtype=np.bool_)
        while now.alive.any():
            before = np.array(now.infos["progressed"], dtype=np.bool_)
            actions, state = policy.predict(now.observation, state, fresh, deterministic=True)
            observation, reward, terminated, truncated, infos = now.env.step(actions)
            returns += np.where(now.alive, reward, 0.0)
            markers.append(clinic.layout.read("marker_ratio", observation)[:, 0])
            seen = now.alive & ~before & clinic.scanned(observation)
            best = np.where(seen, np.minimum(best, clinic.sum_of_diameters(observation) / baseline), best)
            progressing = now.alive & ~before & np.asarray(infos["progressed"], dtype=np.bool_)
            if progressing.any():
                noted = now.env.snapshot().cohort.chart.note["new_lesion"]
                new_lesion |= progressing & np.asarray(noted, dtype=np.bool_)
            now = Moment(now.env, observation, infos, now.alive & ~(terminated | truncated))
            fresh = np.zeros(self.count, dtype=np.bool_)
            if look is not None:
                look(now)
        day, progressed = (
            np.array(now.infos["day"], dtype=np.float64),
            np.asarray(now.infos["progressed"], dtype=np.bool_),
        )
        return Course(
            survival=day,
            died=np.asarray(now.infos["cause"] != ALIVE),
            progression=np.where(progressed, np.array(now.infos["progression_day"], dtype=np.float64), day),
            progressed=progressed,
            new_lesion=new_lesion,
            best=best,
            returns=returns,
            marker=np.array(markers),
        )


def irradiating(disease: Disease) -> Scenario:
    """A scenario with procedures however many lesions are seen: these trials irradiated whoever had any."""
    if disease.local_therapy is None:
        raise ValueError(f"disease must have numbers of local therapy, got {disease.name!r}")
    without_limit = replace(disease.local_therapy, most_lesions=NO_LIMIT)
    return replace(Scenario.of(replace(disease, local_therapy=without_limit)), local_therapy=True)


class WithCourses:
    """A policy that irradiates the largest lesion at each of the first visits as well.

    Raises:
        ValueError: procedures are not offered in the clinic.
    """

    def __init__(self, clinic: Clinic, policy: Policy, courses: int) -> None:
        if not clinic.local_therapy:
            raise ValueError("courses of radiation need a scenario with local_therapy=True, got drugs alone")
        self._policy, self._courses = policy, courses

    def predict(
        self, observation: Array, state: Any = None, episode_start: Array | None = None, deterministic: bool = False
    ) -> tuple[Array, Any]:
        """See `metaenv_agents.policy.Policy.predict`."""
        inner, visits = (None, 0) if state is None else state
        actions, inner = self._policy.predict(observation, inner, episode_start, deterministic)
        actions = np.array(actions)
        actions[:, -1] = RADIOTHERAPY if visits < self._courses else 0
        return actions, (inner, visits + 1)


def without_visible(start: Moment) -> Moment:
    """The same patients after everything that a scan can show has been taken away."""
    kept = start.env.snapshot()
    state, least = kept.cohort.state, kept.cohort.scenario.disease.sensors.detection_cells
    gone = imaged(state) >= least
    state.proliferating[gone] = 0.0
    state.dormant[gone] = 0.0
    state.organ[gone] = -1
    start.env.restore(kept)
    return start


def imaged(state: State) -> FloatArray:
    """Cells that a scan can show, (patient, lesion)."""
    return np.asarray(np.where(state.organ >= 0, state.proliferating.sum(axis=2), 0.0), dtype=np.float64)
