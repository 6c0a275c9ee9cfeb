"""Options of the commands about the patients and the model, not about policies; as in `config.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv_experiments.running.requests import (
    CohortName,
    check_heeded,
    check_places,
    check_resume,
    check_trial,
    file_of,
    require,
)


@dataclass(frozen=True, kw_only=True)
class Barriers:
    """Remove each barrier to cure from the same patients and try every strategy again: what makes cure so hard?"""

    disease: tuple[str, ...] = ("prostate", "lung", "breast")
    """Diseases by name."""
    patients: int = 256
    """Patients treated in every cell (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0); the same everywhere."""
    report: Path | None = None
    """Page to write beside the one in the run folder, such as docs/barriers.md; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/barriers-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished cells are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(len(self.disease) >= 1, "--disease", self.disease, "at least one name")
        require(len(set(self.disease)) == len(self.disease), "--disease", self.disease, "each name once")
        check_trial(self.patients, 1, self.seed, 0)
        check_places(file=("--report", self.report))
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Arms:
    """Simulate the arms of published trials; print, store and draw them beside what was published."""

    disease: str = "prostate"
    """Disease by name, one with trial arms: prostate, lung, breast or breast_recurrent."""
    patients: int = 1024
    """Patients that every arm treats (count), consecutive ones of the cohort."""
    cohort: CohortName = "validation"
    """Whose patients. Fits use train patients, so take another cohort."""
    first: int = 0
    """Place in the cohort of the first of them (integer >= 0)."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0); the same for every arm."""
    zhang: Path | None = None
    """TrialPatientData.xlsx of Zhang et al. 2022, to draw its PSA courses beside simulated ones. None: left out."""
    docs: Path | None = None
    """Folder that gets the page arms-<disease>.md and its pictures too, such as docs. None: only the run folder."""
    out: Path | None = None
    """Run folder to write. None: runs/arms-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.first >= 0, "--first", self.first, ">= 0")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_places(folder=("--docs", self.docs))
        if self.zhang is not None:
            require(self.disease == "prostate", "--disease", self.disease, "prostate where --zhang is given")


@dataclass(frozen=True, kw_only=True)
class Calibrate:
    """Fit a disease's free parameters to its published trial arms on train patients; check them on others."""

    disease: str = "prostate"
    """Disease by name, one with free parameters: prostate, lung, breast or breast_recurrent."""
    patients: int = 512
    """Train patients that every arm treats in each evaluation (count); as many validation patients check the result."""
    evaluations: int = 300
    """Parameter sets that are tried (count), rounded up to whole generations."""
    seed: int = 0
    """Seed of the patients' fates and of the search (integer >= 0)."""
    processes: int = 1
    """Processes that share the evaluations (count). Results do not depend on it."""
    start: Path | None = None
    """A former fit, a JSON or the name of one that ships, such as lung, to start where it did. None: the disease
    file."""
    record: Path | None = None
    """File that gets the fit as JSON too, such as fitted/lung.json; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/calibrate-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished generations are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.evaluations >= 1, "--evaluations", self.evaluations, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(self.processes >= 1, "--processes", self.processes, ">= 1")
        if self.start is not None:
            file_of("start", self.start)
        check_places(file=("--record", self.record))
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Describe the patients of a cohort as a paper does, in its table 1; or freeze the test cohorts of all diseases."""

    disease: str = "prostate"
    """Disease by name."""
    patients: int = 1024
    """Patients described (count), the first of the cohort."""
    cohort: CohortName = "test"
    """Whose patients."""
    shift: str | None = None
    """Shift of these patients, such as faster_mutation: metaenv/scenario/shift.py. None: as the disease has them."""
    seed: int = 0
    """Seed of the patients' fates (integer >= 0); matters for the untreated course and the measured marker."""
    freeze: bool = False
    """Write fingerprints of every disease's test cohort into metaenv/cohorts.json of the checkout instead, and say what
    changed."""
    out: Path | None = None
    """Folder to write the table to, as table1.csv and table1.md. None: only printed."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        whose = ("disease", "patients", "cohort", "shift", "seed", "out")
        check_heeded(self, not self.freeze, "given without --freeze", *whose)


@dataclass(frozen=True, kw_only=True)
class Credibility:
    """Say how far the model can be trusted: marks of its numbers, sensitivity of its results, good practice."""

    disease: str = "prostate"
    """Disease whose results are tried for sensitivity: prostate, lung or breast_recurrent."""
    patients: int = 256
    """Train patients (count) treated at every point."""
    trajectories: int = 10
    """Trajectories of Morris' design (count); each takes parameters + 1 points."""
    seed: int = 0
    """Seed of the patients' fates and of the design (integer >= 0)."""
    docs: Path | None = None
    """Folder that gets credibility.md and pictures/sensitivity.png too, such as docs. None: only the run folder."""
    out: Path | None = None
    """Run folder to write. None: runs/credibility-<time>."""
    resume: bool = False
    """Continue the run in --out; points that are done are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 1, "--patients", self.patients, ">= 1")
        require(self.trajectories >= 2, "--trajectories", self.trajectories, ">= 2")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_places(folder=("--docs", self.docs))
        check_resume(self.resume, self.out)


@dataclass(frozen=True, kw_only=True)
class Validate:
    """Run the published cases in a checkout's tests/published, print what they compared, write docs/validation.md."""

    quick: bool = False
    """Leave out the slow ones, and write no page unless --out asks for one."""
    workers: int = 1
    """Processes that share the tests (count)."""
    out: Path | None = None
    """File to write the page to. None: docs/validation.md."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        check_places(file=("--out", self.out))
        require(self.workers >= 1, "--workers", self.workers, ">= 1")
