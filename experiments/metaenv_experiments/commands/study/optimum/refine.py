"""Search a trained policy's weights further, candidates on the same patients with the same luck."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from metaenv_experiments.evaluation.trained_policies import policy_of
from metaenv_experiments.evaluation.training_record import training_of
from metaenv_experiments.reporting.end_of_run import say_where
from metaenv_experiments.reporting.learning_figure import draw_learning
from metaenv_experiments.running.console import console, progress
from metaenv_experiments.running.options import check_resume, require
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.optimum.refining import Candidates, Objective, Refinement, search
from metaenv_experiments.training.training_run import judge


@dataclass(frozen=True, kw_only=True)
class Options:
    """Search a trained policy's weights further (CMA-ES), every candidate on the same patients; for small networks."""

    run: Path
    """Run folder of `train`, `teach`, or of an earlier `refine`, with the policy to begin from."""
    patients: int = 40
    """Train patients (count) whom every candidate of a generation treats, all with the same luck; the next generation
    treats others."""
    generations: int = 200
    """Generations of candidates (count)."""
    candidates: int = 20
    """Candidates per generation (count)."""
    step: float = 0.1
    """Standard deviation of the candidates' weights at the start; those of the first layer per standard deviation of
    what the policy sees."""
    evaluate_every: int = 10
    """Generations (count) between two evaluations on validation patients; the best policy on them is kept."""
    validation_patients: int = 128
    """Validation patients (count)."""
    objective: Objective = "return"
    """What is to be high on train patients: the mean return, or the mean log of the days survived (at least 1), to
    which patients with little time count as much as those with plenty. The best policy is chosen by the mean return
    either way."""
    seed: int = 0
    """Seed of the patients' courses and of the search (integer >= 0)."""
    out: Path | None = None
    """Run folder to write. None: runs/study-optimum-refine-<time>."""
    resume: bool = False
    """Continue the run in --out; its finished generations are kept."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        for name in ("patients", "generations", "evaluate_every", "validation_patients"):
            require(getattr(self, name) >= 1, f"--{name.replace('_', '-')}", getattr(self, name), ">= 1")
        require(self.candidates >= 4, "--candidates", self.candidates, ">= 4")
        require(0 < self.step < math.inf, "--step", self.step, "> 0 and finite")
        require(self.seed >= 0, "--seed", self.seed, ">= 0")
        check_resume(self.resume, self.out)


def run(options: Options) -> None:
    """Search from the best policy of a training; the best on validation patients is kept."""
    record, policy = training_of(options.run), policy_of(options.run)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    judged = judge(record.task("validation", options.validation_patients, action=policy.action))
    refinement = Refinement(folder, record, validation_patients=options.validation_patients)
    task = record.task("train", options.patients, seed=options.seed, action=policy.action)
    coordinates = refinement.coordinates(policy, task)
    candidates = Candidates(coordinates, task, options.objective)
    if not refinement.scores:
        refinement.judge(policy, judged(policy))
    with progress() as bar:
        step = bar.add_task("refining", total=options.generations, unit="generations")
        found = search(
            coordinates.start,
            candidates.scores,
            generations=options.generations,
            candidates=options.candidates,
            step=options.step,
            seed=options.seed,
            known=tuple(refinement.generations),
        )
        bar.update(step, completed=len(refinement.generations))
        for generation, mean in found:
            refinement.add(generation, candidates.visits)
            done = len(refinement.generations)
            if done % options.evaluate_every == 0 or done == options.generations:
                middle = coordinates.policy_at(mean)
                refinement.judge(middle, judged(middle))
            refinement.write(finished=done == options.generations)
            bar.update(step, completed=done, description=f"refining, validation best {refinement.best:.3f}")
    console().print(
        f"{options.generations} generations; best mean return on {options.validation_patients} validation patients: "
        f"{refinement.best:.3f}, {refinement.scores[0].mean_return:.3f} at the start"
    )
    draw_learning(folder)
    say_where(folder.path)
