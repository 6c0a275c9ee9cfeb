"""The barriers to cure, and what it means to remove each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EVERY_SIZE = 1e30  # cells: immune kill then fades with no lesion's size


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """One counterfactual: the same patients and the same luck, without one barrier (or none, or all)."""

    name: str
    does: str  # what the simulator does then, for the reader
    without: tuple[str, ...] = ()  # mechanisms that are switched off
    changes: tuple[tuple[str, Any], ...] = ()  # path and value, see `metaenv.scenario.variation`


NOTHING = Ablation(name="nothing", does="every barrier stands: the disease as it is")
SINGLE = (
    Ablation(
        name="dissemination",
        does="only the visible lesions exist: no micrometastases, no single disseminated cells, nothing new is seeded",
        without=("dissemination",),
    ),
    Ablation(
        name="heterogeneity",
        does="all cells are alike at the start, none mutates, every organ is equally good soil; a drug can still "
        "switch efflux on",
        without=("heterogeneity",),
    ),
    Ablation(name="efflux", does="no pump: neither carried, mutated to nor induced by a drug", without=("efflux",)),
    Ablation(name="bypass", does="no bypass pathway at the start or by mutation", without=("bypass",)),
    Ablation(
        name="target_mutation", does="no target mutation at the start or by mutation", without=("target_mutation",)
    ),
    Ablation(
        name="stroma",
        does="every drug reaches every lesion as plasma does, bulky lesions and the brain included",
        without=("stroma",),
    ),
    Ablation(name="hypoxia", does="no cell lacks oxygen, whatever the lesion's size", without=("hypoxia",)),
    Ablation(
        name="dormancy",
        does="no cell sleeps: lesions start awake in open niches, there are no sleeping single cells, drugs induce no "
        "persisters",
        without=("dormancy",),
    ),
    Ablation(
        name="immune_escape",
        does="surveillance works at any size: immune kill no longer fades as a lesion grows (it is not switched off)",
        changes=(("rates.immune_size", EVERY_SIZE),),
    ),
)
EVERYTHING = Ablation(
    name="everything",
    does="all of the above at once",
    without=tuple(mechanism for ablation in SINGLE for mechanism in ablation.without),
    changes=tuple(change for ablation in SINGLE for change in ablation.changes),
)
ABLATIONS = {ablation.name: ablation for ablation in (NOTHING, *SINGLE, EVERYTHING)}
