"""`export`: a trained policy as a folder to hand on, with a card that says how it does and where it fails."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pandas as pd

import metaenv
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.saved_policies import CARD, PRETRAINED, to_files
from metaenv_experiments.config_learning import Export
from metaenv_experiments.pages.sheets import Sheet, markdown, written
from metaenv_experiments.running.checkout import CHECKOUT
from metaenv_experiments.running.requests import RequestError
from metaenv_experiments.running.screen import console
from metaenv_experiments.running.store import POLICY, RunFolder, write_atomically
from metaenv_experiments.trials import statistics
from metaenv_experiments.trials.contestants import training_of
from metaenv_experiments.trials.metrics import DAYS_PER_MONTH, outcomes
from metaenv_experiments.trials.tasks import Task
from metaenv_experiments.trials.trial import EPISODES, SUMMARY

TEMPLATE = Path(__file__).parent / "templates" / "card.md"


def run(options: Export) -> None:
    """Check, describe, write.

    Raises:
        RequestError: there is no such policy, it did not take part, or there is no folder to write.
    """
    place = options.out
    if place is None:
        if CHECKOUT is None:
            raise RequestError("--out must be given: only in a checkout do shared policies have a folder of their own")
        place = PRETRAINED / options.name
    training = training_of(options.run)
    try:
        policy = TrainedPolicy.from_bytes((options.run / POLICY).read_bytes())
    except ValueError as error:
        raise RequestError(f"the policy of {options.run} cannot be read: {error}") from error
    trial = RunFolder.open(options.benchmark, needs=(EPISODES, SUMMARY), option="--benchmark")
    summary, episodes = trial.read_json(SUMMARY), trial.read_table(EPISODES)
    told = summary["task"]
    if told["disease"] != training["disease"]:
        raise RequestError(f"--benchmark must treat {training['disease']!r}, got a run of {told['disease']!r}")
    played = [str(name) for name in episodes["policy"].unique()]
    if options.policy not in played:
        raise RequestError(f"--policy must be one of those that the benchmark played, {', '.join(played)}")
    run_of = summary["parameters"][options.policy].get("run")
    if run_of is None or Path(run_of).resolve() != options.run.resolve():
        raise RequestError(f"--policy must be that of --run {options.run} in the benchmark, got one of {run_of}")
    about = {
        "name": options.name,
        "environment": training["environment"],
        "metaenv": metaenv.__version__,
        "observation": _layout(training),
        "training": training,
        "provenance": RunFolder(options.run).read_json("provenance.json"),
        "benchmark": {"task": told, "return": summary["policies"][options.policy]["return"]},
    }
    card = _card(options, policy, training, told, episodes, summary["reference"])
    for name, content in {**to_files(policy, about), CARD: card.encode()}.items():
        write_atomically(place / name, partial(Path.write_bytes, data=content))
    console().print(f"left in {place}: policy.safetensors, policy.json, {CARD}", soft_wrap=True)


def _layout(training: dict[str, Any]) -> dict[str, list[int]]:
    """Where in an observation each group of measurements stands: name -> [first, after the last]."""
    seen = training.get("observation", "clinic")
    task = Task(disease=training["disease"], cohort="train", patients=1, seed=0, observation=seen)
    layout = task.vector_env(1).layout
    return {name: [getattr(layout, name).start, getattr(layout, name).stop] for name in layout.names}


def _card(
    options: Export,
    policy: TrainedPolicy,
    training: dict[str, Any],
    told: dict[str, Any],
    episodes: pd.DataFrame,
    reference: str,
) -> str:
    text = Template(TEMPLATE.read_text(encoding="utf-8"))
    return text.substitute(
        name=options.name,
        algo=training["algo"],
        environment=training["environment"],
        version=metaenv.__version__,
        load=options.name if options.out is None else options.out,
        arguments=_arguments(policy, training),
        doses="the most probable level" if policy.levels or len(policy.choices) else "continuous doses",
        memory=f", an LSTM of {policy.units} units" if policy.units else "",
        measurements=len(policy.mean) // policy.history,
        before=policy.history - 1,
        layers=len(policy.weights) - 1,
        interval=f"{training.get('visit_interval') or metaenv.make_scenario(training['disease']).visit_interval:g}",
        units=", ".join(str(len(bias)) for bias in policy.biases[:-1]),
        drugs=", ".join(policy.drugs),
        local=" and of local therapy" if _entries(policy) > len(policy.drugs) else "",
        teacher=_teacher(training),
        company=_company(training),
        steps=f"{training['steps']:,}",
        seed=", ".join(str(seed) for seed in training.get("seeds", [training["seed"]])),
        kept=_kept(training),
        outcomes=_outcomes(told, episodes),
        failures=_failures(options.policy, reference, episodes),
    )


def _arguments(policy: TrainedPolicy, training: dict[str, Any]) -> str:
    """What `gym.make` needs beside the environment's name, for this policy."""
    given = {"action": policy.action, "observation": training.get("observation", "clinic")}
    usual = {"action": "levels", "observation": "clinic"}
    return "".join(f', {name}="{value}"' for name, value in given.items() if value != usual[name])


def _entries(policy: TrainedPolicy) -> int:
    """Entries of an action."""
    return len(policy.levels) or len(policy.low) or policy.choices.shape[1]


def _teacher(training: dict[str, Any]) -> str:
    """Whom it imitated before it learned by itself, or who told it what doses lose."""
    if "solved" in training:
        return f"Told by the exact optimum of {training['solved']} train patients what every dose loses. "
    taught = training.get("teacher") or {}
    return "".join(f"Began as a copy of the rule {name}, {json.dumps(given)}. " for name, given in taught.items())


def _kept(training: dict[str, Any]) -> str:
    """What became of the networks on validation patients."""
    scores = [point["mean_return"] for point in training["scores"]]
    judged, score = f"on {training['validation_patients']} validation patients", max(scores, default=float("nan"))
    if training.get("together"):
        return f"the network that was best over all of them was kept: mean return of these {score:.3f} {judged}"
    if members := training.get("members"):
        return f"the mean of {len(members)} networks, the best of each training: mean return {score:.3f} {judged}"
    return f"the best of {len(scores)} evaluations {judged} was kept: mean return {score:.3f}"


def _company(training: dict[str, Any]) -> str:
    """With which diseases it learned."""
    others = [disease for disease in training.get("together", ()) if disease != training["disease"]]
    return f" and, in the same network, as many of {', '.join(others)}" if others else ""


def _outcomes(told: dict[str, Any], episodes: pd.DataFrame) -> str:
    task = Task(
        **{key: told[key] for key in ("disease", "cohort", "patients", "seed", "first", "shift", "visit_interval")}
    )
    horizon = float(task.scenario.horizon)
    rows = []
    for name, group in episodes.groupby("policy", sort=False):
        found = outcomes(group, horizon)
        rows.append(
            (
                str(name),
                written(found["return"], digits=2),
                written(found["survival_median_days"].scaled(1 / DAYS_PER_MONTH)),
                written(found["progression_median_days"].scaled(1 / DAYS_PER_MONTH)),
                written(found["toxic"].scaled(100.0)),
            )
        )
    header = (
        "policy",
        task.return_unit,
        "median survival, months",
        "median time to progression, months",
        "toxic deaths, %",
    )
    whose = f"{told['patients']} patients of the {told['cohort']} cohort" + (
        "" if told["shift"] is None else f", shifted: {told['shift']}"
    )
    return f"The same patients for every policy, {whose}, seed {told['seed']}; 95 % intervals.\n\n" + markdown(
        Sheet("", header, rows)
    )


def _failures(policy: str, reference: str, episodes: pd.DataFrame) -> str:
    """Who fares worse than under the reference, and of what patients die."""
    one, other = (
        episodes[episodes["policy"] == name].set_index("patient").sort_index() for name in (policy, reference)
    )
    lines = []
    if policy != reference:
        gain = np.asarray(one["return"] - other["return"])
        worse = gain < 0.0
        share = statistics.proportion(worse)
        lost = f", by {-gain[worse].mean():.2f} on average" if worse.any() else ""
        lines.append(f"- Worse than under `{reference}`: {written(share.scaled(100.0))} % of the patients{lost}.")
    worst = one["return"].quantile(0.1)
    lines.append(f"- The worst tenth of its patients has a return of {worst:.2f} or less.")
    causes = one["cause"].value_counts(normalize=True)
    listed = ", ".join(f"{cause.replace('_', ' ')} {100 * share:.1f} %" for cause, share in causes.items())
    lines.append(f"- At the end of the follow-up: {listed}.")
    return "\n".join(lines)
