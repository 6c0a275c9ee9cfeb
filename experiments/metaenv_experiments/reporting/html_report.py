"""One page of a finished benchmark that opens anywhere: tables, verdicts and figures in a single file, no network."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting.course_figure import course_of
from metaenv_experiments.reporting.outcome_figure import outcomes
from metaenv_experiments.reporting.patient_figures import patients
from metaenv_experiments.reporting.results_pages import outcome_table
from metaenv_experiments.reporting.results_rows import rows_of, task_row_of
from metaenv_experiments.reporting.shown_policies import shown_policies
from metaenv_experiments.reporting.survival_figure import at_risk, survival
from metaenv_experiments.reporting.tables import as_html, words
from metaenv_experiments.reporting.verdicts import Results, verdicts
from metaenv_experiments.running.files import write_text
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = "report.html"
TEMPLATE = Path(__file__).with_name("report.html")
RESOLUTION = 80  # dots per inch


def write(folder: RunFolder, *, patient: int | None = None) -> Path:
    """Write the page of a run into its folder; the one patient it follows is the most typical, unless named."""
    import matplotlib

    matplotlib.use("Agg")
    summary, episodes = BenchmarkSummary.read(folder.path), folder.read_table(EPISODES)
    results = Results(task_row_of(folder), rows_of(folder))
    shown = shown_policies(summary)
    curves = episodes[episodes["policy"].isin(shown)]
    parts = [
        as_html(outcome_table(results)),
        *(
            f"<p>{html.escape(each.aim)}: <b>{each.verdict}</b>. {html.escape(each.found)}</p>"
            for each in verdicts(results)
        ),
        "<h2>Survival and progression</h2>",
        _picture(survival(episodes, summary, shown), "Kaplan-Meier curves of the policies"),
        as_html(at_risk(curves)),
        "<h2>Every policy</h2>",
        _picture(outcomes(summary), "mean return and paired difference of every policy"),
    ]
    if folder.has(COURSES):
        courses = folder.read_table(COURSES)
        figure = course_of(courses, episodes, summary, patient, shown)
        parts += ["<h2>One patient under each policy</h2>", _picture(figure, "one patient")]
        for name in shown:
            figure = patients(courses, episodes, summary, name)
            parts += [f"<h2>Patients under {html.escape(words(name))}</h2>", _picture(figure, f"patients of {name}")]
    path = folder.path / PAGE
    write_text(path, _page(summary, Provenance.read(folder.path), shown, parts))
    return path


def _page(summary: BenchmarkSummary, provenance: Provenance, shown: list[str], parts: list[str]) -> str:
    task = summary.task
    changed = ", with changes that were not committed" if provenance.dirty else ""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=f"{words(task.disease).capitalize()}: {task.patients} patients of the {task.cohort} cohort",
        command=html.escape(provenance.command),
        commit=html.escape(provenance.commit or "unknown") + changed,
        seed=task.seed,
        shown=html.escape(", ".join(words(name) for name in shown)),
        body="\n".join(parts),
    )


def _picture(figure: Figure, text: str) -> str:
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=RESOLUTION)
    plt.close(figure)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{html.escape(text)}" src="data:image/png;base64,{data}">'
