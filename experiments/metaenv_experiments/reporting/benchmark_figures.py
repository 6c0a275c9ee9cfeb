"""The figures of a benchmark, drawn from its folder alone."""

from __future__ import annotations

from pathlib import Path

from metaenv_experiments.evaluation.benchmark import COURSES, EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting.course_figure import course_of
from metaenv_experiments.reporting.outcome_figure import outcomes
from metaenv_experiments.reporting.shown_policies import shown_policies
from metaenv_experiments.reporting.style import COLOURS, PICTURES, save
from metaenv_experiments.reporting.survival_figure import survival
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import RunFolder


def draw(folder: RunFolder, *, out: Path | None = None, patient: int | None = None) -> list[Path]:
    """Draw every picture that the folder has the data for; return their paths."""
    import matplotlib

    matplotlib.use("Agg")
    target = folder.path / PICTURES if out is None else out
    target.mkdir(parents=True, exist_ok=True)
    episodes, summary = folder.read_table(EPISODES), BenchmarkSummary.read(folder.path)
    crowded = len(summary.policies) > len(COLOURS)
    curves = shown_policies(summary) if crowded else list(summary.policies)
    drawn = {"survival.png": survival(episodes, summary, curves), "outcomes.png": outcomes(summary)}
    if folder.has(COURSES):
        courses = folder.read_table(COURSES)
        drawn["course.png"] = course_of(courses, episodes, summary, patient, curves)
    elif patient is not None:
        raise UsageError(f"--patient needs a run that stored courses, got {folder.path}, which was run with --watch 0")
    return [save(figure, target / name) for name, figure in drawn.items()]
