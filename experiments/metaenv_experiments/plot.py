"""`plot`: a run's pictures and its page once more, from its folder alone."""

from __future__ import annotations

from metaenv_experiments.config import Plot
from metaenv_experiments.pages import html_report
from metaenv_experiments.pages.pictures import draw
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.trial import EPISODES, SUMMARY


def run(options: Plot) -> None:
    """Draw what the folder has data for."""
    folder = RunFolder.open(options.run, needs=(EPISODES, SUMMARY))
    drawn = draw(folder, out=options.out, patient=options.patient)
    if options.out is None and "kinds" in folder.read_json(SUMMARY):  # older runs know no kinds of policies
        drawn.append(html_report.write(folder, patient=options.patient))
    for path in drawn:
        console().print(str(path), soft_wrap=True)
