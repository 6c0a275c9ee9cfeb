"""Who is treated, and under which conditions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import metaenv
from metaenv_experiments.evaluation.task import Task, diseases
from metaenv_experiments.running.options import UsageError, require
from metaenv_experiments.studies.barriers.ablations import SINGLE

BARRIERS = {barrier.name: barrier for barrier in SINGLE}
LARGEST_SEED = 2**53 - 1  # what a page can hold as a whole number


@cache
def offered() -> tuple[str, ...]:
    """Diseases whose patients are treated for quality-adjusted years, which is what the page counts."""
    return tuple(name for name in diseases() if metaenv.make_scenario(name).reward.objective == "quality")


def has_local_therapy(disease: str) -> bool:
    """Whether resection and radiotherapy can be offered in a disease."""
    return metaenv.DISEASES[disease].local_therapy is not None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """One patient of a disease, what chance does to it, and which barriers to cure are switched off."""

    disease: str
    patient: int  # id
    seed: int = 0  # of the patient's course
    without: tuple[str, ...] = ()  # names in `BARRIERS`
    local_therapy: bool = False  # whether resection and radiotherapy are offered beside drugs

    def __post_init__(self) -> None:
        """Check everything at the door."""
        require(self.disease in offered(), "disease", self.disease, f"one of {', '.join(offered())}")
        cohort_of(self.patient)
        require(0 <= self.seed <= LARGEST_SEED, "seed", self.seed, f"a whole number in 0 … {LARGEST_SEED}")
        for name in self.without:
            require(name in BARRIERS, "barrier that is switched off", name, f"one of {', '.join(BARRIERS)}")
        require(len(set(self.without)) == len(self.without), "barriers switched off", self.without, "each name once")
        known = not self.local_therapy or has_local_therapy(self.disease)
        require(known, f"local therapy of {self.disease}", self.local_therapy, "False: there are no numbers for it")

    @cached_property
    def task(self) -> Task:
        """The same as a task of a benchmark: this patient alone."""
        cohort = cohort_of(self.patient)
        barriers = [BARRIERS[name] for name in self.without]
        return Task(
            disease=self.disease,
            cohort=cohort,
            patients=1,
            first=self.patient - metaenv.COHORTS[cohort].start,
            seed=self.seed,
            without=tuple(name for barrier in barriers for name in barrier.without),
            changes=tuple(change for barrier in barriers for change in barrier.changes),
            local_therapy=self.local_therapy,
        )


def cohort_of(patient: int) -> str:
    """The cohort that a patient belongs to.

    Raises:
        UsageError: it belongs to none.
    """
    for name, ids in metaenv.COHORTS.items():
        if patient in ids:
            return name
    last = max(ids.stop for ids in metaenv.COHORTS.values()) - 1
    raise UsageError(f"patient must be a whole number in 0 … {last}, got {patient!r}")
