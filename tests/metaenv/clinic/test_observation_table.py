"""The table of parts: names, scales and their formulas."""

import numpy as np
import pytest

from metaenv.clinic.observation_table import AT, BY, PARTS, Scale, describe_parts

SCALES = {
    "x": Scale(),
    "x/100": Scale(100.0),
    "x/follow-up": Scale("follow-up"),
    "(x+1)/10": Scale(10.0, plus=1.0),
    "x+1": Scale(plus=1.0),
    "log10 x": Scale(log=True),
    "log10(x+1)/10": Scale(10.0, plus=1.0, log=True),
}


@pytest.mark.parametrize("formula", SCALES)
def test_a_scale_says_its_formula(formula):
    assert str(SCALES[formula]) == formula


@pytest.mark.parametrize("scale", [scale for scale in SCALES.values() if not isinstance(scale.by, str)], ids=str)
def test_reading_undoes_the_formula(scale):
    formula = str(scale).replace("log10 x", "log10(x)")
    x = np.array([0.5, 1.0, 40.0, 3e6])
    shown = eval(formula, {"x": x, "log10": np.log10})
    assert scale.read(shown) == pytest.approx(x, rel=1e-12)


def test_whole_parts_are_read_without_rounding():
    numbers = np.array([0.0, 0.1, 0.25, 1.7], dtype=np.float32)
    assert (Scale(100.0).read(numbers) == 100.0 * numbers.astype(np.float64)).all()
    assert (Scale().read(numbers) == numbers).all()


def test_names_of_parts_are_unique_and_those_of_the_compiled_columns():
    names = [part.name for part in PARTS]
    assert len(set(names)) == len(names)
    assert AT.names == BY.names == tuple(names)


def test_every_part_has_a_unit_and_a_sentence_on_the_page():
    page = describe_parts()
    for part in PARTS:
        assert part.unit and part.sentence
        assert f"| `{part.name}` | " in page
    assert max(map(len, page.splitlines())) <= 116  # in a docstring
