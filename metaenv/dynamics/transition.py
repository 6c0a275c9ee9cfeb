"""One patient, one stretch of time: doses to concentrations, to host and lesions, to life or death.

give_infusions -> advance_marrow -> advance_drugs -> modulate -> advance_host -> advance_lesions -> disseminate
-> awaken_disseminated_cells -> survive
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.dissemination import awaken_disseminated_cells, disseminate
from metaenv.dynamics.exposure import INSTANT, advance_drugs, advance_marrow, give_infusions, until_infusion
from metaenv.dynamics.host import advance_host, survive
from metaenv.dynamics.lesion import advance_lesion
from metaenv.dynamics.pharmacodynamics import modulate
from metaenv.dynamics.state import ALIVE, FloatArray, RecordArray, World

TICKS = 65536.0  # random addresses per day: the day addresses chance, so that other sub-steps leave it aligned


@compiled_inside
def advance_lesions(world: World, i: int, days: float) -> tuple[float, float]:
    """Advance every lesion by a sub-step; returns the burden as the host feels it, and the cells that can spread.

    Writes: world.state, world.scratch.
    """
    state = world.state
    clones = state.proliferating.shape[2]
    for clone in range(clones):
        state.shedding[i, clone] = 0.0
    weighted, spreading = 0.0, 0.0
    for lesion in range(state.organ.shape[1]):
        organ = state.organ[i, lesion]
        if organ < 0:
            continue
        cells = advance_lesion(world, i, lesion, days)
        weighted += world.biology.organs[organ].weight * cells
        if state.vascular[i, lesion] and state.organ[i, lesion] >= 0:
            for clone in range(clones):
                spreading += state.proliferating[i, lesion, clone]
    return weighted, spreading


@compiled_inside
def advance(world: World, i: int, dose: FloatArray, cost: RecordArray, days: float) -> float:
    """Advance one living patient by some days at a constant prescription; stops at death.

    Writes: world.state, world.scratch, cost.

    Args:
        world: all patients.
        i: patient.
        dose: (drug,) fraction of full dose; of an infusion, for each that falls due.
        cost: COST record, added to.
        days: length of the stretch.

    Returns:
        Days lived.
    """
    state, biology, host = world.state, world.biology, world.state.host[i]
    longest = days / max(1, math.ceil(days / biology.settings[0].substep - 1e-9))
    lived = 0.0
    while host.cause == ALIVE and days - lived > INSTANT:
        give_infusions(world, i, dose)
        length = until_infusion(world, i, dose, min(longest, days - lived))
        advance_marrow(world, i, dose, length)
        advance_drugs(world, i, dose, length)
        modulate(world, i)
        advance_host(world, i, length)
        weighted, spreading = advance_lesions(world, i, length)
        if biology.settings[0].stochastic:
            disseminate(world, i, spreading, length)
        awaken_disseminated_cells(world, i, length)
        host.wound = max(0.0, host.wound - length)
        days_lived = survive(world, i, cost, weighted, length)
        host.day += days_lived
        host.tick = int(host.day * TICKS + 0.5)
        for drug in range(dose.shape[0]):
            if not biology.drugs[drug].infusion:
                state.given[i, drug] += dose[drug] * days_lived
        lived += days_lived
    return lived
