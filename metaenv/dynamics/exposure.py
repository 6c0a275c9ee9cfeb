"""From prescribed doses to what the tumour and the marrow are exposed to during a sub-step.

Infusions fall on their days and bound the sub-steps around them; the effect of a drug is averaged over a sub-step by
Gauss-Legendre quadrature, whose nodes stand here.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.host import advance_neutrophils, toxicity_forbids
from metaenv.dynamics.pharmacodynamics import power
from metaenv.dynamics.pharmacokinetics import propagate
from metaenv.dynamics.state import CIRCULATING, Biology, FloatArray, State, World

EARLY_NODE = 0.5 - math.sqrt(0.15)  # Gauss-Legendre nodes of a unit interval, weights 5/18, 8/18, 5/18
LATE_NODE = 0.5 + math.sqrt(0.15)
PULSE = 2.0  # days, longest sub-step after an infusion: its effect falls fastest then
INSTANT = 1e-6  # days; two moments closer than this are one
_SPENT = 1e-9  # concentration below which a drug that is not being given counts as gone


@compiled_inside
def cycles_spent(state: State, biology: Biology, i: int, drug: int) -> float:
    """Infusions so far, of the most that one patient gets; 0 without a limit, 1 at most."""
    most = biology.drugs[drug].most_cycles
    return float(min(1.0, state.cycles[i, drug] / most)) if most > 0.0 else 0.0


@compiled_inside
def within_limit(state: State, biology: Biology, i: int, drug: int, dose: float) -> float:
    """The part of a dose that may still be given, of full dose: beyond the most cycles no more than maintenance."""
    constants = biology.drugs[drug]
    if constants.most_cycles > 0.0 and state.cycles[i, drug] >= constants.most_cycles:
        return float(min(dose, constants.maintenance))
    return dose


@compiled_inside
def give_infusions(world: World, i: int, dose: FloatArray) -> None:
    """Give the infusions that are due now, or hold them by the clinic's rules and postpone.

    An infusion needs enough neutrophils and no dose-limiting toxicity that it would add to. Beyond the number that a
    label allows, only maintenance is given.

    Writes: world.state.concentration, world.state.due, world.state.given, world.state.cycles, world.state.refused.
    """
    state, biology = world.state, world.biology
    settings, day = biology.settings[0], state.host[i].day
    for drug in range(dose.shape[0]):
        constants, wanted = biology.drugs[drug], within_limit(state, biology, i, drug, dose[drug])
        if not constants.infusion or wanted <= 0.0 or day < state.due[i, drug] - INSTANT:
            continue
        forbidden = toxicity_forbids(state.toxicity[i], biology, drug)
        if forbidden or state.neutrophils[i, CIRCULATING] < settings.dosing_neutrophils:
            state.refused[i, drug] += 1.0
            state.due[i, drug] = day + settings.postponement
            continue
        state.concentration[i, drug, 0] += constants.intake * constants.cycle * wanted
        state.given[i, drug] += wanted * constants.cycle
        state.cycles[i, drug] += 1.0
        state.due[i, drug] = day + constants.cycle


@compiled_inside
def until_infusion(world: World, i: int, dose: FloatArray, longest: float) -> float:
    """Length of the next sub-step: at most `longest`, shorter before the next infusion and after the last one."""
    state, biology = world.state, world.biology
    length = longest
    for drug in range(dose.shape[0]):
        if biology.drugs[drug].infusion:
            wait = state.due[i, drug] - state.host[i].day
            if within_limit(state, biology, i, drug, dose[drug]) > 0.0 and INSTANT < wait < length:
                length = wait
            wait += PULSE - biology.drugs[drug].cycle
            if INSTANT < wait < length and state.concentration[i, drug, 0] > 0.0:
                length = wait
    return length


@compiled_inside
def advance_drugs(world: World, i: int, dose: FloatArray, days: float) -> None:
    """Exposure of the tumour at the quadrature nodes, then concentrations at the end of the sub-step.

    Writes: world.state.concentration, world.scratch.exposure, world.scratch.mean, world.scratch.tissue.

    Args:
        world: all patients.
        i: patient.
        dose: (drug,) fraction of full dose, of drugs taken continuously.
        days: length of the sub-step.
    """
    state, patients, biology, scratch = world.state, world.patients, world.biology, world.scratch
    for drug in range(dose.shape[0]):
        constants = biology.drugs[drug]
        plasma, tissue = state.concentration[i, drug, 0], state.concentration[i, drug, 1]
        taken = 0.0 if constants.infusion else dose[drug]
        elimination = patients.elimination[i, drug]
        if elimination == 0.0:
            state.concentration[i, drug, 0] = taken
            state.concentration[i, drug, 1] = taken
            scratch.mean[i, drug] = taken
            scratch.tissue[i, drug] = taken
            for node in range(3):
                scratch.exposure[i, drug, node] = power(taken, constants.hill)
            continue
        if taken == 0.0 and plasma + tissue < _SPENT:
            state.concentration[i, drug, 0] = 0.0
            state.concentration[i, drug, 1] = 0.0
            scratch.mean[i, drug] = 0.0
            scratch.tissue[i, drug] = 0.0
            for node in range(3):
                scratch.exposure[i, drug, node] = 0.0
            continue
        rate = constants.intake * taken
        outflow, inflow = constants.outflow, constants.inflow
        for node in range(3):
            moment = days * (EARLY_NODE if node == 0 else 0.5 if node == 1 else LATE_NODE)
            seen, seen_tissue, _ = propagate(plasma, tissue, rate, elimination, outflow, inflow, moment)
            if node == 1:
                scratch.tissue[i, drug] = max(0.0, seen_tissue)
            seen = seen if constants.site == 0 else seen_tissue
            scratch.exposure[i, drug, node] = power(max(0.0, seen), constants.hill)
        plasma, tissue, mean = propagate(plasma, tissue, rate, elimination, outflow, inflow, days)
        state.concentration[i, drug, 0] = max(0.0, plasma)
        state.concentration[i, drug, 1] = max(0.0, tissue)
        scratch.mean[i, drug] = mean


@compiled_inside
def marrow_rests(world: World, i: int, dose: FloatArray) -> bool:
    """Whether no drug that harms the marrow is in the body or given, and its chain stands at the baseline."""
    state, patients, biology = world.state, world.patients, world.biology
    for drug in range(dose.shape[0]):
        taken = 0.0 if biology.drugs[drug].infusion else dose[drug]
        if patients.marrow[i, drug] > 0.0 and (taken > 0.0 or state.concentration[i, drug, 0] > _SPENT):
            return False
    neutrophils, unrest = state.neutrophils[i], 0.0
    for stage in range(neutrophils.shape[0]):
        unrest = max(unrest, abs(neutrophils[stage] / patients.person[i].baseline_neutrophils - 1.0))
    return unrest < 1e-6


@compiled_inside
def advance_marrow(world: World, i: int, dose: FloatArray, days: float) -> None:
    """Advance the neutrophils through the sub-step in steps of at most `host_step`; call before `advance_drugs`.

    Skipped where the marrow rests.

    Writes: world.state.neutrophils, world.state.host, world.scratch.ahead, world.scratch.chain.
    """
    state, patients, biology, ahead = world.state, world.patients, world.biology, world.scratch.ahead[i]
    person, host = patients.person[i], state.host[i]
    neutrophils = state.neutrophils[i]
    host.septic = 0.0
    if marrow_rests(world, i, dose):
        return
    steps = max(1, math.ceil(days / biology.settings[0].host_step - 1e-9))
    length = days / steps
    for drug in range(dose.shape[0]):  # the plasma runs ahead on a copy; `advance_drugs` moves the state
        ahead[drug, 0] = state.concentration[i, drug, 0]
        ahead[drug, 1] = state.concentration[i, drug, 1]
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
                ahead[drug, 0], ahead[drug, 1], mean = propagate(
                    ahead[drug, 0],
                    ahead[drug, 1],
                    constants.intake * taken,
                    elimination,
                    constants.outflow,
                    constants.inflow,
                    length,
                )
            loss += slope * mean
        baseline, feedback = person.baseline_neutrophils, person.feedback
        advance_neutrophils(neutrophils, world.scratch.chain[i], person.transit_rate, loss, baseline, feedback, length)
        if neutrophils[CIRCULATING] < biology.settings[0].sepsis_level:
            host.septic += length
    host.neutropenia += host.septic
