"""The patient around the tumour: neutrophils, cumulative toxicity, immunity, death.

Neutrophils follow the chain of Friberg2002: proliferating precursors, three transit compartments, circulating cells;
the drug removes precursors in proportion to its concentration and the circulating cells feed back.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import FATE, uniforms
from metaenv.dynamics.state import (
    CANCER,
    CUMULATIVE_TOXICITY,
    DAYS_PER_YEAR,
    NEUTROPENIC_SEPSIS,
    OTHER_CAUSES,
    TRANSITS,
    Biology,
    FloatArray,
    RecordArray,
    World,
)

STATED_AGE = 60.0  # years, of the hazard of other causes that a disease states


@compiled
def _chain_slope(slope: FloatArray, x: FloatArray, rate: float, loss: float, baseline: float, feedback: float) -> None:
    """Change of the chain `x` per day. Writes: slope."""
    stimulus = math.pow(baseline / max(x[4], 1e-6), feedback)
    slope[0] = rate * x[0] * ((1.0 - loss) * stimulus - 1.0)
    for stage in range(1, TRANSITS):
        slope[stage] = rate * (x[stage - 1] - x[stage])


@compiled
def advance_neutrophils(
    neutrophils: FloatArray, work: FloatArray, rate: float, loss: float, baseline: float, feedback: float, days: float
) -> None:
    """One classical Runge-Kutta step of the Friberg chain at constant drug effect.

    Writes: neutrophils, work.

    Args:
        neutrophils: (5,) 1e9/L.
        work: (3, 5), working memory.
        rate: /day, 4 / mean transit time.
        loss: slope x concentration, dimensionless.
        baseline: 1e9/L.
        feedback: exponent.
        days: length of the step.
    """
    slope, total, x = work[0], work[1], work[2]
    _chain_slope(slope, neutrophils, rate, loss, baseline, feedback)
    for k in range(TRANSITS):
        total[k] = slope[k]
        x[k] = neutrophils[k] + 0.5 * days * slope[k]
    _chain_slope(slope, x, rate, loss, baseline, feedback)
    for k in range(TRANSITS):
        total[k] += 2.0 * slope[k]
        x[k] = neutrophils[k] + 0.5 * days * slope[k]
    _chain_slope(slope, x, rate, loss, baseline, feedback)
    for k in range(TRANSITS):
        total[k] += 2.0 * slope[k]
        x[k] = neutrophils[k] + days * slope[k]
    _chain_slope(slope, x, rate, loss, baseline, feedback)
    for k in range(TRANSITS):
        neutrophils[k] = max(0.0, neutrophils[k] + days / 6.0 * (total[k] + slope[k]))


@compiled_inside
def advance_host(world: World, i: int, days: float) -> None:
    """Advance cumulative toxicities and immunity by exact relaxation at the mean concentrations of the sub-step.

    Writes: world.state.toxicity, world.state.host.
    """
    toxicity, host, mean, biology = world.state.toxicity[i], world.state.host[i], world.scratch.mean[i], world.biology
    for kind in range(toxicity.shape[0]):
        gain = 0.0
        for drug in range(mean.shape[0]):
            gain += biology.toxicity[drug, kind] * mean[drug]
        recovery = biology.recovery[kind]
        decay = math.exp(-recovery * days)
        toxicity[kind] = toxicity[kind] * decay + gain * ((1.0 - decay) / recovery if recovery > 0.0 else days)
    set_point = 1.0
    for drug in range(mean.shape[0]):
        set_point += biology.drugs[drug].immune_shift * mean[drug]
    set_point = max(0.0, set_point)
    host.immunity = set_point + (host.immunity - set_point) * math.exp(-biology.settings[0].immune_recovery * days)


@compiled_inside
def toxicity_forbids(toxicity: FloatArray, biology: Biology, drug: int) -> bool:
    """Whether a dose-limiting toxicity (score 1) to which the drug adds is present."""
    worst = 0.0
    for kind in range(toxicity.shape[0]):
        if biology.toxicity[drug, kind] > 0.0:
            worst = max(worst, toxicity[kind])
    return worst >= 1.0


@compiled
def death_threshold(key: int, stochastic: bool) -> tuple[float, float]:
    """Cumulative hazard at which a patient dies (exponential, or ln 2 without chance), and a lot for the cause."""
    if not stochastic:
        return math.log(2.0), 0.5
    first, lot = uniforms(key, 0, 0, FATE, 0)
    return -math.log(first), lot


@compiled_inside
def survive(world: World, i: int, cost: RecordArray, burden: float, days: float) -> float:
    """Accumulate the hazard of death and let the patient die where it passes an exponential threshold drawn once.

    This is the same law as a draw in every sub-step, does not depend on the step length, and lets two policies meet
    the same luck. A deterministic patient dies at the median, ln 2. Hazard: h0 (B/B_L)^p, sepsis in the days
    with neutrophils below a level, cumulative toxicity above 1, other causes h1 exp(g (age - 60)) (Gompertz1825). What
    treatment adds to it goes to `cost`, for the days that are lived: so over many patients its mean is the share who
    die of treatment.

    Writes: world.state.host, cost.

    Args:
        world: all patients.
        i: patient.
        cost: COST record, added to.
        burden: weighted cells.
        days: length of the sub-step, > 0.

    Returns:
        Days of the sub-step that were lived: all of them, or until the threshold was passed.
    """
    settings, host, toxicity = world.biology.settings[0], world.state.host[i], world.state.toxicity[i]
    cancer = 0.0
    if burden > 0.0 and settings.lethal_hazard > 0.0:
        cancer = settings.lethal_hazard * math.pow(burden / settings.lethal_burden, settings.lethal_exponent)
    sepsis = settings.sepsis_hazard * host.septic / days
    excess, worst = 0.0, 0.0
    for kind in range(toxicity.shape[0]):
        excess += max(0.0, toxicity[kind] - 1.0)
        worst = max(worst, toxicity[kind])
    toxic = settings.toxic_hazard * excess
    other = 0.0
    if settings.other_hazard > 0.0:
        age = world.patients.person[i].age + (host.day + 0.5 * days) / DAYS_PER_YEAR
        other = settings.other_hazard * math.exp(settings.ageing * (age - STATED_AGE))
    rate = cancer + sepsis + toxic + other
    host.hazard += rate * days
    threshold, lot = death_threshold(world.patients.person[i].key, settings.stochastic)
    lived = days
    if host.hazard >= threshold:
        lot *= rate
        host.cause = CANCER if lot < cancer else NEUTROPENIC_SEPSIS if lot < cancer + sepsis else CUMULATIVE_TOXICITY
        if other > 0.0 and lot >= cancer + sepsis + toxic:
            host.cause = OTHER_CAUSES
        lived = max(0.0, days - float((host.hazard - threshold) / rate))
    cost.sepsis += sepsis * lived
    cost.cumulative_toxicity += toxic * lived
    if worst >= 1.0:
        cost.dose_limiting_days += lived
    return lived
