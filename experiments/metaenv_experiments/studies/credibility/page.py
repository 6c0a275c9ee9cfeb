"""The page of the study: the template's prose with the numbers of a run, and its tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from textwrap import wrap

import numpy as np
import pandas as pd

import metaenv
from metaenv_experiments.reporting.tables import Table, markdown
from metaenv_experiments.studies.credibility.evidence import CLASSES
from metaenv_experiments.studies.credibility.sensitivity import OUTCOMES, Uncertain, ranked
from metaenv_experiments.studies.credibility.study import OUTCOME_PREFIX, POINTS, Study

PICTURE = "pictures/sensitivity.png"
TEMPLATE = Path(__file__).with_name("template.md")
DRIVERS = 3  # named in the text for each outcome
HEADER_WIDTH = 15  # columns of a header on the screen, so that the names have room


def document(command: str, study: Study, evidence: pd.DataFrame, effects: pd.DataFrame) -> str:
    """The text of docs/credibility.md: the template's prose with this run's numbers."""
    parameters, months = study.parameters, study.folder.read_table(POINTS)
    gain = (months[OUTCOME_PREFIX + "at50"] - months[OUTCOME_PREFIX + "maximum_tolerated_dose"]).to_numpy()
    total = evidence[list(CLASSES)].sum()
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=metaenv.__version__,
        command=command,
        lines=int(total.sum()),
        guess_percent=f"{100 * total['guess'] / total.sum():.0f}",
        **{f"lines_{name.replace(' ', '_')}": int(total[name]) for name in CLASSES},
        evidence=markdown(evidence_table(evidence)),
        disease=study.task.scenario.disease.title,
        patients=study.task.patients,
        trajectories=len(study.points) // (len(study.parameters) + 1),
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
