"""Draw the figures of a run, and its page, once more from its folder alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv_experiments.evaluation.benchmark import EPISODES
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.reporting import html_report
from metaenv_experiments.reporting.benchmark_figures import draw
from metaenv_experiments.running.console import console
from metaenv_experiments.running.options import check_places
from metaenv_experiments.running.run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class Options:
    """Draw the pictures of a run again, from its folder alone."""

    run: Path
    """Run folder of `benchmark` or `demo`."""
    patient: int | None = None
    """Patient (id) whose course is drawn, one of those stored. None: the most typical of them."""
    out: Path | None = None
    """Folder for the pictures. None: <run>/pictures."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        check_places(folder=("--out", self.out))


def run(options: Options) -> None:
    """Draw what the folder has data for."""
    folder = RunFolder.open(options.run, needs=(EPISODES, BenchmarkSummary.file))
    drawn = draw(folder, out=options.out, patient=options.patient)
    if options.out is None:
        drawn.append(html_report.write(folder, patient=options.patient))
    for path in drawn:
        console().print(str(path), soft_wrap=True)
