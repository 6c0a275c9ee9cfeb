"""What must hold in lung cancer, beyond the arms of `trial_arms`: each target with its band and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from metaenv.diseases import Disease
from metaenv.scenario import Scenario
from metaenv_agents.policy import BoolArray, Clinic, FloatArray, Policy
from metaenv_agents.rules import make_rule
from metaenv_agents.rules.sequential import GROWTH, GROWTH_FACTOR
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.studies.targets.follow import (
    RESPONSE,
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
MANY, FEW = 6, 3  # visible lesions
CLEARED = 0.05  # of the baseline marker, below which blood counts as cleared; guess


class Target(NamedTuple):
    """A number, the band in which it must lie, and who published it; None where it is a law of our own."""

    name: str
    low: float
    high: float
    source: str
    found: Callable[[Looks], float]


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


OSIMERTINIB, ERLOTINIB, CHEMOTHERAPY = ("osimertinib",), ("erlotinib",), ("platinum_pemetrexed",)
DRUGS = (*OSIMERTINIB, *ERLOTINIB, *CHEMOTHERAPY)
FIRST_LINE = lines(OSIMERTINIB, CHEMOTHERAPY)


class Looks:
    """Courses of the same patients under different treatments; each is played once, when first asked for."""

    def __init__(self, disease: Disease, patients: int, seed: int = 0) -> None:
        self.disease, self.count, self.seed = disease, patients, seed

    def of(self, disease: Disease) -> Patients:
        """Patients of a disease that differs from this one."""
        return Patients(scenario=Scenario.of(disease), count=self.count, seed=self.seed)

    @property
    def patients(self) -> Patients:
        """Those who are followed."""
        return self.of(self.disease)

    @property
    def irradiated_patients(self) -> Patients:
        """The same where procedures are offered too, however many lesions are seen."""
        return Patients(scenario=irradiating(self.disease), count=self.count, seed=self.seed)

    @cached_property
    def untreated(self) -> Course:
        """Nothing at all."""
        return self.patients.follow(constant("no_treatment"))

    @cached_property
    def irradiated(self) -> Course:
        """Three courses, no drug."""
        return self.irradiated_patients.follow(with_courses(constant("no_treatment")))

    @cached_property
    def first_line(self) -> Course:
        """Osimertinib, then chemotherapy."""
        return self.patients.follow(FIRST_LINE)

    @cached_property
    def consolidated(self) -> tuple[Course, float]:
        """The same with three courses; and the share of irradiated lesions that no scan shows two years later."""
        shown: list[tuple[int, int]] = []

        def look(now: Moment) -> None:
            if now.day >= 2.0 * DAYS_PER_YEAR and not shown:
                shown.extend(self._controlled(now))

        course = self.irradiated_patients.follow(with_courses(FIRST_LINE), look=look)
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
    def both_inhibitors(self) -> Course:
        """Two drugs of one target, then chemotherapy."""
        return self.patients.follow(lines((*ERLOTINIB, *OSIMERTINIB), CHEMOTHERAPY))

    @cached_property
    def twice_the_kill(self) -> Course:
        """Osimertinib that kills twice as fast."""
        drugs = tuple(
            replace(drug, kill=2.0 * drug.kill) if drug.name in OSIMERTINIB else drug for drug in self.disease.drugs
        )
        return self.of(replace(self.disease, drugs=drugs)).follow(FIRST_LINE)

    @cached_property
    def by_chance(self) -> Course:
        """Random doses of every drug, no procedure."""
        return self.patients.follow(constant("random"))

    @cached_property
    def many(self) -> BoolArray:
        """Whose first scan shows many lesions."""
        return self.seen >= MANY

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

    @cached_property
    def later_line(self) -> tuple[float, float]:
        """Chemotherapy after erlotinib: response, and months without progression, from the day on which it begins."""
        seen: list[tuple[FloatArray, FloatArray, FloatArray, BoolArray]] = []

        def look(now: Moment) -> None:
            """Write down day, sum of diameters, lesions and who lives."""
            layout = now.env.layout
            seen.append(
                (
                    np.asarray(now.infos["day"], dtype=np.float64).copy(),
                    layout.read("diameters", now.observation).sum(axis=1),
                    np.asarray(now.infos["visible_lesions"], dtype=np.float64).copy(),
                    now.alive.copy(),
                )
            )

        course = self.patients.follow(lines(ERLOTINIB, CHEMOTHERAPY), look=look)
        days, sums, counts, alive = (np.array(each) for each in zip(*seen, strict=True))
        spans, events, responses = [], [], []
        for i in np.flatnonzero(course.progressed):
            after = np.flatnonzero((days[:, i] >= course.progression[i]) & alive[:, i])
            if after.size < 2:
                continue
            begun = after[0]
            base = lowest = max(sums[begun, i], 1.0)
            best, end, event = 1.0, course.survival[i], bool(course.died[i])
            for k in after[1:]:
                best, size = min(best, sums[k, i] / base), sums[k, i]
                if (size > GROWTH_FACTOR * lowest and size - lowest > GROWTH) or counts[k, i] > counts[begun, i]:
                    end, event = days[k, i], True
                    break
                lowest = min(lowest, size)
            spans.append(end - days[begun, i])
            events.append(event)
            responses.append(best <= RESPONSE)
        return float(np.mean(responses)), median_months(np.array(spans), np.array(events))


def _ratio(looks: Looks, chosen: BoolArray | None = None) -> float:
    return hazard_ratio(looks.consolidated[0], looks.first_line, chosen)


def _longer(looks: Looks) -> float:
    """Gain in median survival by three courses without any drug, where there are many lesions, as a share."""
    many = looks.many
    medians = [median_months(each.survival[many], each.died[many]) for each in (looks.irradiated, looks.untreated)]
    return medians[0] / medians[1] - 1.0


def _marker(looks: Looks, visit: int) -> float:
    """Median ctDNA after so many visits of three weeks on osimertinib, of baseline."""
    return float(np.median(looks.first_line.marker[visit - 1]))


def _later_marker(looks: Looks, visit: int, before: int) -> float:
    return _marker(looks, visit) / _marker(looks, before)


def _cleared(looks: Looks) -> float:
    return float((looks.first_line.marker[1] <= CLEARED).mean())


def _kill(looks: Looks) -> float:
    return looks.twice_the_kill.median_progression_free / looks.first_line.median_progression_free


def _chance(looks: Looks) -> float:
    return float(looks.by_chance.returns.mean() / looks.first_line.returns.mean())


# who published the bands; "unchecked" where the paper could not be read
OURS, NORTHSTAR = "law of our own", "NorthStar (ESMO 2025), unchecked"
READ_OFF = "Soria2018, Planchard2023, read off curves"
AURA3, FLAURA = "AURA3, unchecked", "FLAURA, unchecked"
TARGETS = (
    Target("untreated: median survival, months", 4.0, 9.0, "Wao2013", lambda it: it.untreated.median_survival),
    Target("osimertinib: median PFS, months", 16.1, 20.1, NORTHSTAR, lambda it: it.first_line.median_progression_free),
    Target(
        "osimertinib, 3 courses: median PFS, months",
        21.5,
        29.1,
        NORTHSTAR,
        lambda it: it.consolidated[0].median_progression_free,
    ),
    Target("courses: hazard ratio of progression", 0.5, 0.87, NORTHSTAR, _ratio),
    Target("courses, at most 3 lesions: hazard ratio", 0.5, 0.9, NORTHSTAR, lambda it: _ratio(it, it.seen <= FEW)),
    Target("courses, more than 3 lesions: hazard ratio", 0.5, 0.9, NORTHSTAR, lambda it: _ratio(it, it.seen > FEW)),
    Target("new lesion at progression, share", 0.35, 0.65, "half; guess", lambda it: it.first_line.with_new_lesion),
    Target("irradiated lesions not seen at 2 years, share", 0.85, 1.01, "textbook", lambda it: it.consolidated[1]),
    Target("free of progression, 12 months", 0.61, 0.75, READ_OFF, lambda it: it.first_line.progression_free_at(12)),
    Target("free of progression, 24 months", 0.34, 0.48, READ_OFF, lambda it: it.first_line.progression_free_at(24)),
    Target("free of progression, 36 months", 0.21, 0.35, READ_OFF, lambda it: it.first_line.progression_free_at(36)),
    Target("chemotherapy after erlotinib: response, share", 0.2, 0.4, AURA3, lambda it: it.later_line[0]),
    Target("chemotherapy after erlotinib: median PFS, months", 3.3, 5.5, AURA3, lambda it: it.later_line[1]),
    Target("ctDNA on day 21 of osimertinib, of baseline", 0.0, 1.0, FLAURA, lambda it: _marker(it, 1)),
    Target("ctDNA on day 42, of that on day 21", 0.0, 1.0, FLAURA, lambda it: _later_marker(it, 2, 1)),
    Target("ctDNA on day 84, of that on day 42", 0.0, 1.0, FLAURA, lambda it: _later_marker(it, 4, 2)),
    Target("ctDNA cleared by day 42, share", 0.5, 1.01, FLAURA, _cleared),
    Target("PFS on twice the kill, of that on osimertinib", 0.92, 10.0, OURS, _kill),
    Target(
        "erlotinib beside osimertinib: hazard ratio",
        0.9,
        1.1,
        OURS,
        lambda it: hazard_ratio(it.both_inhibitors, it.first_line),
    ),
    Target("courses alone, 6 lesions or more: gain in survival", -0.1, 0.75, OURS, _longer),
    Target(
        "all visible gone, no drug: first lesion, months",
        6.0,
        15.0,
        OURS,
        lambda it: it.first_new_lesion(constant("no_treatment")),
    ),
    Target(
        "all visible gone, drug: first lesion, months",
        1.0,
        24.0,
        OURS,
        lambda it: it.first_new_lesion(FIRST_LINE),
    ),
    Target("doubling at 1e6 to 1e7 cells, days", 5.0, 45.0, OURS, lambda it: it.doubling(1e6, 1e7)),
    Target(
        "doubling at 1e10 to 1e11 cells, of that",
        2.5,
        100.0,
        OURS,
        lambda it: it.doubling(1e10, 1e11) / it.doubling(1e6, 1e7),
    ),
    Target("random doses: mean return, of the first line's", 0.0, 1.0, OURS, _chance),
)
