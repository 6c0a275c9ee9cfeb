"""`demo`: the main job, from learning to treating unseen patients."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_experiments.config import Demo
from metaenv_experiments.learners.learning import Learning
from metaenv_experiments.pages.pictures import draw_learning
from metaenv_experiments.pages.report import report
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import RunFolder
from metaenv_experiments.trials.contestants import every_rule, rule, trained
from metaenv_experiments.trials.metrics import choose_reference
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import Trial
from metaenv_experiments.trials.tuning import tune

DISEASE = "prostate"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is done."""

    settings: PPOSettings
    validation_patients: int
    tune_patients: int
    test_patients: int
    chunk: int


FULL = Size(  # ≤ 6 minutes on two cores; a fixed number of visits, not a fixed time, so that it can be repeated
    settings=PPOSettings(total_timesteps=1_500_000),
    validation_patients=128,
    tune_patients=128,
    test_patients=512,
    chunk=256,
)
TINY = Size(
    settings=PPOSettings(total_timesteps=4096, n_envs=32, n_steps=32, batch_size=1024, evaluate_every=2),
    validation_patients=16,
    tune_patients=16,
    test_patients=32,
    chunk=16,
)


def run(options: Demo) -> None:
    """Train PPO, then let it and every rule treat the same unseen patients."""
    size = TINY if options.tiny else FULL
    task = Task(disease=DISEASE, cohort="test", patients=size.test_patients, seed=options.seed)
    folder = RunFolder.create(options, out=options.out)
    _learn(size, options.seed, folder)
    contestants = [trained(folder.path, task), *(rule(name, task) for name in every_rule(task))]
    contestants = tune(contestants, task, folder, patients=size.tune_patients, threshold=None)
    trial = Trial(
        task=task,
        contestants=contestants,
        folder=folder,
        chunk=size.chunk,
        watch=24,
        reference=choose_reference(None, [contestant.name for contestant in contestants]),
    )
    comparison = trial.run()
    draw_learning(folder)
    report(folder, comparison, contestants, unit=task.return_unit)


def _learn(size: Size, seed: int, folder: RunFolder) -> None:
    console().print(f"1. PPO learns on train patients ({size.settings.total_timesteps:,} visits)")
    learning = Learning(
        disease=DISEASE,
        settings=size.settings,
        seed=seed,
        folder=folder,
        validation_patients=size.validation_patients,
        resumable=False,
    )
    if not learning.run().finished:
        raise KeyboardInterrupt
    console().print(f"2. PPO and every rule treat the same {size.test_patients} unseen test patients")
