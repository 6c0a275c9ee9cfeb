"""Lesions on the body: to scale, in their organ, each in its own place."""

import math
from itertools import combinations, pairwise

import pytest

from metaenv.diseases import DISEASES
from metaenv.pictures.anatomy import REGIONS
from metaenv.pictures.body import Figure, _position_of, draw_figure, draw_lesions, label_places
from metaenv.pictures.canvas import Canvas
from metaenv.pictures.lesions import SEEN, Disc
from metaenv.pictures.palette import LESION


def figure_of(*organs):
    return Figure(middle=112.0, crown=50.0, height=260.0, organs=organs)


@pytest.mark.parametrize("disease", list(DISEASES))
def test_every_organ_of_every_disease_is_on_the_figure_or_none(disease):
    known = [organ.name in REGIONS for organ in DISEASES[disease].organs]
    assert all(known) or not any(known)


@pytest.mark.parametrize("organs", [tuple(REGIONS), ("tumour",), ("bone", "spleen", "ovary")])
def test_disc_has_the_diameter_of_its_lesion(organs):
    figure = figure_of(*organs)
    assert figure.radius(80.0) == pytest.approx(2.0 * figure.radius(40.0))
    for diameter in (20.0, 60.0):
        canvas = Canvas(224, 340)
        draw_lesions(canvas, figure, [Disc(slot=0, organ=0, diameter=diameter, kind=SEEN)])
        area = (canvas.finish() == LESION).all(axis=2).sum()
        assert area == pytest.approx(math.pi * figure.radius(diameter) ** 2, rel=0.15)


@pytest.mark.parametrize("organ", [*REGIONS, "spleen"])
def test_lesions_of_an_organ_have_places_of_their_own(organ):
    figure = figure_of("bone", organ)
    places = [_position_of(figure, figure.regions[1], slot) for slot in range(32)]
    assert min(math.dist(one, other) for one, other in combinations(places, 2)) * figure.height > 0.5


def test_names_of_organs_do_not_overlap():
    figure = figure_of(*REGIONS, "spleen", "ovary")
    for side in ("l", "r"):
        heights = sorted(y for _, y, anchor in label_places(figure, 10.0, 210.0, 11.0) if anchor == side)
        assert all(later - earlier >= 3 * 11.0 for earlier, later in pairwise(heights))


def test_own_organ_is_drawn_beside_the_figure():
    sheets = []
    for organs in (("bone",), ("bone", "spleen")):
        canvas = Canvas(224, 340)
        draw_figure(canvas, figure_of(*organs))
        sheets.append(canvas.finish())
    assert (sheets[0] != sheets[1]).any()
