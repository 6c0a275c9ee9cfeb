"""One patient, one stretch of time: doses to concentrations, to host and lesions, to life or death.

    advance_drugs -> advance_host -> for each lesion: rates -> birth_death -> dormancy -> mutants -> switch -> vessels
    -> disseminate -> awaken_seeds -> survive

The population equation of clone c in a lesion with capacity K, in organ o:

    births  b_c soil_o (1 - s E) (1 - sum_c' a_cc' N_c' / K)+     competition acts on births only
    deaths  d_c + sum_drug kill (1 - s) E [(1 - nu) + nu b / b_c] (1 - hypoxic (1 - k_h)) + immune

Per-cell rates are taken at the predicted midpoint of the sub-step (second order), the effect of a drug is averaged over
it by Gauss-Legendre quadrature, and the counts are then sampled at these rates.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.dissemination import awaken_seeds, disseminate
from metaenv.dynamics.dormancy import awaken_lesion, leaving
from metaenv.dynamics.growth import birth_death, crowding, expand_capacity
from metaenv.dynamics.host import advance_host, advance_neutrophils, survive, toxicity_forbids
from metaenv.dynamics.pharmacodynamics import hypoxic_fraction, lesion_effects, power
from metaenv.dynamics.pharmacokinetics import propagate
from metaenv.dynamics.random import CHANGE, GROWTH, binomial, quartet
from metaenv.dynamics.resistance import DIVISIONS, GAIN_U, LOSS_U, MUTATION_U, change_clones
from metaenv.dynamics.state import ALIVE, Biology, FloatArray, Patients, Scratch, State

EARLY_NODE = 0.5 - math.sqrt(0.15)  # Gauss-Legendre nodes of a unit interval, weights 5/18, 8/18, 5/18
LATE_NODE = 0.5 + math.sqrt(0.15)
PULSE = 2.0  # days, longest sub-step after an infusion: its effect falls fastest then
TICKS = 65536.0  # random addresses per day: the day addresses chance, so that other sub-steps leave it aligned
_INSTANT = 1e-6  # days; two moments closer than this are one
_SPENT = 1e-9  # concentration below which a drug that is not being given counts as gone
# rows of Scratch.rates
CROWDED, FIXED_KILL, DIVISION_KILL, DORMANT_KILL, PERSISTENCE, MIDPOINT = range(6)


@compiled_inside
def give_infusions(state: State, biology: Biology, i: int, dose: FloatArray) -> None:
    """Give the infusions that are due now, or hold them by the clinic's rules and postpone.

    An infusion needs enough neutrophils and no dose-limiting toxicity that it would add to.
    """
    settings, day = biology.settings[0], state.host[i].day
    for drug in range(dose.shape[0]):
        constants = biology.drugs[drug]
        if not constants.infusion or dose[drug] <= 0.0 or day < state.due[i, drug] - _INSTANT:
            continue
        forbidden = toxicity_forbids(state.toxicity[i], biology, drug)
        if forbidden or state.neutrophils[i, 4] < settings.dosing_neutrophils:
            state.refused[i, drug] += 1.0
            state.due[i, drug] = day + settings.postponement
            continue
        state.concentration[i, drug, 0] += constants.intake * constants.cycle * dose[drug]
        state.given[i, drug] += dose[drug] * constants.cycle
        state.due[i, drug] = day + constants.cycle


@compiled_inside
def until_infusion(state: State, biology: Biology, i: int, dose: FloatArray, longest: float) -> float:
    """Length of the next sub-step: at most `longest`, shorter before the next infusion and after the last one."""
    length = longest
    for drug in range(dose.shape[0]):
        if biology.drugs[drug].infusion:
            wait = state.due[i, drug] - state.host[i].day
            if dose[drug] > 0.0 and _INSTANT < wait < length:
                length = wait
            wait += PULSE - biology.drugs[drug].cycle
            if _INSTANT < wait < length and state.concentration[i, drug, 0] > 0.0:
                length = wait
    return length


@compiled_inside
def advance_drugs(
    state: State, patients: Patients, biology: Biology, scratch: Scratch, i: int, dose: FloatArray, days: float
) -> None:
    """Exposure of the tumour at the quadrature nodes, then concentrations at the end of the sub-step.

    Args:
        state: changed.
        patients: parameters.
        biology: shared constants.
        scratch: `exposure` and `mean` are written.
        i: patient.
        dose: (drug,) fraction of full dose, of drugs taken continuously.
        days: length of the sub-step.
    """
    for drug in range(dose.shape[0]):
        constants = biology.drugs[drug]
        plasma, tissue = state.concentration[i, drug, 0], state.concentration[i, drug, 1]
        taken = 0.0 if constants.infusion else dose[drug]
        elimination = patients.elimination[i, drug]
        if elimination == 0.0:
            state.concentration[i, drug, 0] = taken
            state.concentration[i, drug, 1] = taken
            scratch.mean[i, drug] = taken
            for node in range(3):
                scratch.exposure[i, drug, node] = power(taken, constants.hill)
            continue
        if taken == 0.0 and plasma + tissue < _SPENT:
            state.concentration[i, drug, 0] = 0.0
            state.concentration[i, drug, 1] = 0.0
            scratch.mean[i, drug] = 0.0
            for node in range(3):
                scratch.exposure[i, drug, node] = 0.0
            continue
        rate = constants.intake * taken
        outflow, inflow = constants.outflow, constants.inflow
        for node in range(3):
            moment = days * (EARLY_NODE if node == 0 else 0.5 if node == 1 else LATE_NODE)
            seen, seen_tissue, _ = propagate(plasma, tissue, rate, elimination, outflow, inflow, moment)
            seen = seen if constants.site == 0 else seen_tissue
            scratch.exposure[i, drug, node] = power(max(0.0, seen), constants.hill)
        plasma, tissue, mean = propagate(plasma, tissue, rate, elimination, outflow, inflow, days)
        state.concentration[i, drug, 0] = max(0.0, plasma)
        state.concentration[i, drug, 1] = max(0.0, tissue)
        scratch.mean[i, drug] = mean


@compiled_inside
def advance_marrow(
    state: State, patients: Patients, biology: Biology, scratch: Scratch, i: int, dose: FloatArray, days: float
) -> None:
    """Advance the neutrophils through the sub-step in steps of at most `host_step`; call before `advance_drugs`.

    Skipped where no drug harms the marrow and the chain is at rest.
    """
    person, host = patients.person[i], state.host[i]
    neutrophils = state.neutrophils[i]
    host.septic = 0.0
    harmful = False
    for drug in range(dose.shape[0]):
        taken = 0.0 if biology.drugs[drug].infusion else dose[drug]
        if patients.marrow[i, drug] > 0.0 and (taken > 0.0 or state.concentration[i, drug, 0] > _SPENT):
            harmful = True
    if not harmful:
        unrest = 0.0
        for stage in range(neutrophils.shape[0]):
            unrest = max(unrest, abs(neutrophils[stage] / person.baseline_neutrophils - 1.0))
        if unrest < 1e-6:
            return
    steps = max(1, math.ceil(days / biology.settings[0].host_step - 1e-9))
    length = days / steps
    for drug in range(dose.shape[0]):  # the plasma runs ahead on a copy; `advance_drugs` moves the state
        scratch.exposure[i, drug, 0] = state.concentration[i, drug, 0]
        scratch.exposure[i, drug, 1] = state.concentration[i, drug, 1]
    for _ in range(steps):
        loss = 0.0
        for drug in range(dose.shape[0]):
            slope = patients.marrow[i, drug]
            if slope == 0.0:
                continue
            constants, elimination = biology.drugs[drug], patients.elimination[i, drug]
            taken = 0.0 if constants.infusion else dose[drug]
            mean = taken
            if elimination > 0.0:
                scratch.exposure[i, drug, 0], scratch.exposure[i, drug, 1], mean = propagate(
                    scratch.exposure[i, drug, 0],
                    scratch.exposure[i, drug, 1],
                    constants.intake * taken,
                    elimination,
                    constants.outflow,
                    constants.inflow,
                    length,
                )
            loss += slope * mean
        advance_neutrophils(
            neutrophils,
            scratch.chain[i],
            person.transit_rate,
            loss,
            person.baseline_neutrophils,
            person.feedback,
            length,
        )
        if neutrophils[4] < biology.settings[0].sepsis_level:
            host.septic += length
    host.neutropenia += host.septic


@compiled_inside
def lesion_rates(
    rates: FloatArray,
    cells: FloatArray,
    effect: FloatArray,
    patients: Patients,
    biology: Biology,
    i: int,
    organ: int,
    hypoxic: float,
) -> None:
    """Write, per clone that is present, what of births and deaths does not depend on crowding.

    Rows: CROWDED births per free capacity; FIXED_KILL and DIVISION_KILL (per free capacity) of dividing cells;
    DORMANT_KILL of dormant ones; PERSISTENCE, drug-induced entry into dormancy; all /day.
    """
    for clone in range(rates.shape[1]):
        if cells[clone] <= 0.0:
            continue
        slowing = biology.organs[organ].soil
        fixed, dividing, sleeping, persistence = 0.0, 0.0, 0.0, 0.0
        for drug in range(effect.shape[0]):
            strength = effect[drug, biology.level[drug, clone]]
            if strength == 0.0:
                continue
            constants = biology.drugs[drug]
            kill = patients.kill[i, drug] * (1.0 - constants.cytostatic) * strength
            kill *= 1.0 - hypoxic * (1.0 - constants.hypoxic_kill)
            slowing *= 1.0 - constants.cytostatic * strength
            fixed += kill * (1.0 - constants.division)
            dividing += kill * constants.division
            sleeping += kill * constants.dormant_kill
            persistence += constants.persistence * strength
        rates[CROWDED, clone] = patients.birth[i, clone] * slowing
        rates[FIXED_KILL, clone] = fixed
        rates[DIVISION_KILL, clone] = dividing * slowing
        rates[DORMANT_KILL, clone] = sleeping
        rates[PERSISTENCE, clone] = persistence


@compiled_inside
def fill_lesion(fill: FloatArray, cells: FloatArray, pressure: FloatArray, capacity: float) -> None:
    """Write how full the lesion is as each class of clones feels it: sum of competition x cells / capacity."""
    for row in range(pressure.shape[0]):
        total = 0.0
        for clone in range(cells.shape[0]):
            total += pressure[row, clone] * cells[clone]
        fill[row] = total / capacity


@compiled
def half_step_growth(x: float) -> float:
    """exp(x) to fourth order (Pade), positive; enough for the prediction of a midpoint."""
    square = x * x / 12.0
    return (1.0 + 0.5 * x + square) / (1.0 - 0.5 * x + square)


@compiled_inside
def predict_midpoint(
    cells: FloatArray,
    fill: FloatArray,
    proliferating: FloatArray,
    dormant: FloatArray,
    rates: FloatArray,
    death: FloatArray,
    biology: Biology,
    capacity: float,
    half_way_capacity: float,
    immune: float,
    days: float,
) -> None:
    """Write the expected cells of each clone half a sub-step ahead (MIDPOINT row and `cells`) and the fill there."""
    fill_lesion(fill, cells, biology.pressure, capacity)
    for clone in range(cells.shape[0]):
        rates[MIDPOINT, clone] = 0.0
        if proliferating[clone] > 0.0:
            free = crowding(fill[biology.pressed[clone]], biology.settings[0].gompertz)
            net = (rates[CROWDED, clone] - rates[DIVISION_KILL, clone]) * free
            net -= death[clone] + rates[FIXED_KILL, clone] + immune
            rates[MIDPOINT, clone] = proliferating[clone] * half_step_growth(0.5 * days * net)
        cells[clone] = rates[MIDPOINT, clone] + dormant[clone]
    fill_lesion(fill, cells, biology.pressure, half_way_capacity)


@compiled_inside
def advance_clone(
    state: State,
    patients: Patients,
    biology: Biology,
    rates: FloatArray,
    change: FloatArray,
    i: int,
    lesion: int,
    clone: int,
    fill: float,
    immune: float,
    hypoxic: float,
    days: float,
) -> None:
    """Births, deaths, sleep and waking of one clone in one lesion; writes its expected divisions and its chances."""
    settings, person, tick = biology.settings[0], patients.person[i], state.host[i].tick
    awake, asleep = state.proliferating[i, lesion, clone], state.dormant[i, lesion, clone]
    free = crowding(fill, settings.gompertz)
    birth = rates[CROWDED, clone] * free
    death = patients.death[i, clone] + rates[FIXED_KILL, clone] + rates[DIVISION_KILL, clone] * free + immune
    loss = settings.dormant_death + rates[DORMANT_KILL, clone]
    change[DIVISIONS, clone] = birth * rates[MIDPOINT, clone] * days
    state.shedding[i, clone] += death * rates[MIDPOINT, clone]
    entry = 0.0
    if person.dormancy_entry > 0.0:
        entry = person.dormancy_entry + settings.stress_entry * min(1.0, fill) + settings.hypoxic_entry * hypoxic
        entry += settings.immune_entry * immune + rates[PERSISTENCE, clone]
    waking = person.waking * max(0.0, 1.0 - fill) if state.niche_open[i, lesion] else 0.0
    kept = birth * (1.0 - biology.mutating[clone] * person.instability)
    first, second, entry_u, exit_u, waking_u = 0.5, 0.5, 0.5, 0.5, 0.5
    if settings.stochastic:
        place = lesion * 256 + clone
        first, second, entry_u, exit_u = quartet(person.key, tick, place, GROWTH, 0)
        awake = birth_death(awake, kept, death, days, first, second) if awake > 0.0 else 0.0
        waking_u, change[MUTATION_U, clone], change[GAIN_U, clone], change[LOSS_U, clone] = quartet(
            person.key, tick, place, CHANGE, 0
        )
    else:
        awake *= math.exp((kept - death) * days)
    entered = leaving(entry, awake, days, settings.stochastic, entry_u)
    left = leaving(waking + loss, asleep, days, settings.stochastic, exit_u)
    woken = 0.0
    if left > 0.0 and waking > 0.0:
        share = waking / (waking + loss)
        woken = binomial(left, share, waking_u) if settings.stochastic else left * share
    state.proliferating[i, lesion, clone] = awake - entered + woken
    state.dormant[i, lesion, clone] = asleep + entered - left


@compiled_inside
def advance_lesion(
    state: State, patients: Patients, biology: Biology, scratch: Scratch, i: int, lesion: int, days: float
) -> float:
    """Advance one lesion by a sub-step; returns its cells at the end and frees its slot when none is left."""
    settings, person, host = biology.settings[0], patients.person[i], state.host[i]
    proliferating, dormant = state.proliferating[i, lesion], state.dormant[i, lesion]
    organ, capacity = state.organ[i, lesion], state.capacity[i, lesion]
    rates, effect, cells, fill = scratch.rates[i], scratch.effect[i], scratch.cells[i], scratch.fill[i]
    change = scratch.change[i]
    clones = cells.shape[0]
    total = 0.0
    for clone in range(clones):
        cells[clone] = proliferating[clone] + dormant[clone]
        total += cells[clone]
    hypoxic = hypoxic_fraction(total, settings.hypoxic_share, settings.hypoxic_size)
    lesion_effects(effect, scratch.exposure[i], biology, organ, total)
    lesion_rates(rates, cells, effect, patients, biology, i, organ, hypoxic)
    immune = person.immune_kill * host.immunity / (1.0 + total / settings.immune_size)
    half_way = capacity
    if state.vascular[i, lesion]:
        half_way = expand_capacity(capacity, total, person.angiogenesis, biology.organs[organ].capacity, 0.5 * days)
    predict_midpoint(
        cells, fill, proliferating, dormant, rates, patients.death[i], biology, capacity, half_way, immune, days
    )
    middle = 0.0
    for clone in range(clones):
        change[DIVISIONS, clone] = 0.0
        change[MUTATION_U, clone] = 0.0  # not drawn yet
        if cells[clone] > 0.0:
            middle += cells[clone]
            pressed = fill[biology.pressed[clone]]
            advance_clone(state, patients, biology, rates, change, i, lesion, clone, pressed, immune, hypoxic, days)
    if clones > 1:
        change_clones(
            proliferating,
            change,
            effect,
            biology,
            person.instability,
            days,
            person.key,
            host.tick,
            lesion,
        )
    if state.vascular[i, lesion]:
        most = biology.organs[organ].capacity
        state.capacity[i, lesion] = expand_capacity(capacity, middle, person.angiogenesis, most, days)
    if settings.stochastic:
        wound_factor = settings.wound_waking if host.wound > 0.0 else 1.0
        awaken_lesion(
            state.vascular[i], state.niche_open[i], lesion, total / capacity, person, wound_factor, days, host.tick
        )
    total = 0.0
    for clone in range(clones):
        total += proliferating[clone] + dormant[clone]
    if total <= 0.0:
        state.organ[i, lesion] = -1
    return total


@compiled_inside
def advance(
    state: State,
    patients: Patients,
    biology: Biology,
    scratch: Scratch,
    i: int,
    dose: FloatArray,
    days: float,
) -> float:
    """Advance one living patient by some days at a constant prescription; stops at death.

    Args:
        state: changed.
        patients: parameters.
        biology: shared constants.
        scratch: working memory.
        i: patient.
        dose: (drug,) fraction of full dose; of an infusion, for each that falls due.
        days: length of the stretch.

    Returns:
        Days lived.
    """
    host = state.host[i]
    longest = days / max(1, math.ceil(days / biology.settings[0].substep - 1e-9))
    lesions, clones = state.organ.shape[1], state.proliferating.shape[2]
    lived = 0.0
    while host.cause == ALIVE and days - lived > _INSTANT:
        give_infusions(state, biology, i, dose)
        length = until_infusion(state, biology, i, dose, min(longest, days - lived))
        advance_marrow(state, patients, biology, scratch, i, dose, length)
        advance_drugs(state, patients, biology, scratch, i, dose, length)
        advance_host(state.toxicity[i], host, scratch.mean[i], biology, length)
        for clone in range(clones):
            state.shedding[i, clone] = 0.0
        weighted, spreading = 0.0, 0.0
        for lesion in range(lesions):
            organ = state.organ[i, lesion]
            if organ < 0:
                continue
            cells = advance_lesion(state, patients, biology, scratch, i, lesion, length)
            weighted += biology.organs[organ].weight * cells
            if state.vascular[i, lesion] and state.organ[i, lesion] >= 0:
                for clone in range(clones):
                    spreading += state.proliferating[i, lesion, clone]
        if biology.settings[0].stochastic:
            disseminate(state, patients, biology, i, spreading, length)
        awaken_seeds(state, patients, biology, i, length)
        host.wound = max(0.0, host.wound - length)
        days_lived = survive(host, weighted, state.toxicity[i], biology, patients.person[i].key, length)
        host.day += days_lived
        host.tick = int(host.day * TICKS + 0.5)
        for drug in range(dose.shape[0]):
            if not biology.drugs[drug].infusion:
                state.given[i, drug] += dose[drug] * days_lived
        lived += days_lived
    return lived
