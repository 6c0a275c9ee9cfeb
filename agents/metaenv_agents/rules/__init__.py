"""The rules of thumb of the clinic, by name: `make_rule("at50", env, stop=0.4)`.

One file each, with its parameters and what of them may be tuned. A new rule: one file, one line in `RULES`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import gymnasium as gym

from metaenv_agents.policy import Clinic
from metaenv_agents.rules.alternating import Alternating
from metaenv_agents.rules.at50 import At50
from metaenv_agents.rules.at50_with_second_line import At50WithSecondLine
from metaenv_agents.rules.constant import Constant
from metaenv_agents.rules.containment import Containment
from metaenv_agents.rules.dose_modulation import DoseModulation
from metaenv_agents.rules.dose_skipping import DoseSkipping
from metaenv_agents.rules.dose_titration import DoseTitration
from metaenv_agents.rules.fixed_duration import FixedDuration
from metaenv_agents.rules.hold_above import HoldAbove
from metaenv_agents.rules.intermittent import Intermittent
from metaenv_agents.rules.local_first import LocalFirst
from metaenv_agents.rules.look_ahead import LookAhead
from metaenv_agents.rules.maximum_tolerated_dose import MaximumToleratedDose
from metaenv_agents.rules.metronomic import Metronomic
from metaenv_agents.rules.multimodal import Multimodal
from metaenv_agents.rules.no_treatment import NoTreatment
from metaenv_agents.rules.partial_cycle import PartialCycle
from metaenv_agents.rules.random import Random
from metaenv_agents.rules.range_bounded import RangeBounded
from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.sequential import Sequential
from metaenv_agents.rules.standard_of_care import StandardOfCare
from metaenv_agents.rules.treat_above import TreatAbove
from metaenv_agents.rules.two_strikes import TwoStrikes

RULES: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (
        NoTreatment,
        MaximumToleratedDose,
        StandardOfCare,
        Random,
        Constant,
        Metronomic,
        Intermittent,
        Alternating,
        At50,
        DoseModulation,
        DoseSkipping,
        DoseTitration,
        Containment,
        LookAhead,
        RangeBounded,
        PartialCycle,
        At50WithSecondLine,
        Multimodal,
        LocalFirst,
        Sequential,
        TwoStrikes,
        FixedDuration,
        TreatAbove,
        HoldAbove,
    )
}


def make_rule(
    name: str, env: gym.Env[Any, Any] | gym.vector.VectorEnv[Any, Any, Any] | Clinic, **parameters: Any
) -> Rule:
    """Make the rule `name` for an environment, single or vector.

    Raises:
        ValueError: for an unknown rule or parameter, a value out of range, or a rule that this disease does not allow.
    """
    if name not in RULES:
        raise ValueError(f"rule must be one of {sorted(RULES)}, got {name!r}")
    allowed = parameters_of(name)
    if unknown := sorted(set(parameters) - set(allowed)):
        raise ValueError(f"rule '{name}' takes the parameters {sorted(allowed)}, got {', '.join(unknown)}")
    return RULES[name](clinic=env if isinstance(env, Clinic) else Clinic.of(env), **parameters)


def parameters_of(name: str) -> dict[str, Any]:
    """Return the rule's parameters and their defaults."""
    return {field.name: field.default for field in fields(RULES[name]) if field.name != "clinic"}


def tunable(names: Iterable[str]) -> list[str]:
    """Those of the rules that have something to tune, in their order."""
    return [name for name in names if RULES[name].search_space is not Rule.search_space]
