"""Targets of a disease beyond trial arms: growth by size, local therapy, new lesions, blood, who wins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv.diseases import find_disease
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import UsageError, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.targets import lung
from metaenv_experiments.studies.targets.follow import Found

TARGETS = "targets.json"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Look whether a disease meets the targets that trial arms do not ask for: how tumours grow, what procedures do."""

    disease: str = "lung"
    """Lung cancer by name, or one of your own as module:NAME, such as my_lung:LUNG."""
    patients: int = 512
    """Test patients who meet every treatment (count), the first of the cohort."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0)."""
    out: Path | None = None
    """Run folder to write. None: runs/study-targets-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 16, "--patients", self.patients, ">= 16")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")


def run(options: Options) -> None:
    """Try every target, print, store."""
    try:
        disease = find_disease(options.disease)
    except ValueError as error:
        raise UsageError(f"--disease: {error}") from error
    if not set(lung.DRUGS) <= {drug.name for drug in disease.drugs}:
        raise UsageError(f"--disease must be lung cancer under its own drugs, got {options.disease!r}")
    if disease.local_therapy is None:
        raise UsageError(f"--disease must have numbers of local therapy, got {options.disease!r}")
    folder = RunFolder.create(options, out=options.out)
    looks, found = lung.Looks(disease, options.patients, options.seed), []
    with progress() as bar:
        step = bar.add_task("looking", total=len(lung.TARGETS), unit="targets")
        for target in lung.TARGETS:
            found.append(Found(target.name, target.found(looks), target.low, target.high, target.source))
            bar.advance(step)
    folder.write_json(TARGETS, {each.name: each._asdict() | {"met": each.met} for each in found})
    rows = [(each.name, f"{each.value:.3g}", each.band, "yes" if each.met else "NO", each.source) for each in found]
    met = sum(each.met for each in found)
    header = ("target", "found", "band", "met", "source")
    title = f"{disease.title}: {met} of {len(found)} targets met"
    console().print(on_screen(Table(title, header, rows, f"{options.patients} test patients, seed {options.seed}")))
    say_where(folder.path)
