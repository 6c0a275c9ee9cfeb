"""What must hold in prostate cancer, beyond the arms of `trial_arms`: each target with its band and source."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from metaenv_agents.policy import BoolArray
from metaenv_experiments.studies.targets.follow import Course, median_months
from metaenv_experiments.studies.targets.looks import DOUBLING, OURS, Looks, Target, constant

ABIRATERONE, DOCETAXEL = ("abiraterone",), ("docetaxel",)
DRUGS = (*ABIRATERONE, *DOCETAXEL)
FEW = 3  # visible lesions, as in ARTO
EARLY = 3  # visits of four weeks, until PSA is judged


class ProstateLooks(Looks):
    """Abiraterone, then docetaxel; with radiation as in ARTO."""

    lines = (ABIRATERONE, DOCETAXEL)
    doubled = ABIRATERONE

    @cached_property
    def few(self) -> BoolArray:
        """Whose first scan shows few lesions."""
        return self.seen <= FEW

    @cached_property
    def adaptive(self) -> Course:
        """AT50, then docetaxel."""
        return self.patients.follow(constant("at50_with_second_line"))

    @property
    def worth_of_full_doses(self) -> float:
        """Return of full doses, of that of AT50."""
        return float(self.first_line.returns.mean() / self.adaptive.returns.mean())


def _halved(looks: ProstateLooks) -> float:
    """Share whose PSA falls by half within twelve weeks on abiraterone."""
    return float((np.nanmin(looks.first_line.marker[:EARLY], axis=0) <= 0.5).mean())


def _survival_of_few(looks: ProstateLooks) -> float:
    course = looks.first_line
    return median_months(course.survival[looks.few], course.died[looks.few])


ARTO = "ARTO (2023), unchecked"
TARGETS = (
    Target("untreated: median survival, months", 12.0, 18.0, "Berry2002", lambda it: it.untreated.median_survival),
    Target("abiraterone: PSA halved in 12 weeks, share", 0.55, 0.7, "Ryan2013, unchecked", _halved),
    Target("at most 3 lesions, abiraterone: median survival, months", 43.0, 58.0, ARTO, _survival_of_few),
    Target(
        "at most 3 lesions, courses: hazard ratio of progression",
        0.21,
        0.57,
        ARTO,
        lambda it: it.hazard_of_courses(it.few),
    ),
    Target("irradiated lesions not seen at 2 years, share", 0.85, 1.01, "textbook", lambda it: it.consolidated[1]),
    Target("all visible gone, drug: first lesion, months", 1.0, 24.0, OURS, lambda it: it.first_new_lesion(it.first)),
    *DOUBLING,
    Target(
        "random doses: mean return, of AT50's",
        0.0,
        1.0,
        OURS,
        lambda it: it.by_chance.returns.mean() / it.adaptive.returns.mean(),
    ),
    Target(
        "full doses: mean return, of AT50's",
        0.0,
        1.0,
        "Zhang2022",
        lambda it: it.worth_of_full_doses,
    ),
)
