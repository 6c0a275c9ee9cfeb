"""Targets of a disease beyond trial arms: growth by size, local therapy, new lesions, blood, who wins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv.diseases import Disease, find_disease
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.tables import Table, markdown, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_text
from metaenv_experiments.running.options import UsageError, check_places, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.targets.asked import ASKED, about
from metaenv_experiments.studies.targets.follow import Found

TARGETS = "targets.json"
HEADER = ("target", "found", "band", "met", "source")
PAGE = """# What the diseases must hold

What published trials and laws of growth ask of the diseases beyond the arms of trials
([prostate](arms-prostate.md), [lung](arms-lung.md), [breast](arms-breast.md)), and what is found. A source that could
not be read is called unchecked. Written by

    metaenv study targets --disease {diseases} --patients {patients} --seed {seed} --report docs/targets.md

"""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Look whether diseases meet the targets that trial arms do not ask for: how tumours grow, what procedures do."""

    disease: tuple[str, ...] = ("lung",)
    """By name, or your own as module:NAME, such as my_lung:LUNG, which are asked what their names are asked."""
    patients: int = 512
    """Test patients who meet every treatment (count), the first of the cohort; after surgery four times as many."""
    seed: int = 0
    """Seed of the patients' courses (integer >= 0)."""
    report: Path | None = None
    """Page to write, such as docs/targets.md; replaced if it exists."""
    out: Path | None = None
    """Run folder to write. None: runs/study-targets-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.patients >= 16, "--patients", self.patients, ">= 16")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        require(len(self.disease) > 0, "--disease", self.disease, "at least one")
        check_places(file=("--report", self.report))


def run(options: Options) -> None:
    """Try every target, print, store."""
    diseases = [_disease(name) for name in options.disease]
    folder = RunFolder.create(options, out=options.out)
    tables = []
    for disease in diseases:
        patients = options.patients * ASKED[disease.name].times
        found = _found(disease, options)
        name = TARGETS if len(diseases) == 1 else f"{disease.name}-{TARGETS}"
        folder.write_json(name, {each.name: about(each) for each in found})
        rows = [(each.name, f"{each.value:.3g}", each.band, "yes" if each.met else "NO", each.source) for each in found]
        title = f"{disease.title}: {sum(each.met for each in found)} of {len(found)} targets met"
        tables.append(Table(title, HEADER, rows, f"{patients} test patients, seed {options.seed}"))
        console().print(on_screen(tables[-1]))
    if options.report is not None:
        named = {"diseases": " ".join(options.disease), "patients": options.patients, "seed": options.seed}
        write_text(options.report, PAGE.format(**named) + "\n\n".join(map(_section, tables)) + "\n")
    say_where(folder.path)


def _disease(name: str) -> Disease:
    try:
        disease = find_disease(name)
    except ValueError as error:
        raise UsageError(f"--disease: {error}") from error
    if disease.name not in ASKED:
        raise UsageError(f"--disease must be one with targets ({', '.join(ASKED)}), got {name!r}")
    drugs = ASKED[disease.name].drugs
    if missing := set(drugs) - {drug.name for drug in disease.drugs}:
        raise UsageError(f"--disease must offer {sorted(drugs)}, got {name!r} without {sorted(missing)}")
    return disease


def _found(disease: Disease, options: Options) -> list[Found]:
    asked = ASKED[disease.name]
    with progress() as bar:
        step = bar.add_task("looking", total=len(asked.targets), unit="targets")
        return asked.found(disease, options.patients, options.seed, after_each=lambda: bar.advance(step))


def _section(table: Table) -> str:
    return f"## {table.title}\n\n{markdown(table)}\n\n{table.caption}."
