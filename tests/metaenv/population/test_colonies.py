"""One law of sizes for visible and hidden lesions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import metaenv
from metaenv.distribution import Fixed, Uniform
from metaenv.population.patients import draw_patients

SIZE = 3_000
IDS = np.arange(SIZE)
SMALLEST, SEEN, LARGEST = 1e6, 63e6, 1e11


def drawn(exponent, **changes):
    """Cells of lesions, (patient, lesion), and numbers of visible and hidden lesions, (patient,)."""
    lung = metaenv.make_scenario("lung", without=["dormancy"])
    presentation = replace(
        lung.disease.presentation,
        **{"colony_exponent": exponent, "smallest_colony": SMALLEST, "largest_colony": LARGEST, "burden_spread": 0.0}
        | {"burden_ceiling": np.inf, "visible_lesions": Fixed(4.0)}
        | changes,
    )
    disease = replace(lung.disease, presentation=presentation, lesions=64)
    _, state = draw_patients(replace(lung, disease=disease), IDS, IDS)
    cells = state.proliferating.sum(axis=2)
    return cells, (cells > SEEN).sum(axis=1), ((cells > 0) & (cells <= SEEN)).sum(axis=1)


@pytest.mark.parametrize("alpha", [0.3, 0.55])
def test_all_lesions_follow_one_law_of_sizes(alpha):
    """N(> x) of all lesions ~ x^-alpha - (largest)^-alpha: the same Pareto law on both sides of what scans see."""
    cells, visible, hidden = drawn(Fixed(alpha))
    assert (visible == 4).all()
    ratio = (SMALLEST**-alpha - SEEN**-alpha) / (SEEN**-alpha - LARGEST**-alpha)
    assert hidden.mean() == pytest.approx(4.0 * ratio, abs=3.0 * np.sqrt(4.0 * ratio / SIZE))
    for low, high in ((SMALLEST, SEEN), (SEEN, LARGEST)):
        sizes = cells[(cells > low) & (cells <= high)]

        def law(x, low=low, high=high):
            return (1.0 - (x / low) ** -alpha) / (1.0 - (high / low) ** -alpha)

        assert stats.kstest(sizes, law).pvalue > 1e-3


def test_numbers_of_hidden_lesions_are_poisson_about_what_the_visible_ones_say():
    _, _, hidden = drawn(Fixed(0.5))
    assert hidden.var() == pytest.approx(hidden.mean(), rel=0.08)


def test_patients_with_a_steeper_law_have_more_hidden_and_smaller_visible_lesions():
    cells, visible, hidden = drawn(Uniform(0.2, 0.8))
    largest, many = cells.max(axis=1), hidden > np.median(hidden)
    assert np.median(largest[many]) < 0.6 * np.median(largest[~many])
    assert (visible == 4).all()


def test_without_spread_by_dissemination_nothing_is_hidden():
    lung = metaenv.make_scenario("lung", without=["dissemination"])
    presentation = replace(lung.disease.presentation, colony_exponent=Fixed(0.5))
    _, state = draw_patients(replace(lung, disease=replace(lung.disease, presentation=presentation)), IDS, IDS)
    cells = (state.proliferating + state.dormant).sum(axis=2)
    assert ((cells > 0).sum(axis=1) <= 10).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colony_exponent": Fixed(0.0)}, "colony_exponent must be > 0"),
        ({"smallest_colony": 0.0}, r"smallest_colony must be in \(0, largest_colony\), got 0.0 and"),
        ({"largest_colony": 1e5}, r"smallest_colony must be in \(0, largest_colony\), got 3000000.0 and 100000.0"),
    ],
)
def test_impossible_laws_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(metaenv.DISEASES["lung"].presentation, **changes)
