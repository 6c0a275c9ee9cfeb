"""The disease of a patient at the start: lesions, their vessels and clones, and single cells, from what was drawn.

What is drawn comes as `values`, (patient, draw), where the number given for a name is the column of its first draw, and
as `powers` of ten, (patient, power): for each lesion its cells if it is visible, its cells if it is not, and the cells
that it can have without vessels; `DRAWN_AGAIN` factors on the burden; and, trait by trait, for each lesion the share of
its cells that carry the trait.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import poisson
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray, RecordArray
from metaenv.dynamics.table import Table
from metaenv.population.draws import key_of, uniform_at

DRAWN_AGAIN = 16  # draws of the whole burden before it is cut, see test_patients.py


START = np.dtype(
    [  # what ends in `_at` is a column of `values`
        ("birth_at", "i8"),
        ("death_at", "i8"),
        ("visible_at", "i8"),
        ("micro_at", "i8"),
        ("organ_at", "i8"),
        ("fill_at", "i8"),
        ("niche_at", "i8"),
        ("vigour_at", "i8"),
        ("mature", "?"),  # a vascular lesion has the capacity of its organ from the start
        ("median_birth", "f8"),  # /day
        ("spreading", "?"),  # there are micrometastases
        ("heaviest", "f8"),  # weighted cells, most with which a patient is admitted
        ("open_share", "f8"),  # of the micrometastases, those with an open niche
        ("resting", "f8"),  # share of dormant cells where the niche is open
        ("resting_closed", "f8"),  # and where it is closed
        ("whole", "?"),  # cells are whole numbers
        ("salt", "i8"),  # of every draw
        ("awake", "i8"),  # address of the draws that round dividing cells
        ("asleep", "i8"),  # and dormant ones
    ]
)


class Start(Table):
    """What a scenario fixes of its patients at the start, as compiled functions read it."""

    settings: RecordArray  # (1,) START
    costs: IntArray  # (trait,) columns of the costs of resistance
    carries: BoolArray  # (clone, trait)
    columns: IntArray  # (field,) of what is drawn of a person
    factors: FloatArray  # (field,) 0 where its mechanism is off
    bounds: FloatArray  # (organ - 1,) cumulative tropism
    weight: FloatArray  # (organ,) weight of a cell in the hazard of death
    capacity: FloatArray  # (organ,) cells, of a vascular lesion


class Lesions(NamedTuple):
    """The lesions of patients at the start, before their cells are divided between clones."""

    organ: IntArray  # (patient, lesion) -1 = free slot
    visible: BoolArray  # (patient, lesion)
    cells: FloatArray  # (patient, lesion)
    capacity: FloatArray  # (patient, lesion) cells
    vascular: BoolArray  # (patient, lesion)
    niche_open: BoolArray  # (patient, lesion)
    vigour: FloatArray  # (patient, lesion) factor on births


@compiled
def place_lesions(start: Start, values: FloatArray, powers: FloatArray, lesions: Lesions, weighted: FloatArray) -> None:
    """Which lesions there are, where and how large, and the weighted cells of the visible ones.

    Writes: lesions.organ, lesions.visible, lesions.cells, weighted.
    """
    settings, bounds = start.settings[0], start.bounds
    organ, visible, cells = lesions.organ, lesions.visible, lesions.cells
    slots = organ.shape[1]
    for i in range(organ.shape[0]):
        count = min(values[i, settings.visible_at], float(slots))
        both = count + (values[i, settings.micro_at] if settings.spreading else 0.0)
        for lesion in range(slots):
            visible[i, lesion] = lesion < count
            there = 0
            while there < bounds.size and bounds[there] < values[i, settings.organ_at + lesion]:
                there += 1
            cells[i, lesion], weighted[i, lesion], organ[i, lesion] = 0.0, 0.0, -1
            if lesion < both:
                organ[i, lesion] = there
                cells[i, lesion] = powers[i, lesion if lesion < count else slots + lesion]
            if lesion < count:
                weighted[i, lesion] = cells[i, lesion] * start.weight[there]


@compiled_inside
def _heavier(powers: FloatArray, i: int, first: int, borne: float, heaviest: float) -> float:
    """Factor on the cells of a patient's visible lesions, which bear `borne` weighted cells without it.

    Who would start above the ceiling is not admitted: the factor is drawn again, and after the last time cut.
    """
    for k in range(DRAWN_AGAIN):
        if powers[i, first + k] * borne <= heaviest:
            return float(powers[i, first + k])
    return heaviest / max(borne, 1.0)


@compiled_inside
def _fill_with_clones(
    start: Start,
    identities: IntArray,
    powers: FloatArray,
    lesions: Lesions,
    proliferating: FloatArray,
    dormant: FloatArray,
) -> None:
    """Divide the cells of each lesion between clones, dividing and dormant; a lesion without any is none.

    Whole numbers are rounded up with the probability of the rest, so that the mean is kept. What is drawn for that, at
    the addresses `awake` and `asleep`, is drawn here, because many slots are free and need none of it.

    Writes: lesions.organ, proliferating, dormant.
    """
    settings, organ, cells, carries = start.settings[0], lesions.organ, lesions.cells, start.carries
    slots = cells.shape[1]
    for i in range(cells.shape[0]):
        key = key_of(identities[i], settings.salt)
        for lesion in range(slots):
            if cells[i, lesion] <= 0.0:
                organ[i, lesion] = -1
                continue
            resting = settings.resting if lesions.niche_open[i, lesion] else settings.resting_closed
            total = 0.0
            for clone in range(carries.shape[0]):
                share = 1.0
                for trait in range(carries.shape[1]):
                    # of a lesion's cells, those that carry the trait
                    with_it = min(powers[i, (3 + trait) * slots + DRAWN_AGAIN + lesion], 0.5)
                    share *= with_it if carries[clone, trait] else 1.0 - with_it
                expected = cells[i, lesion] * share
                dividing, sleeping = expected * (1.0 - resting), expected * resting
                if settings.whole:
                    at = lesion * carries.shape[0] + clone
                    dividing = np.floor(dividing + uniform_at(key, settings.awake, at))
                    sleeping = np.floor(sleeping + uniform_at(key, settings.asleep, at))
                proliferating[i, lesion, clone] = dividing
                dormant[i, lesion, clone] = sleeping
                total += dividing + sleeping
            if total <= 0.0:
                organ[i, lesion] = -1


@compiled
def grow_lesions(
    start: Start,
    identities: IntArray,
    values: FloatArray,
    powers: FloatArray,
    borne: FloatArray,
    lesions: Lesions,
    proliferating: FloatArray,
    dormant: FloatArray,
) -> None:
    """Capacities, vessels, niches, vigour and clones of the lesions; their cells come to the burden of the patient.

    Writes: lesions.organ, lesions.cells, lesions.capacity, lesions.vascular, lesions.niche_open, lesions.vigour,
        proliferating, dormant.
    """
    settings, organ, visible, cells = start.settings[0], lesions.organ, lesions.visible, lesions.cells
    slots = organ.shape[1]
    for i in range(organ.shape[0]):
        factor = _heavier(powers, i, 3 * slots, borne[i], settings.heaviest)
        for lesion in range(slots):
            if visible[i, lesion]:
                cells[i, lesion] *= factor
            if organ[i, lesion] < 0:
                continue
            avascular = powers[i, 2 * slots + lesion]
            # a micrometastasis larger than its supply has switched already
            grown = visible[i, lesion] or cells[i, lesion] > avascular * 0.9
            lesions.vigour[i, lesion] = values[i, settings.vigour_at + lesion]
            lesions.capacity[i, lesion] = avascular
            if grown and settings.mature:
                lesions.capacity[i, lesion] = start.capacity[organ[i, lesion]]
            elif grown:
                lesions.capacity[i, lesion] = cells[i, lesion] / values[i, settings.fill_at + lesion]
            lesions.vascular[i, lesion] = grown
            lesions.niche_open[i, lesion] = grown or values[i, settings.niche_at + lesion] < settings.open_share
    _fill_with_clones(start, identities, powers, lesions, proliferating, dormant)


@compiled
def scatter_disseminated_cells(values: FloatArray, drawn_at: int, means: FloatArray, cells: FloatArray) -> None:
    """Single disseminated cells of the sensitive clone, Poisson in each organ. Writes: cells."""
    for i in range(cells.shape[0]):
        for organ in range(means.size):
            cells[i, organ, 0] = poisson(means[organ], values[i, drawn_at + organ])
