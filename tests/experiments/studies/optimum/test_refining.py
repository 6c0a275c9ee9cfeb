import numpy as np
import pytest

from metaenv_experiments.studies.optimum.refining import search


def sphere(generation, candidates):
    return [-float((each - 1.0) @ (each - 1.0)) for each in candidates]


def test_the_search_climbs_and_goes_on_from_what_was_told():
    options = {"generations": 60, "candidates": 8, "step": 0.3, "seed": 3}
    whole = list(search(np.zeros(5), sphere, **options))
    assert np.allclose(whole[-1][1], 1.0, atol=0.02)
    told = [generation for generation, _ in whole[:25]]
    rest = list(search(np.zeros(5), sphere, known=told, **options))
    assert len(rest) == 35
    assert all(np.array_equal(one[1], other[1]) for one, other in zip(whole[25:], rest, strict=True))
    with pytest.raises(ValueError, match="resumes with as many candidates, got 2 -> 8"):
        list(search(np.zeros(5), sphere, known=[[0.0, 1.0]], **options))
