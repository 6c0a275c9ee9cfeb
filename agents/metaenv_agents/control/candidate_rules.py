"""The rules that a planner chooses from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

from metaenv_agents.control.planning import Entry
from metaenv_agents.policy import Clinic

THRESHOLDS = (0.1, 0.3, 0.7, 1.0)  # x the baseline marker; guess
BANDS = ((0.1, 0.3), (0.25, 0.5), (0.5, 1.0))  # stop and restart, x the baseline marker; guess


def candidate_rules(clinic: Clinic, thresholds: Sequence[float] = THRESHOLDS) -> list[Entry]:
    """Nothing, every choice of drugs in full, contained and in bands, and with local therapy where there is some.

    Args:
        clinic: where they treat.
        thresholds: of containment, in multiples of the baseline marker.
    """
    choices = list(chain.from_iterable(combinations(clinic.drugs, size) for size in range(1, len(clinic.drugs) + 1)))
    entries: list[Entry] = [("no_treatment", {})]
    for drugs in choices:
        entries.append(("maximum_tolerated_dose", {"drugs": drugs}))
        entries += [("containment", {"threshold": threshold, "drugs": drugs}) for threshold in thresholds]
        entries += [("at50", {"stop": stop, "restart": restart, "drugs": drugs}) for stop, restart in BANDS]
    if clinic.local_therapy:
        entries += [("local_first", {"drugs": drugs}) for drugs in choices]
    if clinic.local_therapy and len(clinic.drugs) > 1:
        entries += [("multimodal", {"threshold": threshold}) for threshold in thresholds]
    return entries
