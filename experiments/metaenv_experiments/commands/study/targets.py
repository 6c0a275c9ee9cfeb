"""Targets of a disease beyond trial arms: growth by size, local therapy, new lesions, blood, who wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaenv.diseases import find_disease
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import UsageError, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.targets import breast, breast_recurrent, lung, prostate
from metaenv_experiments.studies.targets.follow import Found
from metaenv_experiments.studies.targets.looks import Looks

TARGETS = "targets.json"
ASKED: dict[str, tuple[Any, Callable[..., Looks]]] = {  # by disease: its targets, and how to look
    "prostate": (prostate, prostate.ProstateLooks),
    "lung": (lung, lung.LungLooks),
    "breast": (breast, breast.BreastLooks),
    "breast_recurrent": (breast_recurrent, breast_recurrent.RecurrentLooks),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """Look whether a disease meets the targets that trial arms do not ask for: how tumours grow, what procedures do."""

    disease: str = "lung"
    """By name, or one of your own as module:NAME, such as my_lung:LUNG, which is asked what its name is asked."""
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
    if disease.name not in ASKED:
        raise UsageError(f"--disease must be one with targets ({', '.join(ASKED)}), got {options.disease!r}")
    asked, looks_at = ASKED[disease.name]
    if missing := set(asked.DRUGS) - {drug.name for drug in disease.drugs}:
        raise UsageError(
            f"--disease must offer {sorted(asked.DRUGS)}, got none of {sorted(missing)} in {options.disease!r}"
        )
    folder = RunFolder.create(options, out=options.out)
    looks, found = looks_at(disease, options.patients, options.seed), []
    with progress() as bar:
        step = bar.add_task("looking", total=len(asked.TARGETS), unit="targets")
        for target in asked.TARGETS:
            found.append(Found(target.name, target.found(looks), target.low, target.high, target.source))
            bar.advance(step)
    folder.write_json(TARGETS, {each.name: each._asdict() | {"met": each.met} for each in found})
    rows = [(each.name, f"{each.value:.3g}", each.band, "yes" if each.met else "NO", each.source) for each in found]
    met = sum(each.met for each in found)
    header = ("target", "found", "band", "met", "source")
    title = f"{disease.title}: {met} of {len(found)} targets met"
    console().print(on_screen(Table(title, header, rows, f"{options.patients} test patients, seed {options.seed}")))
    say_where(folder.path)
