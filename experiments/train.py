"""`train`: a policy, resumable, the best on validation patients kept."""

from __future__ import annotations

from experiments.config import Train
from experiments.hyperparameters import settings
from experiments.learning import POLICY, Learning
from experiments.pictures import draw_learning
from experiments.report import say_where
from experiments.screen import console
from experiments.store import RunFolder
from experiments.tasks import environment_id


def run(options: Train) -> None:
    """Train into a run folder."""
    environment_id(options.disease)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    learning = Learning(
        disease=options.disease,
        algo=options.algo,
        settings=settings(options.config, steps=options.steps),
        seed=options.seed,
        folder=folder,
        validation_patients=options.validation_patients,
    )
    training = learning.run()
    screen = console()
    if not training.finished:
        screen.print(f"stopped after {training.steps:,} of {options.steps:,} visits; go on with --resume")
        raise KeyboardInterrupt
    best = max((score for _, score in training.scores), default=float("nan"))
    screen.print(
        f"{training.steps:,} visits; best mean return on {options.validation_patients} validation patients: {best:.3f}"
    )
    screen.print(f"next: python -m experiments evaluate --run {folder.path}  ({POLICY} is the policy)", soft_wrap=True)
    draw_learning(folder)
    say_where(folder.path)
