"""What must hold in lung cancer, beyond the arms of `trial_arms`: each target with its band and source."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from metaenv_agents.policy import BoolArray, FloatArray
from metaenv_agents.rules.sequential import GROWTH, GROWTH_FACTOR
from metaenv_experiments.evaluation import survival_statistics
from metaenv_experiments.studies.targets.follow import RESPONSE, Course, Moment, hazard_ratio, median_months
from metaenv_experiments.studies.targets.looks import DOUBLING, OURS, Looks, Target, constant, lines, with_courses

MANY, FEW = 6, 3  # visible lesions
CLEARED = 0.05  # of the baseline marker, below which blood counts as cleared; guess


OSIMERTINIB, ERLOTINIB, CHEMOTHERAPY = ("osimertinib",), ("erlotinib",), ("platinum_pemetrexed",)
DRUGS = (*OSIMERTINIB, *ERLOTINIB, *CHEMOTHERAPY)


class LaterLine(NamedTuple):
    """What came of a line after the first, of those who were given it."""

    days: FloatArray  # (patient,) to progression or death
    ended: BoolArray  # (patient,) by either
    response: float  # share

    @property
    def median(self) -> float:
        """Months without progression."""
        return median_months(self.days, self.ended)


class LungLooks(Looks):
    """Osimertinib, then chemotherapy beside it; with radiation as in NorthStar."""

    lines = (OSIMERTINIB, (*OSIMERTINIB, *CHEMOTHERAPY))
    doubled = OSIMERTINIB
    courses = 5  # one for each lesion of who has few

    @cached_property
    def irradiated(self) -> Course:
        """Three courses, no drug."""
        return self.irradiated_patients.follow(with_courses(constant("no_treatment")))

    @cached_property
    def both_inhibitors(self) -> Course:
        """Two drugs of one target, then chemotherapy."""
        return self.patients.follow(lines((*ERLOTINIB, *OSIMERTINIB), CHEMOTHERAPY))

    @cached_property
    def few(self) -> BoolArray:
        """Whose first scan shows few lesions."""
        return self.seen <= FEW

    @cached_property
    def many(self) -> BoolArray:
        """Whose first scan shows many lesions."""
        return self.seen >= MANY

    @cached_property
    def later_line(self) -> LaterLine:
        """Chemotherapy after erlotinib."""
        return self.second_of((ERLOTINIB, CHEMOTHERAPY))

    @property
    def hazard_of_going_on(self) -> float:
        """Of progression on chemotherapy beside osimertinib against chemotherapy alone, after osimertinib."""
        beside, alone = (
            self.second_of((OSIMERTINIB, second)) for second in ((*OSIMERTINIB, *CHEMOTHERAPY), CHEMOTHERAPY)
        )
        return survival_statistics.hazard_ratio(beside.days, beside.ended, alone.days, alone.ended).value

    def second_of(self, given: tuple[tuple[str, ...], ...]) -> LaterLine:
        """The second of two lines, from the day on which it begins."""
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

        course = self.patients.follow(lines(*given), look=look)
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
        return LaterLine(np.array(spans), np.array(events), float(np.mean(responses)))


def _longer(looks: LungLooks) -> float:
    """Gain in median survival by three courses without any drug, where there are many lesions, as a share."""
    many = looks.many
    medians = [median_months(each.survival[many], each.died[many]) for each in (looks.irradiated, looks.untreated)]
    return medians[0] / medians[1] - 1.0


def _marker(looks: LungLooks, visit: int) -> float:
    """Median ctDNA after so many visits of three weeks on osimertinib, of baseline."""
    return float(np.median(looks.first_line.marker[visit - 1]))


def _later_marker(looks: LungLooks, visit: int, before: int) -> float:
    return _marker(looks, visit) / _marker(looks, before)


def _cleared(looks: LungLooks) -> float:
    return float((looks.first_line.marker[1] <= CLEARED).mean())


# who published the bands; "unchecked" where the paper could not be read
NORTHSTAR = "NorthStar (ESMO 2025), unchecked"
READ_OFF = "Soria2018, Planchard2023, read off curves"
AURA3, FLAURA = "AURA3, unchecked", "FLAURA, unchecked"
TARGETS = (
    Target("untreated: median survival, months", 4.0, 9.0, "Wao2013", lambda it: it.untreated.median_survival),
    Target("osimertinib: median PFS, months", 16.1, 20.1, NORTHSTAR, lambda it: it.first_line.median_progression_free),
    Target(
        "osimertinib, 5 courses: median PFS, months",
        21.5,
        29.1,
        NORTHSTAR,
        lambda it: it.consolidated[0].median_progression_free,
    ),
    Target("courses: hazard ratio of progression", 0.5, 0.87, NORTHSTAR, lambda it: it.hazard_of_courses()),
    Target(
        "courses, at most 3 lesions: hazard ratio", 0.5, 0.9, NORTHSTAR, lambda it: it.hazard_of_courses(it.seen <= FEW)
    ),
    Target(
        "courses, more than 3 lesions: hazard ratio",
        0.5,
        0.9,
        NORTHSTAR,
        lambda it: it.hazard_of_courses(it.seen > FEW),
    ),
    Target("new lesion at progression, share", 0.35, 0.65, "half; guess", lambda it: it.first_line.with_new_lesion),
    Target("irradiated lesions not seen at 2 years, share", 0.85, 1.01, "textbook", lambda it: it.consolidated[1]),
    Target("free of progression, 12 months", 0.61, 0.75, READ_OFF, lambda it: it.first_line.progression_free_at(12)),
    Target("free of progression, 24 months", 0.34, 0.48, READ_OFF, lambda it: it.first_line.progression_free_at(24)),
    Target("free of progression, 36 months", 0.21, 0.35, READ_OFF, lambda it: it.first_line.progression_free_at(36)),
    Target("chemotherapy after erlotinib: response, share", 0.2, 0.4, AURA3, lambda it: it.later_line.response),
    Target("chemotherapy after erlotinib: median PFS, months", 3.3, 5.5, AURA3, lambda it: it.later_line.median),
    Target(
        "chemotherapy beside osimertinib, after it: hazard ratio",
        0.27,
        0.7,
        "COMPEL2025",
        lambda it: it.hazard_of_going_on,
    ),
    Target("ctDNA on day 21 of osimertinib, of baseline", 0.0, 1.0, FLAURA, lambda it: _marker(it, 1)),
    Target("ctDNA on day 42, of that on day 21", 0.0, 1.0, FLAURA, lambda it: _later_marker(it, 2, 1)),
    Target("ctDNA on day 84, of that on day 42", 0.0, 1.0, FLAURA, lambda it: _later_marker(it, 4, 2)),
    Target("ctDNA cleared by day 42, share", 0.5, 1.01, FLAURA, _cleared),
    Target("PFS on twice the kill, of that on osimertinib", 0.92, 10.0, OURS, lambda it: it.share_of_kill),
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
        lambda it: it.first_new_lesion(it.first),
    ),
    *DOUBLING,
    Target("random doses: mean return, of the first line's", 0.0, 1.0, OURS, lambda it: it.worth_of_chance),
)
