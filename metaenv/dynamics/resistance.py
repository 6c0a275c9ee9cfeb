"""How clones arise: mutation at division, and a reversible phenotype that the drug itself induces.

A clone is a set of traits; its index is the bit mask of the traits it carries. Mutants of a sub-step are Poisson with
mean (expected divisions) x (rate per division), summed over all parents of a clone; they appear at its end.
"""

from __future__ import annotations

from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.dormancy import leaving
from metaenv.dynamics.random import CHANGE, poisson, quartet
from metaenv.dynamics.state import Biology, FloatArray, World

DIVISIONS, MUTATION_U, GAIN_U, LOSS_U = range(4)  # rows of Scratch.change


@compiled_inside
def expected_mutants(child: int, change: FloatArray, biology: Biology, instability: float) -> float:
    """Expected mutant daughters of a clone from the divisions of all clones that lack one of its traits."""
    expected = 0.0
    for trait in range(biology.mutation.shape[1]):
        if child & (1 << trait):
            parent = child ^ (1 << trait)
            expected += change[DIVISIONS, parent] * biology.mutation[parent, trait]
    return expected * instability


@compiled_inside
def change_clones(world: World, i: int, lesion: int, days: float) -> None:
    """Add mutants, and move cells into the reversible phenotype (induced by drugs) and back (without them).

    The rows of `world.scratch.change` hold expected divisions in the sub-step, and uniforms where the clone was
    present. Induction follows the effect on the level of the switching clone.

    Writes: world.state.proliferating.
    """
    biology, person, tick = world.biology, world.patients.person[i], world.state.host[i].tick
    proliferating, change, effect = (
        world.state.proliferating[i, lesion],
        world.scratch.change[i],
        world.scratch.effect[i],
    )
    stochastic, switching = biology.settings[0].stochastic, biology.settings[0].switch_trait
    bit = 1 << switching if switching >= 0 else 0
    for clone in range(proliferating.shape[0]):
        mutants = expected_mutants(clone, change, biology, person.instability)
        other = clone | bit
        moving = other != clone and proliferating[clone] + proliferating[other] > 0.0
        if mutants <= 0.0 and not moving:
            continue
        mutation_u, gain_u, loss_u = change[MUTATION_U, clone], change[GAIN_U, clone], change[LOSS_U, clone]
        if stochastic and mutation_u == 0.0:
            _, mutation_u, gain_u, loss_u = quartet(person.key, tick, lesion * 256 + clone, CHANGE, 0)
        if mutants > 0.0:
            proliferating[clone] += poisson(mutants, mutation_u) if stochastic else mutants
        if moving:
            induction = 0.0
            for drug in range(effect.shape[0]):
                induction += biology.drugs[drug].induction * effect[drug, biology.level[drug, clone]]
            moved = leaving(induction, proliferating[clone], days, stochastic, gain_u)
            moved -= leaving(biology.reversion[other], proliferating[other], days, stochastic, loss_u)
            proliferating[clone] -= moved
            proliferating[other] += moved
