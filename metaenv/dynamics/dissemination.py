"""Spread: lesions shed cells, a few found new lesions or fall asleep in an organ; sleeping ones wake after years."""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.pharmacodynamics import WAKING
from metaenv.dynamics.random import AWAKENING, FOUNDING, SEEDING, binomial, normal_quantile, poisson, uniforms
from metaenv.dynamics.state import Biology, FloatArray, State, World


@compiled_inside
def free_slot(state: State, i: int, organ: int) -> int:
    """A slot for a founder in an organ: a free one, else the organ's smallest lesion, else the smallest of all.

    The last two are counted in `overflow`: a founder is never dropped.

    Writes: state.host.
    """
    smallest, smallest_here = -1, -1
    least, least_here = math.inf, math.inf
    for lesion in range(state.organ.shape[1]):
        if state.organ[i, lesion] < 0:
            return lesion
        cells = 0.0
        for clone in range(state.proliferating.shape[2]):
            cells += state.proliferating[i, lesion, clone] + state.dormant[i, lesion, clone]
        if cells < least:
            smallest, least = lesion, cells
        if state.organ[i, lesion] == organ and cells < least_here:
            smallest_here, least_here = lesion, cells
    state.host[i].overflow += 1
    return smallest_here if smallest_here >= 0 else smallest


@compiled_inside
def found(world: World, i: int, organ: int, clone: int) -> None:
    """One proliferating cell settles in an organ: an avascular micrometastasis in a free slot.

    Writes: world.state.
    """
    state, host, person = world.state, world.state.host[i], world.patients.person[i]
    lesion = free_slot(state, i, organ)
    if state.organ[i, lesion] < 0:
        first, second = uniforms(person.key, host.founded, lesion, FOUNDING, 0)
        spread = world.biology.settings[0].capacity_spread * normal_quantile(first)
        state.organ[i, lesion] = organ
        state.capacity[i, lesion] = person.avascular_capacity * math.pow(10.0, spread)
        state.vascular[i, lesion] = False
        state.niche_open[i, lesion] = True
        state.lineage[i, lesion] = host.founded + 1
        state.vigour[i, lesion] = math.exp(world.biology.settings[0].vigour_spread * normal_quantile(second))
    host.founded += 1
    state.proliferating[i, lesion, clone] += 1.0


@compiled_inside
def _parent(state: State, i: int, chosen: float) -> int:
    """Lesion of the `chosen`-th proliferating cell in a vascular lesion."""
    last = -1
    for lesion in range(state.organ.shape[1]):
        if state.organ[i, lesion] < 0 or not state.vascular[i, lesion]:
            continue
        last = lesion
        for clone in range(state.proliferating.shape[2]):
            chosen -= state.proliferating[i, lesion, clone]
        if chosen <= 0.0:
            break
    return last


@compiled_inside
def _filtered_clone(cells: FloatArray, fitness: FloatArray, strength: float, u: float) -> int:
    """Clone of a founder: in proportion to its cells in the parent lesion and to fitness ** strength."""
    total = 0.0
    for clone in range(cells.shape[0]):
        total += cells[clone] * math.pow(fitness[clone], strength)
    chosen = u * total
    last = 0
    for clone in range(cells.shape[0]):
        if cells[clone] > 0.0:
            last = clone
            chosen -= cells[clone] * math.pow(fitness[clone], strength)
            if chosen <= 0.0:
                break
    return last


@compiled_inside
def _organ_by_tropism(biology: Biology, u: float) -> int:
    for organ in range(biology.organs.shape[0] - 1):
        u -= biology.organs[organ].tropism
        if u <= 0.0:
            return organ
    return int(biology.organs.shape[0]) - 1


@compiled_inside
def disseminate(world: World, i: int, shedding: float, days: float) -> None:
    """Successful founders ~ Poisson(rate x proliferating cells of vascular lesions); each lands awake or dormant.

    Writes: world.state.

    Args:
        world: all patients.
        i: patient.
        shedding: proliferating cells in vascular lesions.
        days: length of the sub-step.
    """
    state, biology, host, person = world.state, world.biology, world.state.host[i], world.patients.person[i]
    expected = person.seeding * shedding * days
    if expected <= 0.0:
        return
    first, _ = uniforms(person.key, host.tick, 0, SEEDING, 0)
    founders = int(poisson(expected, first))
    for founder in range(founders):
        parent_u, clone_u = uniforms(person.key, host.tick, 0, SEEDING, 1 + 2 * founder)
        organ_u, dormant_u = uniforms(person.key, host.tick, 0, SEEDING, 2 + 2 * founder)
        parent = _parent(state, i, parent_u * shedding)
        if parent < 0:
            return
        cells = state.proliferating[i, parent]
        clone = _filtered_clone(cells, biology.fitness, biology.settings[0].filter_strength, clone_u)
        organ = _organ_by_tropism(biology, organ_u)
        if dormant_u < biology.organs[organ].dormant:
            state.disseminated_cells[i, organ, clone] += 1.0
        else:
            found(world, i, organ, clone)


@compiled_inside
def awaken_disseminated_cells(world: World, i: int, days: float) -> None:
    """Single disseminated cells die or wake; each that wakes founds a lesion.

    Rare events of single cells have no mean to follow: a deterministic patient's single cells sleep on.

    Writes: world.state.
    """
    state, biology, host, person = world.state, world.biology, world.state.host[i], world.patients.person[i]
    loss = biology.settings[0].seed_death
    waking = person.seed_waking * world.scratch.modulation[i, WAKING]
    leave_rate = waking + loss
    for organ in range(state.disseminated_cells.shape[1]):
        for clone in range(state.disseminated_cells.shape[2]):
            if state.disseminated_cells[i, organ, clone] <= 0.0:
                continue
            if leave_rate > 0.0 and biology.settings[0].stochastic:
                first, second = uniforms(person.key, host.tick, organ * 256 + clone, AWAKENING, 0)
                left = binomial(state.disseminated_cells[i, organ, clone], 1.0 - math.exp(-leave_rate * days), first)
                state.disseminated_cells[i, organ, clone] -= left
                for _ in range(int(binomial(left, waking / leave_rate, second))):
                    found(world, i, organ, clone)
