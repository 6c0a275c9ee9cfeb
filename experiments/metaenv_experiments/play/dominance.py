"""When cells that escape the treatment became the majority, and which."""

from __future__ import annotations

import math
from typing import NamedTuple

from metaenv.scenario import Scenario
from metaenv_experiments.play.game import Game

ESCAPE = 2.0  # factor on the half-effective concentration from which a clone is said to escape a drug


def clone_name(scenario: Scenario, clone: int) -> str:
    """The traits of a clone."""
    carried = [trait for t, trait in enumerate(scenario.traits) if clone >> t & 1]
    return " + ".join(carried) or "sensitive"


class Dominance(NamedTuple):
    """Cells that escape the drug that is given most have become the majority, for good."""

    day: float  # since when
    name: str  # of their largest clone then
    drug: str


def first_to_dominate(game: Game) -> Dominance | None:
    """Since when cells that escape the drug given most are more than half of all; None if they are not, or none is."""
    drug = _mainstay(game)
    if drug is None:
        return None
    spared, found = spared_clones(game.scenario, drug), None
    for each in game.moments:
        clones = each.truth.clones
        if sum(clones[clone] for clone in spared) <= 0.5 * sum(clones):
            found = None
        elif found is None:
            largest = max(spared, key=lambda clone: clones[clone])
            named = game.scenario.drugs[drug].name.replace("_", " ")
            found = Dominance(each.visit.day, clone_name(game.scenario, largest), named)
    return found


def spared_clones(scenario: Scenario, drug: int) -> list[int]:
    """Clones that need so much more of a drug that it hardly reaches them."""
    given = scenario.drugs[drug]
    folds = [
        given.pump_fold if trait.mechanism == "efflux" else given.fold.get(trait.name, 1.0)
        for trait in scenario.disease.traits
    ]
    clones = range(1 << len(folds))
    return [c for c in clones if math.prod(fold for t, fold in enumerate(folds) if c >> t & 1) >= ESCAPE]


def _mainstay(game: Game) -> int | None:
    """The drug of which most was given, by index; None where nothing was."""
    sums = [sum(visit.given[k] for visit in game.visits) for k in range(len(game.scenario.drugs))]
    return max(range(len(sums)), key=lambda k: sums[k]) if max(sums) > 0.0 else None
