"""What must hold in recurrent breast cancer, beyond the arms of `trial_arms`: each target with its band and source."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from metaenv.diseases import LUNG, Disease
from metaenv_agents.policy import BoolArray
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.studies.targets.follow import Course
from metaenv_experiments.studies.targets.looks import DOUBLING, OURS, Looks, Target, lines

LETROZOLE, PALBOCICLIB, CHEMOTHERAPY = ("letrozole",), ("palbociclib",), ("doxorubicin",)
BOTH = (*LETROZOLE, *PALBOCICLIB)
DRUGS = (*BOTH, *CHEMOTHERAPY)
FEW, COURSES = 4, 4  # lesions at most, and one course for each, as in NRG-BR002
LATE = 36.0  # months


class RecurrentLooks(Looks):
    """Letrozole with palbociclib, then chemotherapy, then the first line again; radiation is that of lung cancer."""

    lines = (BOTH, CHEMOTHERAPY, BOTH)
    doubled = LETROZOLE
    courses = COURSES

    def __init__(self, disease: Disease, patients: int, seed: int = 0, cohort: str = "test") -> None:
        assert LUNG.local_therapy is not None
        radiation = replace(LUNG.local_therapy, patient_courses=COURSES)
        super().__init__(replace(disease, local_therapy=disease.local_therapy or radiation), patients, seed, cohort)

    @cached_property
    def few(self) -> BoolArray:
        """Whose first scan shows few lesions."""
        return self.seen <= FEW

    @cached_property
    def letrozole(self) -> Course:
        """Without palbociclib."""
        return self.patients.follow(lines(LETROZOLE, CHEMOTHERAPY, LETROZOLE))

    @cached_property
    def palbociclib(self) -> Course:
        """Palbociclib without letrozole."""
        return self.patients.follow(lines(PALBOCICLIB, CHEMOTHERAPY, PALBOCICLIB))

    @cached_property
    def chemotherapy_first(self) -> Course:
        """Doxorubicin, then letrozole with palbociclib."""
        return self.patients.follow(lines(CHEMOTHERAPY, BOTH))

    def with_new_lesion_by(self, course: Course) -> float:
        """Share of those with few lesions who progressed with a new one within three years."""
        soon = course.new_lesion & (course.progression < LATE * DAYS_PER_MONTH)
        return float(soon[self.few].mean())


BR002, PALOMA = "NRG-BR002 (2022), unchecked", "Finn2016"
TARGETS = (
    Target("untreated: median survival, months", 12.0, 24.0, "guess", lambda it: it.untreated.median_survival),
    Target("letrozole: median PFS, months", 12.3, 16.7, PALOMA, lambda it: it.letrozole.median_progression_free),
    Target(
        "letrozole, palbociclib: median PFS, months",
        21.1,
        28.5,
        PALOMA,
        lambda it: it.first_line.median_progression_free,
    ),
    # pretreated there; the band is its 95 % interval
    Target(
        "palbociclib alone: median PFS, months",
        5.4,
        8.5,
        "Malorni2018",
        lambda it: it.palbociclib.median_progression_free,
    ),
    Target("letrozole, palbociclib: response, share", 0.42, 0.72, "guess", lambda it: it.first_line.response),
    Target("new lesion at progression, share", 0.35, 0.65, "half; guess", lambda it: it.first_line.with_new_lesion),
    Target(
        "at most 4 lesions, courses: hazard ratio of progression",
        0.7,
        1.2,
        BR002,
        lambda it: it.hazard_of_courses(it.few),
    ),
    Target("new lesion within 36 months, share", 0.3, 0.5, BR002, lambda it: it.with_new_lesion_by(it.first_line)),
    Target(
        "new lesion within 36 months, courses, share",
        0.3,
        0.5,
        BR002,
        lambda it: it.with_new_lesion_by(it.consolidated[0]),
    ),
    Target("irradiated lesions not seen at 2 years, share", 0.85, 1.01, "textbook", lambda it: it.consolidated[1]),
    Target("PFS on twice the kill of letrozole, of that on it", 0.92, 10.0, OURS, lambda it: it.share_of_kill),
    *DOUBLING,
    Target(
        "palbociclib alone: mean return, of the first line's",
        0.0,
        1.0,
        OURS,
        lambda it: it.palbociclib.returns.mean() / it.first_line.returns.mean(),
    ),
    Target("random doses: mean return, of the first line's", 0.0, 1.0, OURS, lambda it: it.worth_of_chance),
    Target(
        "chemotherapy first: mean return, of the first line's",
        0.0,
        1.0,
        OURS,
        lambda it: it.chemotherapy_first.returns.mean() / it.first_line.returns.mean(),
    ),
)
