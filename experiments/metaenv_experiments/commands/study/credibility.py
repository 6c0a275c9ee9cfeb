"""Say what the model's numbers rest on, which of them drive its results, and how it was made."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from textwrap import wrap

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.summary import say_where
from metaenv_experiments.reporting.tables import Table, markdown, on_screen
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.files import write_atomically
from metaenv_experiments.running.options import PACKAGE, check_places, check_resume, require
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.studies.credibility.evidence import CLASSES, count_marks
from metaenv_experiments.studies.credibility.figure import draw_effects
from metaenv_experiments.studies.credibility.sensitivity import (
    OUTCOMES,
    Uncertain,
    changes_at,
    design,
    elementary_effects,
    evaluate,
    parameters_of,
    ranked,
)

DOCUMENT, PICTURE = "credibility.md", "pictures/sensitivity.png"
MARKS, POINTS, EFFECTS, PARTS = "marks.parquet", "points.parquet", "effects.parquet", "points"
TEMPLATE = PACKAGE / "studies" / "credibility" / "template.md"
DRIVERS = 3  # named in the text for each outcome
HEADER_WIDTH = 15  # columns of a header on the screen, so that the names have room
PARAMETER, OUTCOME_PREFIX = "parameter ", "months "  # of the columns of POINTS


@dataclass(frozen=True, kw_only=True)
class Options:
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
class Study:
    """What is varied, where, and where its results lie."""

    task: Task
    parameters: dict[str, Uncertain]
    points: NDArray[np.float64]  # (point, parameter)
    folder: RunFolder
    seed: int

    def run(self) -> pd.DataFrame:
        """Play the points that are not yet there, and return the effects."""
        if not self.folder.has(EFFECTS):
            results = self._results()
            effects = elementary_effects(self.parameters, self.points, results, self.seed)
            design_table = pd.DataFrame(self.points, columns=[PARAMETER + path for path in self.parameters])
            self.folder.write_table(POINTS, design_table.join(results.add_prefix(OUTCOME_PREFIX)))
            self.folder.write_table(EFFECTS, effects)
        shutil.rmtree(self.folder.path / PARTS, ignore_errors=True)
        return self.folder.read_table(EFFECTS)

    def _results(self) -> pd.DataFrame:
        found = []
        with progress() as bar:
            step = bar.add_task("elementary effects", total=len(self.points), unit="points")
            for number, point in enumerate(self.points):
                part = f"{PARTS}/{number:05d}.json"
                if not self.folder.has(part):
                    changes = changes_at(self.task.scenario, self.parameters, point)
                    self.folder.write_json(part, evaluate(self.task, changes))
                found.append(self.folder.read_json(part))
                bar.advance(step)
        return pd.DataFrame(found)


def run(options: Options) -> None:
    """Count, vary, draw, write."""
    parameters = parameters_of(options.disease)
    task = Task(disease=options.disease, cohort="train", patients=options.patients, seed=options.seed)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    marks = count_marks()
    folder.write_table(MARKS, marks)
    points = design(parameters, options.trajectories, options.seed)
    study = Study(task=task, parameters=parameters, points=points, folder=folder, seed=options.seed)
    effects = study.run()
    text = document(options, study, marks, effects).encode()
    for target in (folder.path, *([options.docs] if options.docs is not None else [])):
        draw_effects(effects, task, target / PICTURE)
        write_atomically(target / DOCUMENT, lambda partial: partial.write_bytes(text))
    console().print(on_screen(evidence_table(marks, title="Lines with numbers, by the weakest mark on each")))
    title = f"{task.scenario.disease.title}: elementary effects, μ* (σ), months per range"
    console().print(on_screen(effects_table(effects, parameters, title=title)))
    say_where(folder.path)


def document(options: Options, study: Study, marks: pd.DataFrame, effects: pd.DataFrame) -> str:
    """The text of docs/credibility.md: the template's prose with this run's numbers."""
    parameters, months = study.parameters, study.folder.read_table(POINTS)
    gain = (months[OUTCOME_PREFIX + "at50"] - months[OUTCOME_PREFIX + "maximum_tolerated_dose"]).to_numpy()
    total = marks[list(CLASSES)].sum()
    command = (
        f"metaenv study credibility --disease {options.disease} --patients {options.patients} "
        f"--trajectories {options.trajectories} --seed {options.seed}"
    )
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=metaenv.__version__,
        command=command,
        lines=int(total.sum()),
        guess_percent=f"{100 * total['guess'] / total.sum():.0f}",
        **{f"lines_{name.replace(' ', '_')}": int(total[name]) for name in CLASSES},
        marks=markdown(evidence_table(marks)),
        disease=study.task.scenario.disease.title,
        patients=options.patients,
        trajectories=options.trajectories,
        points=len(gain),
        wins=int((gain > 0.0).sum()),
        median_gain=f"{np.median(gain):.1f}",
        lowest_gain=f"{gain.min():.1f}",
        highest_gain=f"{gain.max():.1f}",
        parameters=len(parameters),
        drivers="\n".join(f"- {title}: {_drivers(effects, outcome)}" for outcome, title in OUTCOMES.items()),
        effects=markdown(effects_table(effects, parameters)),
        picture=PICTURE,
    )


def _drivers(effects: pd.DataFrame, outcome: str) -> str:
    rows = ranked(effects, outcome).head(DRIVERS).itertuples()
    return ", ".join(f"`{row.parameter}` ({row.mu_star:.1f} ± {row.mu_star_reach:.1f})" for row in rows)


def effects_table(effects: pd.DataFrame, parameters: Mapping[str, Uncertain], *, title: str = "") -> Table:
    """One row per number: its range, and mu* and sigma for each outcome; those that drive survival first."""
    by_outcome = {outcome: effects[effects["outcome"] == outcome].set_index("parameter") for outcome in OUTCOMES}
    rows = [
        (
            path,
            parameters[path].range,
            *(f"{found.mu_star[path]:.1f} ({found.sigma[path]:.1f})" for found in by_outcome.values()),
        )
        for path in ranked(effects, "maximum_tolerated_dose")["parameter"]
    ]
    return Table(title, ("number", "range", *(f"{_stacked(outcome)}:\nμ* (σ)" for outcome in OUTCOMES.values())), rows)


def evidence_table(evidence: pd.DataFrame, *, title: str = "") -> Table:
    """What the numbers of every file rest on."""
    rows = [tuple(str(cell) for cell in row) for row in evidence.itertuples(index=False)]
    total = ("all", "", *(str(evidence[name].sum()) for name in CLASSES))
    return Table(title, ("kind", "file", *CLASSES), [*rows, total])


def _stacked(title: str) -> str:
    return "\n".join(wrap(title, HEADER_WIDTH))
