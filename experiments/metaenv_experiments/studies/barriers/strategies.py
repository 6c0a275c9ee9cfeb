"""What is tried against each barrier: the clinic's strategies, and the local therapy that no clinic can offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import metaenv
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.evaluation.policies import NamedPolicy, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.barriers.ablations import NOTHING, Ablation
from metaenv_experiments.studies.barriers.kill_at_start import killing_first

UNLIMITED = 1_000_000  # courses, operations, lesions: more than there are visits or slots
LENDER = "lung"  # whose local therapy a disease gets that has none of its own


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """A rule of treatment and its parameters."""

    name: str
    label: str = ""  # for a legend
    does: str  # for the reader
    rule: str
    parameters: tuple[tuple[str, Any], ...] = ()
    local: bool = False  # local therapy is offered without limits and risk
    kill: float = 0.0  # log10 of all tumour cells that die before the first visit's treatment
    follows_marker: bool = False  # means nothing where there is no disease to measure at the start


COMBINATION = Strategy(
    name="combination",
    label="maximum tolerated combination",
    does="maximum tolerated combination: every drug of the disease in full, as tolerated, to the end",
    rule="maximum_tolerated_dose",
    parameters=(("drugs", "all"),),
)
LOCAL = Strategy(
    name="local",
    label="local therapy of all visible lesions",
    does="local therapy of all visible lesions: resected one per visit until none is seen, and whenever one is seen "
    "again; no drug",
    rule="local_first",
    parameters=(("drugs", ()),),
    local=True,
)
LOCAL_AND_COMBINATION = Strategy(
    name="local_and_combination",
    label="local therapy and combination",
    does="the same, and once no lesion is in view the maximum tolerated combination to the end",
    rule="local_first",
    parameters=(("drugs", "all"),),
    local=True,
)
ADAPTIVE = Strategy(
    name="adaptive",
    label="adaptive therapy",
    does="adaptive therapy, AT50 on the first line: full dose until the marker has halved, none until it is back",
    rule="at50",
    follows_marker=True,
)
STRATEGIES = {strategy.name: strategy for strategy in (COMBINATION, LOCAL, LOCAL_AND_COMBINATION, ADAPTIVE)}

# asked only by single statements
UNTREATED = Strategy(name="untreated", does="no treatment", rule="no_treatment")
ERADICATION = Strategy(
    name="first_line", does="maximum tolerated dose of the first line", rule="maximum_tolerated_dose"
)

LOCAL_AND_COURSE = Strategy(
    name="local_and_course",
    does="local therapy of all visible lesions, then the combination for one year; after it only local therapy",
    rule="local_first",
    parameters=(("drugs", "all"), ("days", DAYS_PER_YEAR)),
    local=True,
)

KILLS = tuple(
    Strategy(
        name=f"kill_{log10}",
        does=f"{log10} log10 of all cells die at once, then nothing",
        rule="no_treatment",
        kill=log10,
    )
    for log10 in (3, 6, 9)
)


def alone(drug: str) -> Strategy:
    """Maximum tolerated dose of one drug."""
    return Strategy(
        name=f"alone_{drug}",
        does=f"maximum tolerated dose of {drug} alone",
        rule="maximum_tolerated_dose",
        parameters=(("drugs", (drug,)),),
    )


def probes(disease: str) -> tuple[Strategy, ...]:
    """Strategies that the statements need beyond the compared ones, while every barrier stands."""
    return (
        UNTREATED,
        ERADICATION,
        LOCAL_AND_COURSE,
        *KILLS,
        *(alone(drug.name) for drug in metaenv.DISEASES[disease].drugs),
    )


def applies(strategy: Strategy, disease: str) -> bool:
    """Whether a strategy means anything in a disease: adaptive therapy needs something to follow."""
    return not strategy.follows_marker or seen_at_start(disease)


def seen_at_start(disease: str) -> bool:
    """Whether patients of a disease have visible lesions at the start."""
    most = metaenv.DISEASES[disease].presentation.visible_lesions.quantile(np.array([0.999]))
    return bool(most[0] >= 1)


def pose(task: Task, ablation: Ablation = NOTHING, strategy: Strategy = COMBINATION) -> tuple[Task, NamedPolicy]:
    """The task without a barrier, and who treats it."""
    changes = ablation.changes + (unlimited_local_therapy(task.disease) if strategy.local else ())
    local = True if strategy.local else task.local_therapy
    posed = replace(task, without=ablation.without, changes=changes, local_therapy=local)
    policy = rule(strategy.rule, posed, **dict(strategy.parameters))
    if strategy.kill > 0.0:
        policy = replace(policy, make=killing_first(policy.make, log10=strategy.kill, seed=task.seed))
    return posed, policy


def unlimited_local_therapy(disease: str) -> tuple[tuple[str, Any], ...]:
    """Changes that give local therapy without limits, risk and residue, in every organ, where it is offered."""
    own = metaenv.DISEASES[disease]
    offered = own.local_therapy or metaenv.DISEASES[LENDER].local_therapy
    assert offered is not None
    perfect = replace(
        offered,
        courses=UNLIMITED,
        patient_courses=UNLIMITED,
        operations=UNLIMITED,
        most_lesions=UNLIMITED,
        course_mortality=0.0,
        operation_mortality=0.0,
        margin_risk=0.0,
    )
    operable = tuple((f"organs.{organ.name}.operable", True) for organ in own.organs)
    return (("local_therapy", perfect), *operable)
