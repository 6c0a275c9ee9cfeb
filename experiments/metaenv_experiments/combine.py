"""`combine`: several trainings of one kind as one policy, the mean of their networks."""

from __future__ import annotations

from metaenv_agents.rl.ensemble import combined
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.config_learning import Combine
from metaenv_experiments.learners.learning import judge
from metaenv_experiments.pages.report import say_where
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import POLICY, TRAINING, RunFolder
from metaenv_experiments.trials.contestants import check_different, seeds_in, training_of
from metaenv_experiments.trials.tasks import Task

ENSEMBLE = "_ensemble"  # end of the algorithm's name
SAME = ("algo", "disease", "together", "observation", "visit_interval", "teacher", "settings")  # of every training


def run(options: Combine) -> None:
    """Put the best policies of trainings side by side, judge them together, and keep what came of it."""
    places = [run for path in options.runs for run in seeds_in(path)]
    check_different(places)
    told = [training_of(run, option="--runs") for run in places]
    for each, run in zip(told, places, strict=True):
        for name in SAME:
            if each.get(name) != told[0].get(name):
                raise RequestError(
                    f"--runs must be trainings of one kind, got {name} {told[0].get(name)!r} in {places[0]} "
                    f"and {each.get(name)!r} in {run}"
                )
    seeds = [each["seed"] for each in told]
    if len(set(seeds)) < len(seeds):
        raise RequestError(f"--runs must be trainings that differ in their seed, got seeds {seeds}")
    try:
        policy = combined([TrainedPolicy.from_bytes((run / POLICY).read_bytes()) for run in places])
    except ValueError as error:
        raise RequestError(f"--runs cannot be combined: {error}") from error
    about = told[0]
    task = Task(
        disease=about["disease"],
        cohort="validation",
        patients=options.validation_patients,
        seed=about["seed"],
        action=policy.action,
        observation=about["observation"],
        visit_interval=about.get("visit_interval"),
    )
    folder = RunFolder.create(options, out=options.out)
    score = judge(task)(policy)
    steps = sum(each["steps"] for each in told)
    folder.write_bytes(POLICY, policy.to_bytes())
    together = {
        "algo": f"{about['algo']}{ENSEMBLE}",
        "seeds": seeds,
        "members": [str(run) for run in places],
        "validation_patients": options.validation_patients,
        "steps": steps,
        "finished": all(each["finished"] for each in told),
        "scores": [{"steps": steps, "mean_return": score}],
    }
    folder.write_json(TRAINING, about | together)
    console().print(
        f"{len(places)} trainings together; mean return on {options.validation_patients} validation patients: "
        f"{score:.3f}"
    )
    say_where(folder.path)
