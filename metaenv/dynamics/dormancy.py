"""Sleep and waking: of cells within a lesion, and of the lesion's niche and vessels.

Cells fall dormant at a basal rate, under crowding and hypoxia, immune pressure and drug; they wake only in an open
niche with free capacity. Niche opening and the angiogenic switch are rare events of a whole lesion; surgery makes both
likelier while the wound heals.
"""

from __future__ import annotations

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.growth import probability
from metaenv.dynamics.random import LESION, binomial, uniforms
from metaenv.dynamics.state import BoolArray, RecordArray


@compiled
def leaving(rate: float, cells: float, days: float, stochastic: bool, u: float) -> float:
    """Cells that leave a state at a rate per day: binomial, or the mean."""
    if rate <= 0.0 or cells <= 0.0:
        return 0.0
    chance = probability(rate, days)
    return binomial(cells, chance, u) if stochastic else cells * chance


@compiled_inside
def awaken_lesion(
    vascular: BoolArray,
    niche_open: BoolArray,
    lesion: int,
    fill: float,
    person: RecordArray,
    wound_factor: float,
    supply_factor: float,
    waking_factor: float,
    days: float,
    tick: int,
) -> None:
    """Draw the angiogenic switch (in proportion to the fill) and the opening of the niche of one lesion.

    Args:
        vascular: (lesion,) changed.
        niche_open: (lesion,) changed.
        lesion: index.
        fill: cells / capacity.
        person: PERSON record.
        wound_factor: factor on both rates, 1 without a wound.
        supply_factor: factor on the angiogenic switch by drugs.
        waking_factor: factor on the opening of the niche by drugs.
        days: length of the sub-step.
        tick: part of the random address.
    """
    if vascular[lesion] and niche_open[lesion]:
        return
    first, second = uniforms(person.key, tick, lesion, LESION, 0)
    sprouting = person.angiogenic_switch * wound_factor * supply_factor * min(1.0, fill)
    opening = person.niche_opening * wound_factor * waking_factor
    if not vascular[lesion] and first < probability(sprouting, days):
        vascular[lesion] = True
    if not niche_open[lesion] and second < probability(opening, days):
        niche_open[lesion] = True
