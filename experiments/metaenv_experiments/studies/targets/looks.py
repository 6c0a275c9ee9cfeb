"""Looks at the same patients under different treatments, and targets: what must hold beyond trial arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np

from metaenv.diseases import Disease
from metaenv.scenario import Scenario
from metaenv_agents.policy import BoolArray, Clinic, FloatArray, Policy
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.studies.targets.follow import (
    Course,
    Make,
    Moment,
    Patients,
    WithCourses,
    hazard_ratio,
    imaged,
    irradiating,
    median_months,
    without_visible,
)

COURSES = 3  # of radiation, at the first visits
OURS = "law of our own"  # who published a band


class Target(NamedTuple):
    """A number, the band in which it must lie, and who published it."""

    name: str
    low: float
    high: float
    source: str
    found: Callable[[Any], float]  # of the Looks of the disease


def lines(*given: tuple[str, ...]) -> Make:
    """One line of drugs after another, each until progression."""
    return lambda clinic: make_rule("sequential", clinic, lines=given)


def constant(name: str, **parameters: object) -> Make:
    """A rule."""
    return lambda clinic: make_rule(name, clinic, **parameters)


def with_courses(make: Make, courses: int = COURSES) -> Make:
    """The same with radiation at the first visits."""

    def made(clinic: Clinic) -> Policy:
        return WithCourses(clinic, make(clinic), courses)

    return made


class Looks:
    """Courses of the same patients under different treatments; each is played once, when first asked for.

    A disease's own class says which lines its patients are given, and looks at what it alone asks for.
    """

    lines: ClassVar[tuple[tuple[str, ...], ...]]  # of drugs, in order
    doubled: ClassVar[tuple[str, ...]]  # drugs whose kill is doubled, to see whether that harms
    courses: ClassVar[int] = COURSES  # of radiation, at the first visits

    def __init__(self, disease: Disease, patients: int, seed: int = 0, cohort: str = "test") -> None:
        self.disease, self.count, self.seed, self.cohort = disease, patients, seed, cohort

    def among(self, scenario: Scenario) -> Patients:
        """Patients of a scenario."""
        return Patients(scenario=scenario, count=self.count, seed=self.seed, cohort=self.cohort)

    def of(self, disease: Disease) -> Patients:
        """Patients of a disease that differs from this one."""
        return self.among(Scenario.of(disease))

    @property
    def patients(self) -> Patients:
        """Those who are followed."""
        return self.of(self.disease)

    @property
    def irradiated_patients(self) -> Patients:
        """The same where procedures are offered too, however many lesions are seen."""
        return self.among(irradiating(self.disease))

    @property
    def first(self) -> Make:
        """What its patients are given first, and then."""
        return lines(*self.lines)

    @cached_property
    def untreated(self) -> Course:
        """Nothing at all."""
        return self.patients.follow(constant("no_treatment"))

    @cached_property
    def first_line(self) -> Course:
        """The lines of the disease, each until progression."""
        return self.patients.follow(self.first)

    @cached_property
    def consolidated(self) -> tuple[Course, float]:
        """The same with courses of radiation; and the share of irradiated lesions not to be seen two years later."""
        shown: list[tuple[int, int]] = []

        def look(now: Moment) -> None:
            if now.day >= 2.0 * DAYS_PER_YEAR and not shown:
                shown.extend(self._controlled(now))

        course = self.irradiated_patients.follow(with_courses(self.first, self.courses), look=look)
        kept, all_of_them = shown[0] if shown else (0, 0)
        return course, kept / max(all_of_them, 1)

    def _controlled(self, now: Moment) -> list[tuple[int, int]]:
        """How many of the irradiated lesions of the living are not to be seen, and how many there are."""
        kept = now.env.snapshot().cohort
        treated = (kept.chart.irradiated > 0.0) & now.alive[:, None]
        same = kept.chart.lineage == kept.state.lineage
        seen = treated & same & (imaged(kept.state) >= self.disease.sensors.detection_cells)
        return [(int(treated.sum() - seen.sum()), int(treated.sum()))]

    @cached_property
    def twice_the_kill(self) -> Course:
        """A drug that kills twice as fast."""
        drugs = tuple(
            replace(drug, kill=2.0 * drug.kill) if drug.name in self.doubled else drug for drug in self.disease.drugs
        )
        return self.of(replace(self.disease, drugs=drugs)).follow(self.first)

    @cached_property
    def by_chance(self) -> Course:
        """Random doses of every drug, no procedure."""
        return self.patients.follow(constant("random"))

    @cached_property
    def seen(self) -> FloatArray:
        """Lesions of the first scan, (patient,)."""
        return np.asarray(self.patients.begin().infos["visible_lesions"], dtype=np.float64)

    def first_new_lesion(self, make: Make) -> float:
        """Months until a scan shows a lesion, the median, after everything visible has been taken away."""
        patients = self.patients
        found = np.full(self.count, np.inf)

        def look(now: Moment) -> None:
            seen = np.asarray(now.infos["visible_lesions"]) > 0
            found[:] = np.where(seen & (found == np.inf), np.asarray(now.infos["day"], dtype=np.float64), found)

        course = patients.follow(make, start=without_visible(patients.begin()), look=look)
        return median_months(np.minimum(found, course.survival), found <= course.survival)

    def doubling(self, low: float, high: float) -> float:
        """Median doubling time of untreated lesions of so many cells, days; of those that grow."""
        days, start = self.patients.scenario.visit_interval, self.patients.begin()
        sizes = self._sizes(start)
        start.env.step(np.zeros(start.env.action_space.shape, dtype=np.int64))
        later = self._sizes(start)
        chosen = (sizes >= low) & (sizes < high) & (later > sizes)
        return float(np.median(days * np.log(2.0) / np.log(later[chosen] / sizes[chosen])))

    def _sizes(self, now: Moment) -> FloatArray:
        """Cells of the lesions, (patient, lesion)."""
        state = now.env.snapshot().cohort.state
        return np.asarray(state.proliferating.sum(axis=2) + state.dormant.sum(axis=2), dtype=np.float64)

    def hazard_of_courses(self, chosen: BoolArray | None = None) -> float:
        """Of progression with courses of radiation against without, of chosen patients."""
        return hazard_ratio(self.consolidated[0], self.first_line, chosen)

    @property
    def share_of_kill(self) -> float:
        """Months without progression on twice the kill, of those on the drug as it is; medians of smoothed curves.

        On the calendar of scans they would jump by twelve weeks, which is more than what is asked for.
        """
        twice, once = (
            survival_statistics.smoothed_median(
                survival_statistics.kaplan_meier(each.progression, each.progressed | each.died)
            )
            for each in (self.twice_the_kill, self.first_line)
        )
        return float(twice / once)

    @property
    def worth_of_chance(self) -> float:
        """Return of random doses, of that of the lines of the disease."""
        return float(self.by_chance.returns.mean() / self.first_line.returns.mean())


DOUBLING = (  # of growth that slows with size
    Target("doubling at 1e6 to 1e7 cells, days", 5.0, 45.0, OURS, lambda it: it.doubling(1e6, 1e7)),
    Target(
        "doubling at 1e10 to 1e11 cells, of that",
        2.5,
        100.0,
        OURS,
        lambda it: it.doubling(1e10, 1e11) / it.doubling(1e6, 1e7),
    ),
)
