"""`plot`: a run's pictures once more, from its folder alone."""

from __future__ import annotations

from experiments.config import Plot
from experiments.pictures import draw
from experiments.screen import console
from experiments.store import RunFolder
from experiments.trial import EPISODES, SUMMARY


def run(options: Plot) -> None:
    """Draw what the folder has data for."""
    folder = RunFolder.open(options.run, needs=(EPISODES, SUMMARY))
    for path in draw(folder, out=options.out, patient=options.patient):
        console().print(str(path), soft_wrap=True)
