"""What `metaenv tune simple` found, and its policies as they take part in a benchmark."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import metaenv
from metaenv_agents.policy import Clinic
from metaenv_agents.simple import Simple, SimplePolicies
from metaenv_experiments.evaluation.policies import SIMPLE, NamedPolicy
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError, file_of
from metaenv_experiments.running.stored_records import Record, RecordError


@dataclass(frozen=True, kw_only=True)
class FoundPolicy:
    """A simple policy and its mean returns."""

    said: str  # in words
    policy: Simple
    train: float
    validation: Estimate


@dataclass(frozen=True, kw_only=True)
class FoundPolicies(Record):
    """The best simple policies of a disease, the best on validation patients first."""

    file: ClassVar[str] = "simple.json"

    disease: str
    visit_interval: float | None = None  # days; None: that of the disease
    local_therapy: bool  # whether procedures were offered
    drugs: tuple[str, ...]  # in the order of the doses
    seed: int
    candidates: int  # policies that were tried
    visits: int  # that were simulated
    policies: tuple[FoundPolicy, ...]

    @property
    def interval(self) -> float:
        """Days between two visits."""
        return float(self.visit_interval or metaenv.make_scenario(self.disease).visit_interval)


def simple_policies(path: Path, task: Task) -> list[NamedPolicy]:
    """The policies of a record, as they play a task.

    Raises:
        UsageError: it is no such record, or one of another disease, calendar, choice of drugs or of procedures.
    """
    try:
        record = FoundPolicies.read_from(file_of("simple", path))
    except RecordError as error:
        raise UsageError(f"--simple must be a record of `tune simple`: {error}") from error
    scenario = task.scenario
    found = (record.disease, record.interval, record.local_therapy, record.drugs)
    wanted = (task.disease, scenario.visit_interval, scenario.local_therapy, tuple(d.name for d in scenario.drugs))
    compared = ("disease", "days between visits", "local therapy", "drugs")
    for what, there, here in zip(compared, found, wanted, strict=True):
        if there != here:
            raise UsageError(f"--simple must be of the {what} {here!r}, got {path} of {there!r}")
    return [named(f"simple {number}", each) for number, each in enumerate(record.policies, start=1)]


def named(name: str, found: FoundPolicy) -> NamedPolicy:
    """One of them under a name."""
    make = partial(_make, found.policy)
    return NamedPolicy(name=name, make=make, kind=SIMPLE, parameters=asdict(found.policy), note=found.said)


def _make(policy: Simple, env: Any) -> SimplePolicies:
    return SimplePolicies(Clinic.of(env), [policy])
