"""How clones arise: mutation at division, and a reversible phenotype that the drug itself induces.

A clone is a set of traits; its index is the bit mask of the traits it carries. Mutants of a sub-step are Poisson with
mean (expected divisions) x (rate per division), summed over all parents of a clone; they appear at its end.
"""

from __future__ import annotations

from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.dormancy import leaving
from metaenv.dynamics.random import CHANGE, MUTATION, binomial, poisson, quartet, uniforms
from metaenv.dynamics.state import Biology, FloatArray, World


@compiled_inside
def expected_mutants(child: int, divisions: FloatArray, biology: Biology, instability: float) -> float:
    """Expected mutant daughters of a clone from the divisions of all clones that lack one of its traits."""
    expected = 0.0
    for trait in range(biology.mutation.shape[1]):
        if child & (1 << trait):
            parent = child ^ (1 << trait)
            expected += divisions[parent] * biology.mutation[parent, trait]
    return expected * instability


@compiled_inside
def mutate(world: World, i: int, lesion: int) -> None:
    """Add the mutants of a sub-step to their clones: their number is Poisson, and each falls to a clone by its share.

    Writes: world.state.proliferating, world.scratch.mutants.
    """
    biology, person, tick = world.biology, world.patients.person[i], world.state.host[i].tick
    proliferating, mutants = world.state.proliferating[i, lesion], world.scratch.mutants[i]
    expected = 0.0
    for clone in range(1, proliferating.shape[0]):  # the first carries no trait
        mutants[clone] = expected_mutants(clone, world.scratch.divisions[i], biology, person.instability)
        expected += mutants[clone]
    if expected <= 0.0:
        return
    if not biology.settings[0].stochastic:
        for clone in range(1, proliferating.shape[0]):
            proliferating[clone] += mutants[clone]
        return
    left = poisson(expected, uniforms(person.key, tick, lesion, MUTATION, 0)[0])
    for clone in range(1, proliferating.shape[0]):
        if left <= 0.0:
            return
        if mutants[clone] > 0.0:
            share = min(1.0, mutants[clone] / expected)
            fallen = binomial(left, share, uniforms(person.key, tick, lesion, MUTATION, clone)[0])
            proliferating[clone] += fallen
            left -= fallen
            expected -= mutants[clone]
    proliferating[proliferating.shape[0] - 1] += left


@compiled_inside
def switch(world: World, i: int, lesion: int, days: float) -> None:
    """Move cells into the reversible phenotype (induced by drugs) and back (without them).

    Induction follows the effect on the level of the switching clone.

    Writes: world.state.proliferating.
    """
    biology, person, tick = world.biology, world.patients.person[i], world.state.host[i].tick
    proliferating, effect = world.state.proliferating[i, lesion], world.scratch.effect[i]
    stochastic, bit = biology.settings[0].stochastic, 1 << biology.settings[0].switch_trait
    for clone in range(proliferating.shape[0]):
        other = clone | bit
        if other == clone or proliferating[clone] + proliferating[other] <= 0.0:
            continue
        _, gain_u, loss_u, _ = quartet(person.key, tick, lesion * 256 + clone, CHANGE, 1)
        induction = 0.0
        for drug in range(effect.shape[0]):
            induction += biology.drugs[drug].induction * effect[drug, biology.level[drug, clone]]
        moved = leaving(induction, proliferating[clone], days, stochastic, gain_u)
        moved -= leaving(biology.reversion[other], proliferating[other], days, stochastic, loss_u)
        proliferating[clone] -= moved
        proliferating[other] += moved


@compiled_inside
def change_clones(world: World, i: int, lesion: int, days: float) -> None:
    """Clones become others: by mutation of a division, and by the reversible phenotype.

    Writes: world.state.proliferating, world.scratch.mutants.
    """
    mutate(world, i, lesion)
    if world.biology.settings[0].switch_trait >= 0:
        switch(world, i, lesion, days)
