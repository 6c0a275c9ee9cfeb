"""The card of a shared policy: how it was trained, how its patients fare, and where it fails."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd

import metaenv
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH
from metaenv_experiments.evaluation.training_record import TrainingRecord
from metaenv_experiments.reporting.tables import Table, markdown, words, written

TEMPLATE = Path(__file__).with_name("card.md")


def card(
    name: str,
    load: str,
    played_as: str,
    policy: TrainedPolicy,
    record: TrainingRecord,
    summary: BenchmarkSummary,
    episodes: pd.DataFrame,
) -> str:
    """The text of a policy's card.

    Args:
        name: by which it is shared.
        load: what `metaenv_agents.load` takes.
        played_as: its name in the benchmark.
        policy: itself.
        record: of its training.
        summary: of a benchmark in which it took part.
        episodes: of that.
    """
    entries = len(policy.levels) or len(policy.low) or policy.choices.shape[1]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=name,
        learner=record.name,
        environment=record.environment,
        version=metaenv.__version__,
        load=load,
        arguments=_arguments(policy, record),
        doses="the most probable level" if policy.levels or len(policy.choices) else "continuous doses",
        memory=f", an LSTM of {policy.units} units" if policy.units else "",
        measurements=len(policy.mean) // policy.history,
        before=policy.history - 1,
        layers=len(policy.weights) - 1,
        interval=f"{record.interval:g}",
        units=", ".join(str(len(bias)) for bias in policy.biases[:-1]),
        drugs=", ".join(policy.drugs),
        local=" and of local therapy" if entries > len(policy.drugs) else "",
        teacher=_teacher(record),
        company=_company(record),
        steps=f"{record.steps:,}",
        seed=", ".join(map(str, record.seeds)),
        kept=_kept(record),
        outcomes=_outcomes(summary),
        failures=_failures(played_as, summary.reference, episodes),
    )


def _arguments(policy: TrainedPolicy, record: TrainingRecord) -> str:
    """What `gym.make` needs beside the environment's name, for this policy."""
    given = {"action": policy.action, "observation": record.observation}
    usual = {"action": "levels", "observation": "clinic"}
    return "".join(f', {name}="{value}"' for name, value in given.items() if value != usual[name])


def _teacher(record: TrainingRecord) -> str:
    """Whom it imitated before it learned by itself, or who told it what doses lose."""
    if record.solved is not None:
        return f"Told by the exact optimum of {record.solved} train patients what every dose loses. "
    if (teacher := record.teacher) is None:
        return ""
    tuned = "tuned " * teacher.tuned
    return f"Began as a copy of the {tuned}rule {teacher.rule}, {json.dumps(teacher.parameters)}. "


def _company(record: TrainingRecord) -> str:
    """With which diseases it learned."""
    others = [disease for disease in record.diseases if disease != record.disease]
    return f" and, in the same network, as many of {', '.join(others)}" if others else ""


def _kept(record: TrainingRecord) -> str:
    """What became of the networks on validation patients."""
    judged, score = f"on {record.validation_patients} validation patients", record.best
    if len(record.diseases) > 1:
        return f"the network that was best over all of them was kept: mean return of these {score:.3f} {judged}"
    if record.members:
        return (
            f"the mean of {len(record.members)} networks, the best of each training: mean return {score:.3f} {judged}"
        )
    return f"the best of {len(record.scores)} evaluations {judged} was kept: mean return {score:.3f}"


def _outcomes(summary: BenchmarkSummary) -> str:
    header = (
        "policy",
        summary.return_unit,
        "median survival, months",
        "median time to progression, months",
        "toxic deaths, %",
    )
    rows = [
        (
            name,
            written(policy.outcomes["return"], digits=2),
            written(policy.outcomes["survival_median_days"].scaled(1 / DAYS_PER_MONTH)),
            written(policy.outcomes["progression_median_days"].scaled(1 / DAYS_PER_MONTH)),
            written(policy.outcomes["toxic"].scaled(100.0)),
        )
        for name, policy in summary.policies.items()
    ]
    task = summary.task
    whose = f"{task.patients} patients of the {task.cohort} cohort" + (
        "" if task.shift is None else f", shifted: {task.shift}"
    )
    said = f"The same patients for every policy, {whose}, seed {task.seed}; 95 % intervals."
    return f"{said}\n\n{markdown(Table('', header, rows))}"


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
    listed = ", ".join(f"{words(str(cause))} {100 * share:.1f} %" for cause, share in causes.items())
    lines.append(f"- At the end of the follow-up: {listed}.")
    return "\n".join(lines)
