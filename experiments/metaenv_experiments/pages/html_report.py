"""One page of a finished trial that opens anywhere: tables, verdicts and pictures in a single file, no network."""

from __future__ import annotations

import base64
import html
import io
import shlex
from functools import partial
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from metaenv_experiments.pages.foremost import foremost
from metaenv_experiments.pages.patient_pictures import patients
from metaenv_experiments.pages.pictures import at_risk, course_of, outcomes, survival
from metaenv_experiments.pages.results_page import Stored, outcome_sheet, verdicts
from metaenv_experiments.pages.sheets import Sheet, words
from metaenv_experiments.running.store import RunFolder, write_atomically
from metaenv_experiments.trials.trial import COURSES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = "report.html"
TEMPLATE = Path(__file__).parents[1] / "templates" / "report.html"
RESOLUTION = 80  # dots per inch


def write(folder: RunFolder, *, patient: int | None = None) -> Path:
    """Write the page of a run into its folder; the one patient it follows is the most typical, unless named."""
    import matplotlib

    matplotlib.use("Agg")
    stored = Stored.of(folder)
    summary: dict[str, Any] = dict(stored.summary)
    parts = [_table(outcome_sheet(stored)), *(f"<p>{_bold(line)}</p>" for line in verdicts(stored))]
    shown = foremost(summary)
    few = {**summary, "policies": {name: summary["policies"][name] for name in shown}}
    curves = stored.episodes[stored.episodes["policy"].isin(shown)]
    parts += [
        "<h2>Survival and progression</h2>",
        _picture(survival(stored.episodes, summary, shown), "Kaplan-Meier curves of the policies"),
        _table(at_risk(curves)),
        "<h2>Every policy</h2>",
        _picture(outcomes(summary), "mean return and paired difference of every policy"),
    ]
    if folder.has(COURSES):
        courses = folder.read_table(COURSES)
        own = courses[courses["policy"].isin(shown)]
        figure = course_of(own, curves, few, patient)
        parts += ["<h2>One patient under each policy</h2>", _picture(figure, "one patient")]
        for name in shown:
            figure = patients(courses, stored.episodes, summary, name)
            parts += [f"<h2>Patients under {html.escape(words(name))}</h2>", _picture(figure, f"patients of {name}")]
    task, about = summary["task"], stored.provenance
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=f"{words(task['disease']).capitalize()}: {summary['patients']} patients of the {task['cohort']} cohort",
        command=html.escape(f"metaenv {shlex.join(about['arguments'])}"),
        commit=html.escape(about["commit"] or "unknown")
        + (", with changes that were not committed" if about["dirty"] else ""),
        seed=task["seed"],
        shown=html.escape(", ".join(words(name) for name in shown)),
        body="\n".join(parts),
    )
    path = folder.path / PAGE
    write_atomically(path, partial(Path.write_text, data=text, encoding="utf-8"))
    return path


def _table(sheet: Sheet) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in sheet.header)
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in sheet.rows)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    caption = f"<caption>{html.escape(sheet.title)}</caption>" if sheet.title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _bold(line: str) -> str:
    """A line of Markdown with nothing but bold words in it."""
    pieces = html.escape(line).split("**")
    return "".join(f"<b>{piece}</b>" if k % 2 else piece for k, piece in enumerate(pieces))


def _picture(figure: Figure, text: str) -> str:
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=RESOLUTION)
    plt.close(figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{html.escape(text)}" src="data:image/png;base64,{data}">'
