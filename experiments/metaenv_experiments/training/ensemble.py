"""Several trainings of one kind as one policy, the mean of their networks' outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from metaenv_agents.rl.ensemble import combined
from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_experiments.evaluation.trained_policies import check_different, policy_of
from metaenv_experiments.evaluation.training_record import Score, TrainingRecord, training_of
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import POLICY, RunFolder
from metaenv_experiments.training.training_run import judge

# of every training
SAME = (
    "learner",
    "disease",
    "diseases",
    "observation",
    "visit_interval",
    "local_therapy",
    "teachers",
    "settings",
)


def combinable(runs: Sequence[Path]) -> tuple[list[TrainingRecord], TrainedPolicy]:
    """Read trainings, and put their policies side by side.

    Raises:
        UsageError: they are not trainings of one kind with different seeds, or cannot be combined.
    """
    check_different(runs, option="--combine")
    records = [training_of(run, option="--combine") for run in runs]
    _check_alike(runs, records)
    try:
        return records, combined([policy_of(run) for run in runs])
    except ValueError as error:
        raise UsageError(f"--combine cannot: {error}") from error


def combine(runs: Sequence[Path], folder: RunFolder, *, validation_patients: int) -> TrainingRecord:
    """Judge the mean of trainings' networks, and keep what came of it.

    Args:
        runs: run folders of `train`, alike but for their seed.
        folder: that gets the policy, and the record of it.
        validation_patients: count, on whom it is judged.

    Raises:
        UsageError: as of `combinable`.
    """
    records, policy = combinable(runs)
    first, steps = records[0], sum(record.steps for record in records)
    task = first.task("validation", validation_patients, action=policy.action)
    record = replace(
        first,
        seeds=tuple(seed for record in records for seed in record.seeds),
        members=tuple(str(run) for run in runs),
        validation_patients=validation_patients,
        steps=steps,
        finished=all(record.finished for record in records),
        scores=(Score(steps, judge(task)(policy)),),
    )
    folder.write_bytes(POLICY, policy.to_bytes())
    record.write(folder.path)
    return record


def _check_alike(runs: Sequence[Path], records: Sequence[TrainingRecord]) -> None:
    for run, record in zip(runs, records, strict=True):
        for name in SAME:
            one, other = getattr(records[0], name), getattr(record, name)
            if one != other:
                raise UsageError(
                    f"--combine must be trainings of one kind, got {name} {one!r} in {runs[0]} and {other!r} in {run}"
                )
    seeds = [seed for record in records for seed in record.seeds]
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"--combine must be trainings that differ in their seed, got seeds {seeds}")
