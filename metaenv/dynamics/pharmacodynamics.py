"""What a concentration does to a lesion: delivery, Hill effect, kill.

Intracellular concentration C_in = delivery * C / pump; effect E = C_in^h / (C_in^h + (fold * EC50)^h); independent
action: kill rates of several drugs add. Drugs of one target share its occupancy: each has its odds E / (1 - E) among
those of all of them and of the free target (competitive binding, Gaddum1957). Fold and pump of a clone stand in its
resistance level, so the effect is evaluated once per level and not once per clone.

Some drugs act on the patient as a whole: they block pumps, put vessels in order or prune them, keep cells asleep or
wake them. Their factors are evaluated once per sub-step (`modulate`), from the plasma; pruning follows the slow tissue
of drugs that have one.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.state import Biology, FloatArray, World

DELIVERY, SUPPLY, WAKING, EFFLUX = range(4)  # entries of Scratch.modulation


@compiled
def power(base: float, exponent: float) -> float:
    """Base ** exponent, without the general power where the exponent is 1, 1.5 or 2."""
    if exponent == 1.0:
        return base
    if exponent == 2.0:
        return base * base
    if exponent == 1.5:
        return base * math.sqrt(base)
    return math.pow(base, exponent)


@compiled
def delivered(in_small: float, bulk_delivery: float, cells: float, bulk_size: float) -> float:
    """Concentration in a lesion relative to plasma: falls from `in_small` by the factor `bulk_delivery` with size."""
    return in_small * (1.0 - (1.0 - bulk_delivery) * cells / (cells + bulk_size))


@compiled
def hypoxic_fraction(cells: float, share: float, size: float) -> float:
    """Fraction of a lesion's cells that are hypoxic; grows with size towards `share`, half of it at `size` cells."""
    return share * cells / (cells + size)


@compiled_inside
def modulate(world: World, i: int) -> None:
    """Factors on delivery, vessel growth, waking and efflux in this sub-step; effects of drugs multiply.

    Writes: world.scratch.modulation.
    """
    modulation, mean, tissue = world.scratch.modulation[i], world.scratch.mean[i], world.scratch.tissue[i]
    for factor in range(modulation.shape[0]):
        modulation[factor] = 1.0
    for drug in range(mean.shape[0]):
        constants = world.biology.drugs[drug]
        if not constants.modulator:
            continue
        lagging = tissue[drug] if constants.inflow > 0.0 else mean[drug]
        fast, slow = power(max(0.0, mean[drug]), constants.hill), power(max(0.0, lagging), constants.hill)
        if fast + slow <= 0.0:
            continue
        fast /= fast + constants.potency
        slow /= slow + constants.potency
        modulation[DELIVERY] *= (1.0 + constants.normalisation * fast) * (1.0 - constants.pruning * slow)
        modulation[SUPPLY] *= 1.0 - constants.antiangiogenic * fast
        modulation[WAKING] *= 1.0 + constants.waking_shift * fast
        modulation[EFFLUX] *= 1.0 - constants.pump_inhibition * fast


@compiled_inside
def lesion_effects(world: World, i: int, organ: int, cells: float) -> None:
    """Effect (0..1) of each drug on each resistance level in a lesion of so many cells, averaged over the sub-step.

    Writes: world.scratch.effect.
    """
    effect, exposure, biology = world.scratch.effect[i], world.scratch.exposure[i], world.biology
    modulation = world.scratch.modulation[i]
    for drug in range(exposure.shape[0]):
        first, second, third = exposure[drug, 0], exposure[drug, 1], exposure[drug, 2]
        if first + second + third <= 0.0:
            for level in range(biology.levels[drug]):
                effect[drug, level] = 0.0
            continue
        constants = biology.drugs[drug]
        reach = power(
            modulation[DELIVERY]
            * delivered(biology.delivery[organ, drug], constants.bulk_delivery, cells, biology.settings[0].bulk_size),
            constants.hill,
        )
        first *= reach
        second *= reach
        third *= reach
        for level in range(biology.levels[drug]):
            potency = biology.potency[drug, level]
            if modulation[EFFLUX] == 1.0:
                potency *= biology.pumped[drug, level]
            elif biology.pump[drug, level] > 1.0:
                left = 1.0 + (biology.pump[drug, level] - 1.0) * modulation[EFFLUX]
                potency *= power(left, constants.hill)
            outer = first / (first + potency) + third / (third + potency)
            effect[drug, level] = (5.0 * outer + 8.0 * second / (second + potency)) / 18.0


@compiled_inside
def shared_effect(biology: Biology, effect: FloatArray, drug: int, clone: int) -> float:
    """Effect of a drug on a clone's cells where others that are given compete for its target."""
    alone, others = effect[drug, biology.level[drug, clone]], 0.0
    for other in range(effect.shape[0]):
        if other != drug and biology.target[other] == biology.target[drug]:
            bound = min(effect[other, biology.level[other, clone]], 1.0 - 1e-12)
            others += bound / (1.0 - bound)
    return float(alone / (1.0 + (1.0 - alone) * others))
