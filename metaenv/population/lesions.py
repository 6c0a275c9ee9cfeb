"""The disease of a patient at the start: lesions, their vessels and clones, and single cells, from what was drawn.

What is drawn comes as `values`, (patient, draw), where the number given for a name is the column of its first draw, and
as `powers` of ten, (patient, power): for each lesion its cells if it is visible, its cells if it is not, and the cells
that it can have without vessels; `DRAWN_AGAIN` factors on the burden; and, trait by trait, for each lesion the share of
its cells that carry the trait.
"""

from __future__ import annotations

import numpy as np

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import poisson
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray
from metaenv.population.draws import key_of, uniform_at

DRAWN_AGAIN = 16  # draws of the whole burden before it is cut; fewer than 1 in 200 patients are, see test_patients.py


@compiled
def place_lesions(
    values: FloatArray,
    powers: FloatArray,
    visible_at: int,
    micro_at: int,
    spreading: bool,
    organ_at: int,
    bounds: FloatArray,
    weight: FloatArray,
    organ: IntArray,
    visible: BoolArray,
    cells: FloatArray,
    weighted: FloatArray,
) -> None:
    """Write which lesions there are, where and how large, and the weighted cells of the visible ones."""
    slots = organ.shape[1]
    for i in range(organ.shape[0]):
        count = min(values[i, visible_at], float(slots))
        both = count + (values[i, micro_at] if spreading else 0.0)
        for lesion in range(slots):
            visible[i, lesion] = lesion < count
            there = 0
            while there < bounds.size and bounds[there] < values[i, organ_at + lesion]:
                there += 1
            cells[i, lesion], weighted[i, lesion], organ[i, lesion] = 0.0, 0.0, -1
            if lesion < both:
                organ[i, lesion] = there
                cells[i, lesion] = powers[i, lesion if lesion < count else slots + lesion]
            if lesion < count:
                weighted[i, lesion] = cells[i, lesion] * weight[there]


@compiled_inside
def _heavier(powers: FloatArray, i: int, first: int, borne: float, heaviest: float) -> float:
    """Factor on the cells of a patient's visible lesions, which bear `borne` weighted cells without it.

    Who would start above the ceiling is not admitted: the factor is drawn again, and after the last time cut.
    """
    for k in range(DRAWN_AGAIN):
        if powers[i, first + k] * borne <= heaviest:
            return float(powers[i, first + k])
    return heaviest / max(borne, 1.0)


@compiled
def grow_lesions(
    values: FloatArray,
    powers: FloatArray,
    borne: FloatArray,
    heaviest: float,
    fill_at: int,
    niche_at: int,
    open_share: float,
    visible: BoolArray,
    cells: FloatArray,
    organ: IntArray,
    capacity: FloatArray,
    vascular: BoolArray,
    niche_open: BoolArray,
) -> None:
    """Write capacities, vessels and niches of the lesions; their cells come to the burden of the patient."""
    slots = organ.shape[1]
    for i in range(organ.shape[0]):
        factor = _heavier(powers, i, 3 * slots, borne[i], heaviest)
        for lesion in range(slots):
            if visible[i, lesion]:
                cells[i, lesion] *= factor
            if organ[i, lesion] < 0:
                continue
            avascular = powers[i, 2 * slots + lesion]
            # a micrometastasis larger than its supply has switched already
            grown = visible[i, lesion] or cells[i, lesion] > avascular * 0.9
            capacity[i, lesion] = cells[i, lesion] / values[i, fill_at + lesion] if grown else avascular
            vascular[i, lesion] = grown
            niche_open[i, lesion] = grown or values[i, niche_at + lesion] < open_share


@compiled
def fill_with_clones(
    identities: IntArray,
    salt: int,
    awake: int,
    asleep: int,
    whole: bool,
    powers: FloatArray,
    cells: FloatArray,
    carries: BoolArray,
    open_share: float,
    closed_share: float,
    niche_open: BoolArray,
    organ: IntArray,
    proliferating: FloatArray,
    dormant: FloatArray,
) -> None:
    """Divide the cells of each lesion between clones, dividing and dormant; a lesion without any is none.

    Whole numbers are rounded up with the probability of the rest, so that the mean is kept. What is drawn for that, at
    the addresses `awake` and `asleep`, is drawn here, because many slots are free and need none of it.
    """
    slots = cells.shape[1]
    for i in range(cells.shape[0]):
        key = key_of(identities[i], salt)
        for lesion in range(slots):
            if cells[i, lesion] <= 0.0:
                organ[i, lesion] = -1
                continue
            resting = open_share if niche_open[i, lesion] else closed_share
            total = 0.0
            for clone in range(carries.shape[0]):
                share = 1.0
                for trait in range(carries.shape[1]):
                    # of a lesion's cells, those that carry the trait
                    with_it = min(powers[i, (3 + trait) * slots + DRAWN_AGAIN + lesion], 0.5)
                    share *= with_it if carries[clone, trait] else 1.0 - with_it
                expected = cells[i, lesion] * share
                dividing, sleeping = expected * (1.0 - resting), expected * resting
                if whole:
                    at = lesion * carries.shape[0] + clone
                    dividing = np.floor(dividing + uniform_at(key, awake, at))
                    sleeping = np.floor(sleeping + uniform_at(key, asleep, at))
                proliferating[i, lesion, clone] = dividing
                dormant[i, lesion, clone] = sleeping
                total += dividing + sleeping
            if total <= 0.0:
                organ[i, lesion] = -1


@compiled
def scatter_disseminated_cells(values: FloatArray, drawn_at: int, means: FloatArray, cells: FloatArray) -> None:
    """Single disseminated cells of the sensitive clone, Poisson in each organ."""
    for i in range(cells.shape[0]):
        for organ in range(means.size):
            cells[i, organ, 0] = poisson(means[organ], values[i, drawn_at + organ])
