"""Plays the points of the sensitivity study one by one, keeps each, and works out the effects."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.console import progress
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.credibility.sensitivity import Uncertain, changes_at, elementary_effects, evaluate

POINTS, EFFECTS, PARTS = "points.parquet", "effects.parquet", "points"
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
