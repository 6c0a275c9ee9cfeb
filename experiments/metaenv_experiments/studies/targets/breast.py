"""What must hold after surgery for breast cancer, beyond the arms of `trial_arms`: each target with band and source."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from metaenv_agents.policy import FloatArray
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.studies.targets.follow import Course
from metaenv_experiments.studies.targets.looks import OURS, Looks, Target, constant

DRUGS = ("letrozole",)
SPANS = ((0.0, 5.0), (5.0, 10.0), (10.0, 20.0))  # years


class BreastLooks(Looks):
    """Letrozole for five years, or nothing."""

    lines = (DRUGS,)
    doubled = DRUGS

    @cached_property
    def first_line(self) -> Course:
        """Letrozole for five years."""
        return self.patients.follow(constant("fixed_duration", days=5 * DAYS_PER_YEAR, drugs=DRUGS))

    @cached_property
    def standard(self) -> Course:
        """Letrozole for five years, and more lines after a recurrence."""
        return self.patients.follow(constant("standard_of_care"))

    @cached_property
    def palbociclib(self) -> Course:
        """Palbociclib without letrozole, to the end."""
        return self.patients.follow(constant("maximum_tolerated_dose", drugs=("palbociclib",)))

    @cached_property
    def ratios(self) -> FloatArray:
        """Recurrence a year on letrozole, of that without, by span of years."""
        return rates(self.first_line) / rates(self.untreated)


def rates(course: Course) -> FloatArray:
    """Recurrences a year of those at risk, by span of years."""
    years = course.progression / DAYS_PER_YEAR
    found = [
        ((years >= low) & (years < high) & course.progressed).sum() / (np.clip(years, low, high) - low).sum()
        for low, high in SPANS
    ]
    return np.array(found)


TARGETS = (
    Target(
        "untreated: recurrence in years 5 to 9, of years 0 to 4",
        0.3,
        0.95,
        "EBCTCG2011",
        lambda it: rates(it.untreated)[1] / rates(it.untreated)[0],
    ),
    Target("letrozole: rate ratio in years 0 to 4", 0.4, 0.65, "EBCTCG2011", lambda it: it.ratios[0]),
    Target("letrozole: rate ratio in years 5 to 9", 0.5, 0.9, "EBCTCG2011", lambda it: it.ratios[1]),
    Target("letrozole: rate ratio after year 10", 0.8, 1.25, "EBCTCG2011", lambda it: it.ratios[2]),
    Target(
        "palbociclib alone, always: mean return, of the standard of care's",
        0.0,
        1.0,
        OURS,
        lambda it: it.palbociclib.returns.mean() / it.standard.returns.mean(),
    ),
    Target("random doses: mean return, of letrozole's", 0.0, 1.0, OURS, lambda it: it.worth_of_chance),
)
