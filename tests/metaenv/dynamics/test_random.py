"""Addressed randomness: known answers, uniformity, independence of order, and the law of every count drawn from it."""

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from metaenv.dynamics import random
from metaenv.dynamics.random import (
    GAUSSIAN_ABOVE,
    binomial,
    mix,
    negative_binomial,
    normal_quantile,
    philox,
    poisson,
    quartet,
    uniforms,
    whole,
)

ONES = 0xFFFFFFFF
# Source: Salmon2011, kat_vectors of Random123, philox4x32 10 rounds: counter, key, answer
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
GRID = (np.arange(2_000) + 0.5) / 2_000


@pytest.mark.nojit
@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS, ids=["zeros", "ones", "pi"])
def test_philox_known_answers(counter, key, answer):
    assert philox(*counter, *key) == answer


@pytest.mark.nojit
@pytest.mark.parametrize(
    "address", [(0, 0, 0, 1, 0), (2**62 - 1, 2**31, 2**32 - 1, 14, 2**16 - 1), (123456789, 40, 5 * 256 + 3, 2, 7)]
)
def test_uniforms_are_the_words_of_the_address(address):
    key, tick, place, purpose, draw = address
    words = philox(tick, place, (purpose << 16) | draw, 0, key & ONES, key >> 32)
    assert uniforms(*address) == tuple(
        (((high << 20) ^ (low >> 12)) + 0.5) / 2**52 for high, low in (words[:2], words[2:])
    )
    assert quartet(*address) == tuple((word + 0.5) / 2**32 for word in words)


@pytest.mark.nojit
def test_largest_and_smallest_uniforms_are_inside_the_open_interval():
    largest = (((ONES << 20) ^ (ONES >> 12)) + 0.5) * random._SCALE
    assert 0.0 < 0.5 * random._SCALE < largest < 1.0
    assert 0.0 < 0.5 * random._SHORT < (ONES + 0.5) * random._SHORT < 1.0


@pytest.mark.nojit
def test_order_and_company_of_draws_do_not_matter():
    addresses = [(*address, 0) for address in itertools.product((1, 2), (0, 1), (0, 9), (2, 3))]
    forwards = {address: uniforms(*address) for address in addresses}
    backwards = {address: uniforms(*address) for address in reversed(addresses)}
    assert forwards == backwards
    assert len({u for pair in forwards.values() for u in pair}) == 2 * len(addresses)


@pytest.mark.parametrize("moving", ["key", "tick", "place", "purpose", "draw"])
def test_uniforms_are_uniform_along_every_part_of_the_address(moving):
    places = ["key", "tick", "place", "purpose", "draw"]
    count = 20_000
    sample = np.empty((count, 2))
    for k in range(count):
        address = [17, 3, 5, 2, 0]
        address[places.index(moving)] = k
        sample[k] = uniforms(*address)
    assert ((sample > 0.0) & (sample < 1.0)).all()
    for column in sample.T:
        observed, _ = np.histogram(column, bins=50, range=(0.0, 1.0))
        assert stats.chisquare(observed).pvalue > 1e-4
        assert abs(np.corrcoef(column[:-1], column[1:])[0, 1]) < 4.0 / math.sqrt(count)
    assert abs(np.corrcoef(sample.T)[0, 1]) < 4.0 / math.sqrt(count)


@pytest.mark.nojit
def test_keys_fit_62_bits_and_differ():
    keys = {mix(seed, episode, patient) for seed in range(5) for episode in range(5) for patient in range(5)}
    assert len(keys) == 125
    assert all(0 <= key < 2**62 for key in keys)
    assert mix(2**62 - 1, 2**40, 2**61) == mix(2**62 - 1, 2**40, 2**61)
    assert mix(1, 2**32, 0) != mix(1, 0, 0)  # high words count


# ---- laws of counts


@pytest.mark.nojit
@pytest.mark.parametrize("u", [1e-12, 1e-7, 0.001, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.9249, 0.9251, 0.999, 1 - 1e-9])
def test_normal_quantile(u):
    assert normal_quantile(u) == pytest.approx(NormalDist().inv_cdf(u), rel=2e-7, abs=1e-12)


def test_a_whole_number_beside_x_is_x_on_average():
    draws = np.array([whole(7.3, u) for u in np.random.default_rng(5).uniform(size=40_000)])
    assert set(draws.tolist()) == {7.0, 8.0}
    assert draws.mean() == pytest.approx(7.3, abs=4.0 * math.sqrt(0.21 / 40_000))
    assert whole(5.0, 0.999) == 5.0


@pytest.mark.nojit
@pytest.mark.parametrize("mean", [1e-9, 0.02, 1.0, 7.3, 29.9])
def test_poisson_inverts_exactly_below_its_switch(mean):
    grid = GRID[::40]
    assert [poisson(mean, u) for u in grid] == stats.poisson.ppf(grid, mean).tolist()


@pytest.mark.parametrize("mean", [random._POISSON_GAUSSIAN_ABOVE * 1.001, 45.0, 300.0, 1e6])
def test_poisson_is_within_one_count_above_its_switch(mean):
    drawn = np.array([poisson(mean, u) for u in GRID])
    assert np.abs(drawn - stats.poisson.ppf(GRID, mean)).max() <= 1.0
    assert abs(drawn.mean() / mean - 1.0) < 0.001
    assert drawn.std() / math.sqrt(mean) == pytest.approx(1.0, abs=0.02)


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("count", "probability"), [(1, 0.3), (7, 0.5), (300, 0.02), (300, 0.5), (301, 0.01), (1e9, 1e-9), (1e12, 2e-11)]
)
def test_binomial_inverts_exactly_where_that_is_short(count, probability):
    # where `1 - u` is what is inverted for one cell, the law is the same
    grid = GRID[::40]
    drawn = [binomial(float(count), probability, u) for u in grid]
    if count == 1:
        assert np.mean(drawn) == pytest.approx(probability, abs=0.02)
    else:
        assert drawn == stats.binom.ppf(grid, count, probability).tolist()


@pytest.mark.parametrize(("count", "probability"), [(30, 0.9), (300, 0.97), (301, 0.99)])
def test_binomial_above_one_half_counts_those_who_do_not(count, probability):
    drawn = np.array([binomial(float(count), probability, u) for u in GRID])
    assert (drawn == count - stats.binom.ppf(GRID, count, 1.0 - probability)).all()


@pytest.mark.parametrize(("count", "probability"), [(GAUSSIAN_ABOVE + 1, 0.15), (GAUSSIAN_ABOVE + 1, 0.5), (1e9, 0.2)])
def test_binomial_is_gaussian_with_the_exact_variance_above_its_switch(count, probability):
    drawn = np.array([binomial(count, probability, u) for u in GRID])
    assert drawn.mean() == pytest.approx(count * probability, rel=0.002)
    assert drawn.std() == pytest.approx(math.sqrt(count * probability * (1.0 - probability)), rel=0.02)
    assert np.abs(drawn - stats.binom.ppf(GRID, count, probability)).max() <= max(2.0, 0.01 * drawn.std())


@pytest.mark.nojit
@pytest.mark.parametrize(("successes", "probability"), [(1, 0.5), (1, 0.01), (20, 0.9), (300, 0.6), (300, 0.12)])
def test_negative_binomial_inverts_exactly(successes, probability):
    grid = GRID[::40]
    drawn = np.array([negative_binomial(float(successes), probability, u) for u in grid])
    assert np.abs(drawn - stats.nbinom.ppf(grid, successes, probability)).max() <= 1e-9 * drawn.max()


def test_negative_binomial_is_gaussian_where_its_first_term_underflows():
    successes, probability = 300.0, 0.1
    drawn = np.array([negative_binomial(successes, probability, u) for u in GRID])
    law = stats.nbinom(successes, probability)
    assert drawn.mean() == pytest.approx(law.mean(), rel=0.002)
    assert drawn.std() == pytest.approx(law.std(), rel=0.02)


@pytest.mark.nojit
@pytest.mark.parametrize("u", [1e-15, 0.5, 1.0 - 2.0**-53])
def test_counts_at_the_ends_of_the_interval(u):
    assert 0.0 <= poisson(3.0, u) < 60.0
    assert 0.0 <= binomial(50.0, 0.3, u) <= 50.0
    assert 0.0 <= negative_binomial(5.0, 0.5, u) < 300.0
    assert poisson(0.0, u) == 0.0
    assert binomial(0.0, 0.5, u) == 0.0
    assert binomial(5.0, 0.0, u) == 0.0
    assert binomial(5.0, 1.0, u) == 5.0
    assert negative_binomial(0.0, 0.5, u) == 0.0
    assert negative_binomial(5.0, 1.0, u) == 0.0
