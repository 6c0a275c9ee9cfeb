"""One lesion, one sub-step: crowding at the predicted midpoint, then births, deaths, sleep, mutants, vessels.

    births  (1 - s E) b_c soil_o v (1 - x_c)+, or (1 - s E) (d_c - b_c soil_o v ln x_c)+ by Gompertz' law
    deaths  d_c + sum_drug kill (1 - s) E [(1 - nu) + nu b / b_1] (1 - hypoxic (1 - k_h)) + immune

for clone c in a lesion of vigour v in organ o, filled to x_c = sum_c' a_cc' N_c' / K of its capacity K: competition
acts on births only. b_1 are the births without crowding, by Gompertz' law those at a fill of 1/e. Crowding is taken
half a sub-step ahead (second order), what depends on the lesion's size otherwise (delivery, hypoxia, immunity) at its
start, and the counts are sampled at these rates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.dormancy import awaken_lesion, leaving
from metaenv.dynamics.growth import (
    average_growth,
    crowding,
    expand_capacity,
    few_born_and_dead,
    is_few,
    many_born_and_dead,
    relax_capacity,
)
from metaenv.dynamics.pharmacodynamics import SUPPLY, WAKING, hypoxic_fraction, lesion_effects, shared_effect
from metaenv.dynamics.random import CHANGE, GROWTH, binomial, quartet, whole
from metaenv.dynamics.resistance import change_clones
from metaenv.dynamics.state import BoolArray, FloatArray, World

# rows of Scratch.rates
CROWDED, TURNOVER, FIXED_KILL, DIVISION_KILL, DORMANT_KILL, PERSISTENCE, MIDPOINT = range(7)


class Surroundings(NamedTuple):
    """What the cells of a lesion meet in a sub-step, whatever their clone."""

    immune: float  # /day, kill rate by immunity
    hypoxic: float  # fraction of the cells
    waking: float  # /day, in an open niche with free capacity


@compiled_inside
def lesion_rates(world: World, i: int, lesion: int, hypoxic: float) -> None:
    """Per clone that is present, what of births and deaths does not depend on crowding.

    Rows: CROWDED births per free capacity and TURNOVER, those beside them; FIXED_KILL and DIVISION_KILL (where division
    is not crowded) of dividing cells; DORMANT_KILL of dormant ones; PERSISTENCE, drug-induced entry into dormancy; all
    /day.

    Writes: world.scratch.rates.
    """
    patients, biology = world.patients, world.biology
    rates, cells, effect = world.scratch.rates[i], world.scratch.cells[i], world.scratch.effect[i]
    soil, vigour = biology.organs[world.state.organ[i, lesion]].soil, world.state.vigour[i, lesion]
    gompertz = biology.settings[0].gompertz
    for clone in range(rates.shape[1]):
        if cells[clone] <= 0.0:
            continue
        slowing, inhibited = soil, 1.0
        fixed, dividing, sleeping, persistence = 0.0, 0.0, 0.0, 0.0
        for drug in range(effect.shape[0]):
            strength = effect[drug, biology.level[drug, clone]]
            if strength == 0.0:
                continue
            if biology.target[drug] >= 0:
                strength = shared_effect(biology, effect, drug, clone)
            constants = biology.drugs[drug]
            kill = patients.kill[i, drug] * (1.0 - constants.cytostatic) * strength
            kill *= 1.0 - hypoxic * (1.0 - constants.hypoxic_kill)
            slowing *= 1.0 - constants.cytostatic * strength
            inhibited *= 1.0 - constants.cytostatic * strength
            fixed += kill * (1.0 - constants.division)
            dividing += kill * constants.division
            sleeping += kill * constants.dormant_kill
            persistence += constants.persistence * strength
        rates[CROWDED, clone] = patients.birth[i, clone] * slowing * vigour
        rates[TURNOVER, clone] = patients.death[i, clone] * inhibited if gompertz else 0.0
        rates[FIXED_KILL, clone] = fixed
        rates[DIVISION_KILL, clone] = dividing * slowing
        rates[DORMANT_KILL, clone] = sleeping
        rates[PERSISTENCE, clone] = persistence


@compiled_inside
def fill_lesion(fill: FloatArray, cells: FloatArray, presses: BoolArray, competition: float, capacity: float) -> None:
    """How full the lesion is as each class of clones feels it: sum of competition x cells / capacity. Writes: fill."""
    total, pressing = 0.0, 0.0
    for clone in range(cells.shape[0]):
        if presses[clone]:
            total += cells[clone]
            pressing += competition * cells[clone]
        else:
            total += cells[clone]
            pressing += cells[clone]
    fill[0] = total / capacity
    fill[1] = pressing / capacity


@compiled_inside
def free_lesion(free: FloatArray, fill: FloatArray, gompertz: bool) -> None:
    """Factor of crowding on the births of each class of clones. Writes: free."""
    for group in range(fill.shape[0]):
        free[group] = crowding(fill[group], gompertz)


@compiled
def births(crowded: float, turnover: float, free: float) -> float:
    """Births per cell and day at so much free capacity; never negative."""
    return max(0.0, crowded * free + turnover)


@compiled
def division(crowded: float, turnover: float, free: float, birth: float) -> float:
    """Births as a share of those without crowding; of those at a fill of 1/e where there is a turnover."""
    return free if turnover == 0.0 else birth / (crowded + turnover)


@compiled
def half_step_growth(x: float) -> float:
    """exp(x) to fourth order (Pade), positive; enough for the prediction of a midpoint."""
    square = x * x / 12.0
    return (1.0 + 0.5 * x + square) / (1.0 - 0.5 * x + square)


@compiled_inside
def predict_midpoint(world: World, i: int, lesion: int, half_way_capacity: float, immune: float, days: float) -> None:
    """Expected cells of each clone half a sub-step ahead (MIDPOINT row and `cells`), the fill there and what is free.

    Writes: world.scratch.rates, world.scratch.cells, world.scratch.fill, world.scratch.free.
    """
    biology, death, competition = world.biology, world.patients.death[i], world.patients.person[i].competition
    proliferating, dormant = world.state.proliferating[i, lesion], world.state.dormant[i, lesion]
    rates, cells, fill = world.scratch.rates[i], world.scratch.cells[i], world.scratch.fill[i]
    free_of_class, gompertz = world.scratch.free[i], biology.settings[0].gompertz
    fill_lesion(fill, cells, biology.presses, competition, world.state.capacity[i, lesion])
    free_lesion(free_of_class, fill, gompertz)
    for clone in range(cells.shape[0]):
        rates[MIDPOINT, clone] = 0.0
        if proliferating[clone] > 0.0:
            crowded, turnover = rates[CROWDED, clone], rates[TURNOVER, clone]
            free = free_of_class[biology.pressed[clone]]
            if turnover == 0.0:
                net = (crowded - rates[DIVISION_KILL, clone]) * free
            else:
                net = births(crowded, turnover, free)
                net -= rates[DIVISION_KILL, clone] * division(crowded, turnover, free, net)
            net -= death[clone] + rates[FIXED_KILL, clone] + immune
            rates[MIDPOINT, clone] = proliferating[clone] * half_step_growth(0.5 * days * net)
        cells[clone] = rates[MIDPOINT, clone] + dormant[clone]
    fill_lesion(fill, cells, biology.presses, competition, half_way_capacity)
    free_lesion(free_of_class, fill, gompertz)


@compiled_inside
def advance_clone(world: World, i: int, lesion: int, clone: int, around: Surroundings, days: float) -> None:
    """Births, deaths, sleep and waking of one clone in one lesion; also its expected divisions.

    Writes: world.state.proliferating, world.state.dormant, world.state.shedding, world.scratch.divisions.
    """
    state, biology, rates = world.state, world.biology, world.scratch.rates[i]
    settings, person, tick = biology.settings[0], world.patients.person[i], state.host[i].tick
    fill, immune = world.scratch.fill[i, biology.pressed[clone]], around.immune
    awake, asleep = state.proliferating[i, lesion, clone], state.dormant[i, lesion, clone]
    free = world.scratch.free[i, biology.pressed[clone]]
    crowded, turnover = rates[CROWDED, clone], rates[TURNOVER, clone]
    birth = births(crowded, turnover, free)
    dividing_kill = rates[DIVISION_KILL, clone] * division(crowded, turnover, free, birth)
    death = world.patients.death[i, clone] + rates[FIXED_KILL, clone] + dividing_kill + immune
    loss = settings.dormant_death + rates[DORMANT_KILL, clone]
    world.scratch.divisions[i, clone] = birth * rates[MIDPOINT, clone] * days
    state.shedding[i, clone] += death * rates[MIDPOINT, clone]
    entry = person.dormancy_entry + settings.stress_entry * min(1.0, fill) + settings.hypoxic_entry * around.hypoxic
    entry += settings.immune_entry * immune + rates[PERSISTENCE, clone]
    waking = around.waking * max(0.0, 1.0 - fill) if state.niche_open[i, lesion] else 0.0
    kept = birth * (1.0 - biology.mutating[clone] * person.instability)
    growth = math.exp((kept - death) * days)
    first, second, entry_u, exit_u = 0.5, 0.5, 0.5, 0.5
    exact = settings.stochastic and is_few(awake, growth)
    if settings.stochastic:
        first, second, entry_u, exit_u = quartet(person.key, tick, lesion * 256 + clone, GROWTH, 0)
        if exact:
            awake = few_born_and_dead(awake, kept, death, days, growth, first, second)
        elif awake > 0.0:
            awake = many_born_and_dead(awake, kept, death, days, growth, first)
    else:
        awake *= growth
    mean_growth = average_growth(growth, (kept - death) * days)  # of those who wake, at any moment of the sub-step
    entered = leaving(entry, awake, days, settings.stochastic, entry_u)
    awake -= entered
    if entered > 0.0 and not exact:  # where cells die out, more fell asleep than would have been left of them
        entered *= mean_growth / growth
        entered = whole(entered, entry_u) if settings.stochastic else entered
    resting = asleep + (np.floor(0.5 * entered) if settings.stochastic else 0.5 * entered)
    left, woken = leaving(waking + loss, resting, days, settings.stochastic, exit_u), 0.0
    if left > 0.0 and waking > 0.0:
        share = waking / (waking + loss) * min(1.0, mean_growth * max(0.0, 1.0 - 0.5 * entry * days))
        woken = left * share
        if settings.stochastic:  # the second uniform is left where it was not needed for few cells
            waking_u = quartet(person.key, tick, lesion * 256 + clone, CHANGE, 0)[0] if exact else second
            woken = binomial(left, share, waking_u)
    state.proliferating[i, lesion, clone] = awake + woken
    state.dormant[i, lesion, clone] = asleep + entered - left


@compiled_inside
def advance_clones(world: World, i: int, lesion: int, around: Surroundings, days: float) -> float:
    """Advance every clone that is there, then change clones into each other; returns the lesion's cells half-way.

    Writes: world.state.proliferating, world.state.dormant, world.state.shedding, world.scratch.divisions,
    world.scratch.mutants.
    """
    divisions, cells = world.scratch.divisions[i], world.scratch.cells[i]
    clones, middle = cells.shape[0], 0.0
    for clone in range(clones):
        divisions[clone] = 0.0
        if cells[clone] > 0.0:
            middle += cells[clone]
            advance_clone(world, i, lesion, clone, around, days)
    if clones > 1:
        change_clones(world, i, lesion, days)
    return middle


@compiled_inside
def expanded(world: World, i: int, lesion: int, cells: float, days: float) -> float:
    """Capacity of a vascular lesion after some days with so many cells."""
    person, supply = world.patients.person[i], world.scratch.modulation[i, SUPPLY]
    most = world.biology.organs[world.state.organ[i, lesion]].capacity
    if world.biology.settings[0].gompertz:
        least = person.avascular_capacity
        return relax_capacity(world.state.capacity[i, lesion], least, most, person.angiogenesis, supply, days)
    return expand_capacity(world.state.capacity[i, lesion], cells, person.angiogenesis * supply, most, days)


@compiled_inside
def vascularise(world: World, i: int, lesion: int, total: float, middle: float, days: float) -> None:
    """Expand the capacity of a vascular lesion; else it may gain vessels, and a closed niche may open.

    `total` and `middle` are the lesion's cells before the sub-step and half-way.

    Writes: world.state.capacity, world.state.vascular, world.state.niche_open.
    """
    capacity = world.state.capacity[i, lesion]
    if world.state.vascular[i, lesion]:
        world.state.capacity[i, lesion] = expanded(world, i, lesion, middle, days)
    if world.biology.settings[0].stochastic:
        awaken_lesion(world, i, lesion, total / capacity, days)


@compiled_inside
def advance_lesion(world: World, i: int, lesion: int, days: float) -> float:
    """Advance one lesion by a sub-step; returns its cells at the end and frees its slot when none is left.

    Writes: world.state, world.scratch.
    """
    state, settings, person = world.state, world.biology.settings[0], world.patients.person[i]
    proliferating, dormant, cells = state.proliferating[i, lesion], state.dormant[i, lesion], world.scratch.cells[i]
    organ, total = state.organ[i, lesion], 0.0
    for clone in range(cells.shape[0]):
        cells[clone] = proliferating[clone] + dormant[clone]
        total += cells[clone]
    hypoxic = hypoxic_fraction(total, settings.hypoxic_share, settings.hypoxic_size)
    lesion_effects(world, i, organ, total)
    lesion_rates(world, i, lesion, hypoxic)
    immune = person.immune_kill * state.host[i].immunity / (1.0 + total / settings.immune_size)
    half_way = state.capacity[i, lesion]
    if state.vascular[i, lesion]:
        half_way = expanded(world, i, lesion, total, 0.5 * days)
    predict_midpoint(world, i, lesion, half_way, immune, days)
    around = Surroundings(immune, hypoxic, person.waking * world.scratch.modulation[i, WAKING])
    middle = advance_clones(world, i, lesion, around, days)
    vascularise(world, i, lesion, total, middle, days)
    total = 0.0
    for clone in range(cells.shape[0]):
        total += proliferating[clone] + dormant[clone]
    if total <= 0.0:
        state.organ[i, lesion] = -1
    return total
