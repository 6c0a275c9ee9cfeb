"""What `metaenv tune rules` found, and rules with these parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import metaenv
from metaenv_experiments.evaluation.policies import NamedPolicy, rule
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError, file_of
from metaenv_experiments.running.stored_records import Record, RecordError


@dataclass(frozen=True, kw_only=True)
class TunedRule:
    """The best parameters of a rule, and what they gain; mean returns."""

    parameters: dict[str, Any]
    train_defaults: float
    train_tuned: float
    validation_defaults: Estimate
    validation_tuned: Estimate
    validation_gain: Estimate  # paired


@dataclass(frozen=True, kw_only=True)
class TunedRules(Record):
    """The rules of a disease, each with the best parameters of a search."""

    file: ClassVar[str] = "tuned.json"

    disease: str
    visit_interval: float | None = None  # days; None: that of the disease
    local_therapy: bool | None = None  # whether it was offered beside drugs; None: drugs alone
    patients: int  # train patients whom every set of parameters treated
    seed: int
    trials: int  # sets that were tried per rule
    rules: dict[str, TunedRule]

    @property
    def interval(self) -> float:
        """Days between two visits."""
        return float(self.visit_interval or metaenv.make_scenario(self.disease).visit_interval)

    @property
    def with_procedures(self) -> bool:
        """Whether local therapy was offered."""
        return metaenv.make_scenario(self.disease, local_therapy=self.local_therapy).local_therapy

    def policy(self, name: str, task: Task) -> NamedPolicy:
        """One of its rules, as it plays a task."""
        found = rule(name, task, **frozen(self.rules[name].parameters))
        note = f"tuned, the best of {self.trials} sets on {self.patients} train patients"
        return replace(found, name=f"{name}, tuned", kind="tuned rule", note=note)


def tuned_rules(path: Path, task: Task) -> TunedRules:
    """Read a record of the task's disease and calendar.

    Raises:
        UsageError: it is no such record.
    """
    try:
        record = TunedRules.read_from(file_of("tuned", path))
    except RecordError as error:
        raise UsageError(f"--tuned must be a record of `tune rules`: {error}") from error
    if record.disease != task.disease:
        raise UsageError(f"--tuned must be of the disease {task.disease!r}, got {path} of {record.disease!r}")
    if record.interval != task.scenario.visit_interval:
        raise UsageError(
            f"--tuned holds rules tuned for a visit every {record.interval:g} days, got one every "
            f"{task.scenario.visit_interval:g}"
        )
    if record.with_procedures != task.scenario.local_therapy:
        offered = "with" if record.with_procedures else "without"
        raise UsageError(f"--tuned holds rules tuned {offered} local therapy, which the task has otherwise")
    return record


def tuned(path: Path, task: Task) -> list[NamedPolicy]:
    """Return every rule of a record, with the parameters that were found.

    Raises:
        UsageError: as of `tuned_rules`.
    """
    record = tuned_rules(path, task)
    return [record.policy(name, task) for name in record.rules]


def frozen(value: Any) -> Any:
    """A value from JSON as rules take it: tuples for lists, at every depth."""
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return tuple(frozen(each) for each in value) if isinstance(value, list | tuple) else value
