"""`refine`: a trained policy's weights searched further, candidates on the same patients with the same luck."""

from __future__ import annotations

from typing import Any

from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.config_learning import Refine
from metaenv_experiments.learners.learning import judge
from metaenv_experiments.learners.refining import Kept, Trials, search
from metaenv_experiments.pages.pictures import draw_learning
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console, progress
from metaenv_experiments.running.store import POLICY, RunFolder
from metaenv_experiments.trials.contestants import training_of
from metaenv_experiments.trials.tasks import Task


def run(options: Refine) -> None:
    """Search from the best policy of a training; the best on validation patients is kept."""
    about = training_of(options.run)
    policy = _policy(options)
    folder = RunFolder.create(options, out=options.out, resume=options.resume)
    judged = judge(_task(about, policy, "validation", options.validation_patients, about["seed"]))
    kept = Kept(folder, about)
    task = _task(about, policy, "train", options.patients, options.seed)
    place = kept.coordinates(policy, task)
    trials = Trials(place, task, options.objective)
    if not kept.scores:
        kept.judge(policy, judged(policy))
    with progress() as bar:
        step = bar.add_task("refining", total=options.generations, unit="generations")
        found = search(
            place.start,
            trials.scores,
            generations=options.generations,
            candidates=options.candidates,
            step=options.step,
            seed=options.seed,
            told=tuple(kept.told),
        )
        bar.update(step, completed=len(kept.told))
        for generation, mean in found:
            kept.add(generation, trials.visits)
            done = len(kept.told)
            if done % options.evaluate_every == 0 or done == options.generations:
                middle = place.policy_at(mean)
                kept.judge(middle, judged(middle))
            kept.write(validation_patients=options.validation_patients, finished=done == options.generations)
            bar.update(step, completed=done, description=f"refining, validation best {kept.best:.3f}")
    console().print(
        f"{options.generations} generations; best mean return on {options.validation_patients} validation patients: "
        f"{kept.best:.3f}, {kept.scores[0]['mean_return']:.3f} at the start"
    )
    draw_learning(folder)
    say_where(folder.path)


def _policy(options: Refine) -> TrainedPolicy:
    try:
        return TrainedPolicy.from_bytes((options.run / POLICY).read_bytes())
    except ValueError as error:
        raise RequestError(f"the policy of {options.run} cannot be read: {error}") from error


def _task(about: dict[str, Any], policy: TrainedPolicy, cohort: str, patients: int, seed: int) -> Task:
    return Task(
        disease=about["disease"],
        cohort=cohort,
        patients=patients,
        seed=seed,
        action=policy.action,
        observation=about["observation"],
        visit_interval=about.get("visit_interval"),
    )
