"""Charts as they were when somebody looked at them: same data, same picture but for a tolerance."""

from pathlib import Path

import numpy as np
import pytest

from metaenv import DISEASES, make_scenario
from metaenv.clinic.chart import NOTE
from metaenv.pictures.chart import ChartPainter
from metaenv.pictures.course import Course
from metaenv.pictures.lesions import ASLEEP, HIDDEN, SEEN, Disc, Truth
from metaenv.pictures.tile import TilePainter

GOLDEN = Path(__file__).with_name("golden")


def course_of(scenario, visits, cause=0, over=False):
    """A made-up patient: better for a while, worse after, all drugs in turn."""
    day = np.arange(visits + 1) * scenario.visit_interval
    phase = day / max(1.0, day[-1])
    size = (1.0 - 2.0 * phase + 2.6 * phase**2) * 90.0
    note = np.zeros(visits + 1, dtype=NOTE)
    note["marker"], note["baseline_marker"] = 0.4 * size, 36.0
    note["scanned"] = np.arange(visits + 1) % 3 == 0
    note["scan_day"] = np.where(note["scanned"], day, 0.0)
    note["target_sum"], note["baseline_sum"] = 0.5 * size, 45.0
    note["response"], note["procedure"] = np.where(phase > 0.8, 3, 1), np.where(np.arange(visits + 1) == 7, 2, 0)
    note["progressed"], note["progression_day"] = phase > 0.8, 0.8 * day[-1]
    organs, drugs, kinds = len(scenario.organs), len(scenario.drugs), len(scenario.toxicities)
    dose = np.array([[(visit // 4 + drug) % 3 / 2.0 for drug in range(drugs)] for visit in range(visits + 1)])
    return Course(
        patient=4711,
        day=day,
        note=note,
        seen=np.outer(size, np.arange(organs, 0, -1) / sum(range(organs + 1))),
        neutrophils=4.0 - 2.5 * (np.arange(visits + 1) % 5 == 2),
        grade=np.outer(np.floor(3.4 * phase), np.ones(kinds)),
        dose=dose,
        held=dose == 1.0,
        worth=1.25,
        cause=cause,
        over=over,
    )


def discs_of(scenario, truth):
    sizes = (62.0, 35.0, 28.0, 22.0, 15.0, 9.0, 6.0, 2.0, 0.5)
    kinds = (SEEN,) * 6 + ((HIDDEN, HIDDEN, ASLEEP) if truth else ())
    organs = len(scenario.organs)
    if organs == 1:
        return [Disc(slot=0, organ=0, diameter=23.0, kind=SEEN)]
    return [
        Disc(slot=k, organ=k % organs, diameter=size, kind=kind)
        for k, (size, kind) in enumerate(zip(sizes, kinds, strict=False))
    ]


def facts_of(scenario):
    return Truth(cells=3.1e10, lesions=9, asleep=2.4e6, resistant=tuple(0.013 for _ in scenario.traits))


CASES = {
    "prostate-alive": ("prostate", 18, 640, 480, False, 0),
    "prostate-dead-truth": ("prostate", 44, 640, 480, True, 1),
    "lung-truth-large": ("lung", 30, 1280, 720, True, 0),
    "breast-first": ("breast", 0, 640, 480, False, 0),
    "strobl2021": ("strobl2021", 500, 640, 480, False, 0),
    "prostate-card": ("prostate", 30, 160, 120, False, 2),
}


def draw(case):
    disease, visits, width, height, truth, cause = CASES[case]
    scenario = make_scenario(disease, local_therapy=DISEASES[disease].local_therapy is not None)
    course = course_of(scenario, visits, cause, over=cause > 0)
    discs = [] if disease == "breast" else discs_of(scenario, truth)
    if width < 480:
        return TilePainter(scenario, width, height)(course, discs, None)
    painter = ChartPainter(scenario, 1.5, width, height, truth)
    return painter(course, discs, facts_of(scenario) if truth else None)


@pytest.mark.parametrize("case", CASES)
def test_chart_looks_as_it_did(case, tmp_path):
    from PIL import Image

    picture = draw(case)
    Image.fromarray(picture).save(tmp_path / f"{case}.png")
    told = f"look at {tmp_path / f'{case}.png'}; if it is as it should be, it becomes {GOLDEN / f'{case}.png'}"
    assert (GOLDEN / f"{case}.png").exists(), told
    golden = np.asarray(Image.open(GOLDEN / f"{case}.png").convert("RGB"))
    assert picture.shape == golden.shape, told
    apart = np.abs(picture.astype(int) - golden).max(axis=2)
    assert apart.mean() < 0.5 and (apart > 64).mean() < 0.003, f"{told} (mean {apart.mean():.2f})"
