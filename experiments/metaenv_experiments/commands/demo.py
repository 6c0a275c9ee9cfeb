"""Train PPO for a few minutes, then treat unseen patients with it and with every rule: the main job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_experiments.evaluation.benchmark import WATCH, Benchmark
from metaenv_experiments.evaluation.containment_threshold import tune
from metaenv_experiments.evaluation.metrics import choose_reference
from metaenv_experiments.evaluation.policies import every_rule, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.trained_policies import trained
from metaenv_experiments.reporting.end_of_run import conclude
from metaenv_experiments.reporting.learning_figure import draw_learning
from metaenv_experiments.running.console import console
from metaenv_experiments.running.options import require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.training.training_run import Learning

DISEASE = "prostate"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The main job: train PPO for a few minutes, then treat unseen patients with it and with every rule."""

    tiny: bool = False
    """Everything once, in under a minute: few steps, 32 patients. For CI, not for its numbers."""
    seed: int = 0
    """Seed of training and of the patients' courses (integer >= 0)."""
    out: Path | None = None
    """Run folder to write. None: runs/demo-<time>."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(self.seed >= 0, "--seed", self.seed, ">= 0")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is done."""

    settings: PPOSettings
    validation_patients: int
    tune_patients: int
    test_patients: int
    chunk: int


FULL = Size(  # ≤ 6 minutes on two cores; a fixed number of visits, not a fixed time, so that it can be repeated
    settings=PPOSettings(total_timesteps=1_000_000),
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


def run(options: Options) -> None:
    """Train PPO, then let it and every rule treat the same unseen patients."""
    size = TINY if options.tiny else FULL
    task = Task(disease=DISEASE, cohort="test", patients=size.test_patients, seed=options.seed)
    folder = RunFolder.create(options, out=options.out)
    _learn(size, options.seed, folder)
    policies = [trained(folder.path, task), *(rule(name, task) for name in every_rule(task))]
    policies = tune(policies, task, folder, patients=size.tune_patients, threshold=None)
    benchmark = Benchmark(
        task=task,
        policies=policies,
        folder=folder,
        chunk=size.chunk,
        watch=WATCH,
        reference=choose_reference(None, [policy.name for policy in policies]),
    )
    summary = benchmark.run()
    draw_learning(folder)
    conclude(folder, summary)


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
