"""Simple policies in words and by chance."""

import math
from dataclasses import replace

import numpy as np
import pytest

from metaenv.clinic.codes import DOSE_LEVELS
from metaenv_agents.measurements import MEASUREMENTS
from metaenv_agents.simple.grammar import (
    PROCEDURE_PLANS,
    Condition,
    Dose,
    Simple,
    constants,
    drawn,
    like,
)

HIGH = Condition(measurement="marker", above=True, threshold=0.9)
CLEAN = Condition(measurement="resistance", above=False, threshold=0.7)
WORKS = (Dose(level=1.0, conditions=(HIGH, CLEAN)), Dose(level=0.5, conditions=(HIGH, CLEAN), any_of_them=True))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Simple(doses=(Dose(level=0.0), Dose(level=0.0))), "nothing"),
        (Simple(doses=(Dose(level=0.0), Dose(level=1.0))), "full second"),
        (Simple(doses=(Dose(level=0.0, conditions=(HIGH,)), Dose(level=1.0))), "full second"),
        (
            Simple(doses=WORKS),
            "full first while marker >= 0.9 and resistance < 0.7; half second while marker >= 0.9 or resistance < 0.7",
        ),
        (
            Simple(doses=(Dose(level=0.5), Dose(level=0.0)), procedures="irradiate"),
            "half first; irradiate whenever possible",
        ),
        (Simple(doses=(Dose(level=0.0),) * 2, procedures="both"), "irradiate and resect whenever possible"),
    ],
)
def test_a_policy_is_said_in_words(policy, said):
    assert policy.said(("first", "second")) == said


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Condition(measurement="mood", above=True, threshold=1.0), "measurement must be one of .* got 'mood'"),
        (lambda: Condition(measurement="marker", above=True, threshold=math.nan), "threshold must be finite, got nan"),
        (lambda: Dose(level=0.7), "level must be one of .* got 0.7"),
        (lambda: Dose(level=1.0, conditions=(HIGH,) * 3), "conditions must be at most 2, got 3"),
        (lambda: Dose(level=1.0, conditions=(HIGH,), any_of_them=True), "any_of_them must be False .* got 1"),
        (lambda: Simple(doses=(), procedures="pray"), "procedures must be one of .* got 'pray'"),
    ],
)
def test_what_is_no_simple_policy_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(("local", "procedures"), [(True, set(PROCEDURE_PLANS)), (False, {"none"})])
def test_constants_are_every_combination_of_levels_and_procedures_once(local, procedures):
    found = list(constants(2, local))
    assert len(found) == len(set(found)) == len(DOSE_LEVELS) ** 2 * len(procedures)
    assert {policy.procedures for policy in found} == procedures
    assert all(not dose.conditions for policy in found for dose in policy.doses)


@pytest.mark.parametrize("local", [True, False])
def test_policies_by_chance_use_the_whole_grammar_and_treat(local):
    generator = np.random.default_rng(0)
    found = [drawn(generator, 2, local) for _ in range(500)]
    doses = [dose for policy in found for dose in policy.doses]
    conditions = [condition for dose in doses for condition in dose.conditions]
    assert all(any(dose.level > 0.0 for dose in policy.doses) for policy in found)
    assert {dose.level for dose in doses} == set(DOSE_LEVELS) and {len(dose.conditions) for dose in doses} == {0, 1, 2}
    assert {dose.any_of_them for dose in doses if len(dose.conditions) == 2} == {True, False}
    assert {condition.measurement for condition in conditions} == set(MEASUREMENTS)
    assert all(
        MEASUREMENTS[each.measurement].low <= each.threshold <= MEASUREMENTS[each.measurement].high
        for each in conditions
    )
    assert {policy.procedures for policy in found} == (set(PROCEDURE_PLANS) if local else {"none"})


def test_a_policy_like_another_differs_in_little_and_reaches_every_kind_of_change():
    generator = np.random.default_rng(1)
    found = [like(generator, Simple(doses=WORKS, procedures="resect"), True) for _ in range(500)]
    changed = [sum(a != b for a, b in zip(policy.doses, WORKS, strict=True)) for policy in found]
    assert {*changed} == {0, 1, 2} and {policy.procedures for policy in found} == set(PROCEDURE_PLANS)
    first = [policy.doses[0] for policy in found]
    assert {dose.level for dose in first} == set(DOSE_LEVELS) and {len(dose.conditions) for dose in first} == {0, 1, 2}
    moved = [
        dose.conditions[0].threshold for dose in first if dose.conditions and dose.conditions[0].measurement == "marker"
    ]
    assert min(moved) < 0.9 < max(moved)


def test_policies_of_one_structure_differ_in_thresholds_alone():
    other = Condition(measurement="marker", above=True, threshold=0.2)
    first, second = (
        Simple(doses=(Dose(level=1.0, conditions=(each, CLEAN)), Dose(level=0.0))) for each in (HIGH, other)
    )
    assert first.structure == second.structure
    unlike = [
        replace(first, procedures="resect"),
        replace(first, doses=(Dose(level=0.5, conditions=(HIGH, CLEAN)), Dose(level=0.0))),
        replace(first, doses=(Dose(level=1.0, conditions=(HIGH,)), Dose(level=0.0))),
        replace(first, doses=(Dose(level=1.0, conditions=(HIGH, CLEAN), any_of_them=True), Dose(level=0.0))),
        replace(first, doses=(Dose(level=0.0), Dose(level=1.0, conditions=(HIGH, CLEAN)))),
    ]
    assert len({each.structure for each in [first, *unlike]}) == 6


def test_the_same_seed_draws_the_same_policies():
    first, second = ([drawn(np.random.default_rng(7), 3, True)] for _ in range(2))
    assert first == second
