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
from metaenv.dynamics.pharmacodynamics import WAKING, modulate
from metaenv.dynamics.state import ALIVE, Biology, FloatArray, Patients, RecordArray, Scratch, State

TICKS = 65536.0  # random addresses per day: the day addresses chance, so that other sub-steps leave it aligned


@compiled_inside
def advance_lesions(
    state: State, patients: Patients, biology: Biology, scratch: Scratch, i: int, days: float
) -> tuple[float, float]:
    """Advance every lesion by a sub-step; returns the burden as the host feels it, and the cells that can spread."""
    clones = state.proliferating.shape[2]
    for clone in range(clones):
        state.shedding[i, clone] = 0.0
    weighted, spreading = 0.0, 0.0
    for lesion in range(state.organ.shape[1]):
        organ = state.organ[i, lesion]
        if organ < 0:
            continue
        cells = advance_lesion(state, patients, biology, scratch, i, lesion, days)
        weighted += biology.organs[organ].weight * cells
        if state.vascular[i, lesion] and state.organ[i, lesion] >= 0:
            for clone in range(clones):
                spreading += state.proliferating[i, lesion, clone]
    return weighted, spreading


@compiled_inside
def advance(
    state: State,
    patients: Patients,
    biology: Biology,
    scratch: Scratch,
    i: int,
    dose: FloatArray,
    cost: RecordArray,
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
        cost: COST record, added to.
        days: length of the stretch.

    Returns:
        Days lived.
    """
    host = state.host[i]
    longest = days / max(1, math.ceil(days / biology.settings[0].substep - 1e-9))
    lived = 0.0
    while host.cause == ALIVE and days - lived > INSTANT:
        give_infusions(state, biology, i, dose)
        length = until_infusion(state, biology, i, dose, min(longest, days - lived))
        advance_marrow(state, patients, biology, scratch, i, dose, length)
        advance_drugs(state, patients, biology, scratch, i, dose, length)
        modulate(scratch.modulation[i], scratch.mean[i], scratch.tissue[i], biology)
        advance_host(state.toxicity[i], host, scratch.mean[i], biology, length)
        weighted, spreading = advance_lesions(state, patients, biology, scratch, i, length)
        if biology.settings[0].stochastic:
            disseminate(state, patients, biology, i, spreading, length)
        awaken_disseminated_cells(state, patients, biology, i, scratch.modulation[i, WAKING], length)
        host.wound = max(0.0, host.wound - length)
        days_lived = survive(host, weighted, state.toxicity[i], biology, cost, patients.person[i].key, length)
        host.day += days_lived
        host.tick = int(host.day * TICKS + 0.5)
        for drug in range(dose.shape[0]):
            if not biology.drugs[drug].infusion:
                state.given[i, drug] += dose[drug] * days_lived
        lived += days_lived
    return lived
