"""Trained policies as they take part in a benchmark: from run folders, and shared ones by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaenv_agents import saved_policies
from metaenv_agents.policy import Policy
from metaenv_experiments.evaluation.policies import NamedPolicy, TrainedWith, clinic
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.evaluation.training_record import Alike, TrainingRecord, training_of
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import POLICY, SEED

if TYPE_CHECKING:
    from metaenv_agents.rl.policy import TrainedPolicy


def policy_of(run: Path) -> TrainedPolicy:
    """Read the policy that a run left, the best on validation patients.

    Raises:
        UsageError: it cannot be read.
    """
    from metaenv_agents.rl.policy import TrainedPolicy

    try:
        return TrainedPolicy.from_bytes((run / POLICY).read_bytes())
    except ValueError as error:
        raise UsageError(f"the policy of {run} cannot be read: {error}") from error


def trained(run: Path, task: Task, *, option: str = "--run") -> NamedPolicy:
    """Return the policy that a run trained, the best on validation patients.

    Args:
        run: the run folder of `train` or `demo`.
        task: what it is to play.
        option: what named the run.

    Raises:
        UsageError: if the folder holds no policy, or one for another clinic.
    """
    record = training_of(run, option=option)
    try:
        policy = policy_of(run)
        policy.check(clinic(replace(task, action=policy.action)))
        record.check_interval(task)
    except ValueError as error:
        raise UsageError(f"the policy of {run} cannot treat {task.disease}: {error}") from error
    return NamedPolicy(
        name=record.name,
        make=partial(_given, policy),
        kind="learner",
        action=policy.action,
        training=_trained_with(record, Provenance.read(run), source=str(run), group=str(run)),
        note=f"trained for {record.steps:,} visits, from {run}" + ("" if record.finished else ", not finished"),
    )


def learners(runs: Iterable[Path], task: Task) -> list[NamedPolicy]:
    """Return the policies of several trainings, each under its own name.

    That is its learner, with the seed or the folder where that does not tell them apart.

    Args:
        runs: run folders of `train`; one of several seeds stands for all of them, one of several diseases for what was
            learned of the task's.
        task: what they are to play.

    Raises:
        UsageError: as `trained`, or if one is given twice.
    """
    runs_of = [(path, share(run, task.disease)) for path in runs for run in seeds_in(path)]
    check_different([run for _, run in runs_of])
    found = []
    for path, run in runs_of:
        each = trained(run, task, option="--runs")
        assert each.training is not None  # it is a learner
        found.append((replace(each, training=replace(each.training, group=str(path))), run, each.name))
    for suffix in (_seed, _folder, _path):
        twice = {name for name, count in Counter(each.name for each, _, _ in found).items() if count > 1}
        found = [
            (replace(each, name=f"{name} {suffix(each, run)}") if each.name in twice else each, run, name)
            for each, run, name in found
        ]
    return [each for each, _, _ in found]


def shared(name: str, task: Task) -> NamedPolicy:
    """Return a policy that was exported, by its name or folder.

    Raises:
        UsageError: there is none, it is damaged, or it is for another clinic.
    """
    try:
        policy, about = saved_policies.load(name), saved_policies.about(name)
        policy.check(clinic(replace(task, action=policy.action)))
        record, provenance = TrainingRecord.of_json(about["training"]), Provenance.of_json(about["provenance"])
        record.check_interval(task)
        own = str(about.get("name", name))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--agents {name} cannot treat {task.disease}: {error}") from error
    return NamedPolicy(
        name=own,
        make=partial(_given, policy),
        kind="learner",
        action=policy.action,
        training=replace(_trained_with(record, provenance, source=name, group=own), shared=True),
        note=f"trained for {record.steps:,} visits, exported as {own}",
    )


def learned_alike(runs: Iterable[Path], agents: Iterable[str], disease: str | None) -> tuple[str, Alike] | None:
    """The disease of trained policies, and what they need of a task; None without policies.

    Args:
        runs: run folders of `train`; of several diseases those of `disease`, or of the first.
        agents: shared policies, by name or folder.
        disease: the one that is meant. None: that of the first policy.

    Raises:
        UsageError: there is no such policy.
    """
    records = [training_of(_one_of(run, disease), option="--runs") for path in runs for run in seeds_in(path)[:1]]
    for name in agents:
        try:
            records.append(TrainingRecord.of_json(saved_policies.about(name)["training"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"--agents {name} cannot be read: {error}") from error
    own = [record for record in records if record.disease == (disease or records[0].disease)]
    return (own[0].disease, own[0].alike) if own else None


def _one_of(run: Path, disease: str | None) -> Path:
    """The folder of one policy of a run: of a disease if it learned several."""
    if disease is not None or (run / POLICY).is_file():
        return share(run, disease or "")
    inside = [each.parent for each in sorted(run.glob(f"*/{POLICY}"))]
    return inside[0] if inside else run


def share(run: Path, disease: str) -> Path:
    """Where a run keeps its policy of a disease: a folder of its own if it learned several."""
    own = run / disease
    return own if (own / POLICY).is_file() else run


def seeds_in(path: Path) -> list[Path]:
    """The run itself, or the runs of its seeds where it holds several."""
    return sorted(path.glob(f"{SEED}*"), key=lambda each: (len(each.name), each.name)) or [path]


def check_different(runs: Sequence[Path], *, option: str = "--runs") -> None:
    """Refuse a training that is given twice."""
    if len({run.resolve() for run in runs}) < len(runs):
        raise UsageError(f"{option} must be different trainings, got {', '.join(str(run) for run in runs)}")


def _trained_with(record: TrainingRecord, provenance: Provenance, *, source: str, group: str) -> TrainedWith:
    return TrainedWith(
        learner=record.name,
        seeds=record.seeds,
        steps=record.steps,
        finished=record.finished,
        validation=record.best if record.scores else None,
        group=group,
        source=source,
        command=provenance.command,
        first_command=provenance.first_command,
        commit=provenance.short_commit,
    )


def _seed(each: NamedPolicy, run: Path) -> str:
    assert each.training is not None  # it is a learner
    return f"seed {' '.join(map(str, each.training.seeds))}"


def _folder(each: NamedPolicy, run: Path) -> str:
    return f"{run.resolve().parent.name} {run.name}" if run.name.startswith(SEED) else run.resolve().name


def _path(each: NamedPolicy, run: Path) -> str:
    return str(run.resolve()).strip("/").replace("/", " ")


def _given(policy: Policy, env: Any) -> Policy:
    return policy
