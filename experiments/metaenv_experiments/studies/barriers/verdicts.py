"""How a statement is decided: by where an estimate's 95 % interval lies, never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from metaenv_experiments.evaluation.statistics import Estimate

SHOWN, REFUTED, UNDECIDED, DOES_NOT_APPLY = "shown", "refuted", "undecided", "does not apply"
FEWEST = 10  # patients: an estimate from fewer decides nothing


class Evidence(NamedTuple):
    """One number behind a statement."""

    what: str
    estimate: Estimate  # in `unit`
    unit: str  # "%", "months" or "log10 cells"
    patients: int  # behind the estimate
    verdict: str | None = None  # None: context, decides nothing


class Finding(NamedTuple):
    """A statement about a disease, what speaks for or against it, and what follows."""

    disease: str
    name: str
    statement: str
    evidence: tuple[Evidence, ...]

    @property
    def verdict(self) -> str:
        """Shown if all that decides shows it, refuted if anything refutes it."""
        return jointly(evidence.verdict for evidence in self.evidence if evidence.verdict is not None)

    def as_json(self) -> dict[str, Any]:
        """Return nested dictionaries."""
        evidence = [{**item._asdict(), "estimate": item.estimate._asdict()} for item in self.evidence]
        return {**self._asdict(), "evidence": evidence, "verdict": self.verdict}


def above(estimate: Estimate, bound: float, patients: int) -> str:
    """Whether a quantity is shown to lie above a bound; an undefined interval decides nothing."""
    return _decided(estimate.low > bound, estimate.high <= bound, patients)


def below(estimate: Estimate, bound: float, patients: int) -> str:
    """Whether a quantity is shown to lie below a bound."""
    return _decided(estimate.high < bound, estimate.low >= bound, patients)


def _decided(shown: bool, refuted: bool, patients: int) -> str:
    if patients < FEWEST:
        return UNDECIDED
    return SHOWN if shown else REFUTED if refuted else UNDECIDED


def jointly(verdicts: Iterable[str]) -> str:
    """The verdict on a statement all of whose parts must hold."""
    parts = set(verdicts) - {DOES_NOT_APPLY}
    for verdict in (REFUTED, UNDECIDED, SHOWN):
        if verdict in parts:
            return verdict
    return DOES_NOT_APPLY
