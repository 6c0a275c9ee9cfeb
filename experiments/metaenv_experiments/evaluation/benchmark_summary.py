"""What a finished benchmark says: whom it treated, with which policies, and how they fared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from metaenv_experiments.evaluation.metrics import Comparison, Difference
from metaenv_experiments.evaluation.policies import Kind, NamedPolicy, TrainedWith
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.stored_records import Record


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What of the scenario figures and tables need."""

    disease: str
    drugs: tuple[str, ...]
    traits: tuple[str, ...]
    toxicities: tuple[str, ...]
    visit_interval: float  # days
    horizon: float  # days
    marker: str  # what it is, and its unit
    local_therapy: bool

    @classmethod
    def of(cls, task: Task) -> Setting:
        """That of a task."""
        scenario, sensors = task.scenario, task.scenario.disease.sensors
        return cls(
            disease=scenario.disease.name,
            drugs=tuple(drug.name for drug in scenario.drugs),
            traits=tuple(scenario.traits),
            toxicities=tuple(scenario.toxicities),
            visit_interval=float(scenario.visit_interval),
            horizon=float(scenario.horizon),
            marker=f"{sensors.marker}, {sensors.marker_unit}",
            local_therapy=bool(scenario.local_therapy),
        )


@dataclass(frozen=True, kw_only=True)
class PolicySummary:
    """A policy and how its patients fared."""

    kind: Kind
    rule: str | None = None
    parameters: dict[str, Any]
    training: TrainedWith | None = None
    doubles: str | None = None
    outcomes: dict[str, Estimate]
    difference: Difference | None = None  # to the reference; None of the reference itself


@dataclass(frozen=True, kw_only=True)
class BenchmarkSummary(Record):
    """The record of a benchmark."""

    file: ClassVar[str] = "summary.json"

    task: Task
    environment: str  # registered id
    return_unit: str
    setting: Setting
    reference: str
    policies: dict[str, PolicySummary]

    @classmethod
    def of(cls, task: Task, policies: Sequence[NamedPolicy], comparison: Comparison) -> BenchmarkSummary:
        """Put together what was treated, by whom, and what came of it."""
        return cls(
            task=task,
            environment=task.env_id,
            return_unit=task.return_unit,
            setting=Setting.of(task),
            reference=comparison.reference,
            policies={
                policy.name: PolicySummary(
                    kind=policy.kind,
                    rule=policy.rule,
                    parameters=policy.parameters,
                    training=policy.training,
                    doubles=policy.doubles,
                    outcomes=comparison.policies[policy.name],
                    difference=comparison.differences.get(policy.name),
                )
                for policy in policies
            },
        )

    @property
    def comparison(self) -> Comparison:
        """The estimates alone."""
        return Comparison(
            reference=self.reference,
            patients=self.task.patients,
            policies={name: policy.outcomes for name, policy in self.policies.items()},
            differences={
                name: policy.difference for name, policy in self.policies.items() if policy.difference is not None
            },
        )

    def named(self, kind: Kind) -> list[str]:
        """The policies of a kind, a learner's seeds apart."""
        return [name for name, policy in self.policies.items() if policy.kind == kind]
