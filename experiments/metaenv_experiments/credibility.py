"""`credibility`: what the model's numbers rest on, which of them drive its results, and how it was made."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metaenv
from metaenv_experiments.config_science import Credibility
from metaenv_experiments.pages.effects_picture import draw_effects
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.pages.table import effects_table, marks_table
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trust.marks import CLASSES, count_marks
from metaenv_experiments.trust.sensitivity import (
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
TEMPLATE = Path(__file__).parent / "templates" / DOCUMENT
DRIVERS = 3  # named in the text for each outcome
PARAMETER, OUTCOME_PREFIX = "parameter ", "months "  # of the columns of POINTS


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


def run(options: Credibility) -> None:
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
    console().print(marks_table(marks))
    console().print(effects_table(effects, parameters, title=task.scenario.disease.title))
    say_where(folder.path)


def document(options: Credibility, study: Study, marks: pd.DataFrame, effects: pd.DataFrame) -> str:
    """The text of docs/credibility.md: the template's prose with this run's numbers."""
    parameters, months = study.parameters, study.folder.read_table(POINTS)
    gain = (months[OUTCOME_PREFIX + "at50"] - months[OUTCOME_PREFIX + "maximum_tolerated_dose"]).to_numpy()
    total = marks[list(CLASSES)].sum()
    command = (
        f"metaenv credibility --disease {options.disease} --patients {options.patients} "
        f"--trajectories {options.trajectories} --seed {options.seed}"
    )
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=metaenv.__version__,
        command=command,
        lines=int(total.sum()),
        guess_percent=f"{100 * total['guess'] / total.sum():.0f}",
        **{f"lines_{name.replace(' ', '_')}": int(total[name]) for name in CLASSES},
        marks=_markdown(marks.rename(columns={"name": "file"})),
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
        effects=_markdown(_wide(effects, parameters)),
        picture=PICTURE,
    )


def _drivers(effects: pd.DataFrame, outcome: str) -> str:
    rows = ranked(effects, outcome).head(DRIVERS).itertuples()
    return ", ".join(f"`{row.parameter}` ({row.mu_star:.1f} ± {row.mu_star_reach:.1f})" for row in rows)


def _wide(effects: pd.DataFrame, parameters: dict[str, Uncertain]) -> pd.DataFrame:
    """One row per number: its range, and mu* and sigma for each outcome; those that drive survival first."""
    order = ranked(effects, "maximum_tolerated_dose")["parameter"]
    table = pd.DataFrame({"number": [f"`{path}`" for path in order]})
    table["range"] = [parameters[path].range for path in order]
    for outcome, title in OUTCOMES.items():
        rows = effects[effects["outcome"] == outcome].set_index("parameter").loc[order]
        table[f"{title}: μ* (σ)"] = [f"{row.mu_star:.1f} ({row.sigma:.1f})" for row in rows.itertuples()]
    return table


def _markdown(table: pd.DataFrame) -> str:
    def line(cells: Any) -> str:
        return f"| {' | '.join(str(cell) for cell in cells)} |"

    rows = [line(row) for row in table.itertuples(index=False)]
    return "\n".join([line(table.columns), line("---" for _ in table.columns), *rows])
