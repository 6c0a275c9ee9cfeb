"""Sleep and waking: of cells within a lesion, and of the lesion's niche and vessels.

Cells fall dormant at a basal rate, under crowding and hypoxia, immune pressure and drug; they wake only in an open
niche with free capacity. Niche opening and the angiogenic switch are rare events of a whole lesion; surgery makes both
likelier while the wound heals.
"""

from __future__ import annotations

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.growth import probability
from metaenv.dynamics.pharmacodynamics import SUPPLY, WAKING
from metaenv.dynamics.random import LESION, binomial, uniforms
from metaenv.dynamics.state import World


@compiled
def leaving(rate: float, cells: float, days: float, stochastic: bool, u: float) -> float:
    """Cells that leave a state at a rate per day: binomial, or the mean."""
    if rate <= 0.0 or cells <= 0.0:
        return 0.0
    chance = probability(rate, days)
    return binomial(cells, chance, u) if stochastic else cells * chance


@compiled_inside
def awaken_lesion(world: World, i: int, lesion: int, fill: float, days: float) -> None:
    """Draw the angiogenic switch (in proportion to the fill) and the opening of the niche of one lesion.

    Writes: world.state.vascular, world.state.niche_open.

    Args:
        world: all patients.
        i: patient.
        lesion: index.
        fill: cells / capacity.
        days: length of the sub-step.
    """
    vascular, niche_open, host = world.state.vascular[i], world.state.niche_open[i], world.state.host[i]
    if vascular[lesion] and niche_open[lesion]:
        return
    settings, person, modulation = world.biology.settings[0], world.patients.person[i], world.scratch.modulation[i]
    wound = settings.wound_waking if host.wound > 0.0 else 1.0
    first, second = uniforms(person.key, host.tick, lesion, LESION, 0)
    sprouting = person.angiogenic_switch * wound * modulation[SUPPLY] * min(1.0, fill)
    opening = person.niche_opening * wound * modulation[WAKING]
    if not vascular[lesion] and first < probability(sprouting, days):
        vascular[lesion] = True
    if not niche_open[lesion] and second < probability(opening, days):
        niche_open[lesion] = True
