"""The aims of RESULTS.md, and whether each was reached, decided by the intervals of a task's results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from metaenv_experiments.evaluation.policies import LEARNER
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.reporting.results_rows import BAR, STANDARD
from metaenv_experiments.reporting.results_table import GAP_CLOSED, MINUS_BAR, Row, TaskRow
from metaenv_experiments.reporting.tables import words, written

GAP = 0.7  # of the way from the bar to the oracle that a learner should go
CONVERGED = 0.02  # share of the return that twice the copies may change
NEAR = 0.98  # share of the exact optimum that the best learner should reach
BEATEN = "best learner above the bar"
MET, MISSED, UNDECIDED = "met", "missed", "undecided"


class Verdict(NamedTuple):
    """An aim and what became of it."""

    aim: str
    verdict: str
    found: str
    above: bool = False  # whether the interval of the paired difference lies above 0
    below: bool = False  # whether it lies below


class Results:
    """A task and its rows, by policy and metric."""

    def __init__(self, task: TaskRow, rows: Sequence[Row]) -> None:
        self.task, self.rows = task, rows
        self._by = {(row.policy, row.metric): row for row in rows}

    def get(self, policy: str, metric: str) -> Estimate | None:
        """A number, where there is one."""
        row = self._by.get((policy, metric))
        return None if row is None else Estimate(row.value, row.low, row.high)

    def patients(self, policy: str, metric: str | None = None) -> set[int]:
        """Of how many patients a policy's numbers, or one of them, are."""
        return {row.patients for row in self.rows if row.policy == policy and metric in (None, row.metric)}

    def counted(self) -> int:
        """Of how many of the task's patients most numbers are: a comparison may leave out those without a choice."""
        return max((row.patients for row in self.rows), default=self.task.patients)

    def policies(self, *kinds: str) -> list[str]:
        """Those of these kinds that have a return, the best first; of all kinds if none is named."""
        own = [row for row in self.rows if row.metric == "return" and (not kinds or row.kind in kinds)]
        return [row.policy for row in sorted(own, key=lambda row: (-row.value, row.policy))]

    def kind(self, policy: str) -> str:
        """What kind of policy it is."""
        return next(row.kind for row in self.rows if row.policy == policy)

    def best(self, *kinds: str) -> str | None:
        """The learner with the best validation score, or the policy of other kinds with the highest return."""
        names = self.policies(*kinds)
        if kinds == (LEARNER,):
            names = sorted(names, key=lambda name: -(self.get(name, "validation_return") or NOTHING).value)
        return names[0] if names else None


NOTHING = Estimate(-math.inf, math.nan, math.nan)


def verdicts(results: Results) -> list[Verdict]:
    """What the results can decide."""
    return [each for decide in (_beaten, _gap, _standard, _converged, _near) for each in decide(results)]


def _beaten(results: Results) -> Iterable[Verdict]:
    """The best learner against the best of those whom it must be above."""
    learner, bar = results.best(LEARNER), results.best(*BAR)
    gain = None if learner is None else results.get(learner, MINUS_BAR)
    if learner is None or bar is None or gain is None or results.task.true_state:
        return
    mine, other = results.get(learner, "return"), results.get(bar, "return")
    assert mine is not None and other is not None  # policies have a return
    verdict = MET if mine.low > other.high else MISSED
    why = "" if verdict == MET else f" {words(bar)} is better." if mine.high < other.low else " The intervals touch."
    yield Verdict(
        BEATEN,
        verdict,
        f"{words(learner)} {written(mine, digits=2)}, {words(bar)} {written(other, digits=2)}; paired difference "
        f"{written(gain, digits=2)}.{why}",
        gain.low > 0.0,
        gain.high < 0.0,
    )


def _gap(results: Results) -> Iterable[Verdict]:
    """How far the best learner goes from the bar towards the oracle."""
    learner = results.best(LEARNER)
    closed = None if learner is None else results.get(learner, GAP_CLOSED)
    if learner is None or closed is None:
        return
    aim = f"{100 * GAP:.0f} % of the gap from the bar to the oracle closed"
    if math.isnan(closed.value):
        yield Verdict(aim, UNDECIDED, "no gap is seen between them.")
        return
    verdict = MET if closed.low >= GAP else MISSED if closed.high < GAP else UNDECIDED
    few = max(results.patients(learner, GAP_CLOSED))
    where = "" if few == results.task.patients else f", on the first {few} patients"
    yield Verdict(aim, verdict, f"{words(learner)} {written(closed.scaled(100.0))} %{where}.")


def _standard(results: Results) -> Iterable[Verdict]:
    """Every learner against the maximum tolerated dose."""
    for learner in results.policies(LEARNER):
        gain = results.get(learner, f"minus_{STANDARD}")
        if gain is not None:
            verdict = MISSED if gain.high < 0.0 else MET if gain.low >= 0.0 else UNDECIDED
            aim = f"{words(learner)} not below the maximum tolerated dose"
            yield Verdict(aim, verdict, f"paired difference {written(gain, digits=2)}.")


def _converged(results: Results) -> Iterable[Verdict]:
    """What twice the copies change in a planner's return."""
    for row in results.rows:
        if row.metric == "change_when_doubled":
            within = row.low >= -CONVERGED and row.high <= CONVERGED
            beyond = row.low > CONVERGED or row.high < -CONVERGED
            aim = f"{words(row.policy)} changes by less than {100 * CONVERGED:.0f} % with twice the copies"
            change = Estimate(row.value, row.low, row.high).scaled(100.0)
            yield Verdict(aim, MET if within else MISSED if beyond else UNDECIDED, f"{written(change, digits=2)} %.")


def _near(results: Results) -> Iterable[Verdict]:
    """How near the best learner comes to the exact optimum, where that is known."""
    shares = [row for row in results.rows if row.kind == LEARNER and row.metric == "share_of_optimum"]
    if not shares:
        return
    best = max(shares, key=lambda row: ((results.get(row.policy, "validation_return") or NOTHING).value, row.policy))
    share = Estimate(best.value, best.low, best.high)
    verdict = MET if share.low >= NEAR else MISSED if share.high < NEAR else UNDECIDED
    aim = f"best learner within {100 * (1 - NEAR):.0f} % of the exact optimum"
    yield Verdict(aim, verdict, f"{words(best.policy)} {written(share.scaled(100.0))} %.")
