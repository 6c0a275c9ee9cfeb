"""Addressed randomness: every draw is a function of (key, address), never of how many draws came before.

The generator is Philox 4x32-10 (Source: Salmon2011). The key names what chance does to a patient, the counter is
(day, lesion, clone, purpose and draw). So any order, any number of threads, one patient or a million give the same
patient the same luck, and a snapshot needs no generator state.
"""

from __future__ import annotations

import math

import numpy as np

from metaenv.dynamics.compile import compiled

# purposes: the first part of an address, one for each question that chance answers
PATIENT = 1  # who the patient is
GROWTH = 2  # births, deaths, entry into and exit from dormancy
CHANGE = 3  # waking among the exits of few cells, reversible phenotype
MUTATION = 4  # new clones by division
LESION = 6  # angiogenic switch, niche
SEEDING = 7  # new founders
AWAKENING = 8  # single disseminated cells
FATE = 9  # death of the patient
PROCEDURE = 10  # margin of a resection, cells after radiotherapy
MARKER = 11  # assay of the tumour marker
ALLELES = 12  # reads per trait
READER = 13  # imaging reader
FOUNDING = 14  # properties of a new lesion

GAUSSIAN_ABOVE = 300.0  # cells; exact sampling up to here, Gaussian above
_POISSON_GAUSSIAN_ABOVE = 30.0  # expected events; above, Gaussian with skewness correction (Cornish-Fisher)
FEW = 30.0  # expected events or cells left; below, inversion is exact and short for any count

# of whole numbers, as a division takes longer than the rest of a step of inversion; beyond, chance is below 1e-300
_RECIPROCALS = 512
_RECIPROCAL = 1.0 / np.arange(1.0, _RECIPROCALS + 1.0)
_MASK = 0xFFFFFFFF
_SCALE = 2.0**-52
_SHORT = 2.0**-32


@compiled
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Philox 4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key. Source: Salmon2011."""
    for _ in range(10):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        # masked, so that 64-bit signed and unlimited whole numbers (compiled or not) agree
        c0, c1, c2, c3 = (
            ((p1 >> 32) & _MASK) ^ c1 ^ k0,
            p1 & _MASK,
            ((p0 >> 32) & _MASK) ^ c3 ^ k1,
            p0 & _MASK,
        )
        k0 = (k0 + 0x9E3779B9) & _MASK
        k1 = (k1 + 0xBB67AE85) & _MASK
    return c0, c1, c2, c3


@compiled
def uniforms(key: int, tick: int, place: int, purpose: int, draw: int) -> tuple[float, float]:
    """Two independent uniforms in (0, 1) with 52 bits, at an address.

    Args:
        key: 62-bit, of what chance does to the patient.
        tick: the day in 1/65536.
        place: lesion * 256 + clone, or any number below 2**32.
        purpose: one of the constants of this module.
        draw: number of the draw within the purpose, below 2**16.
    """
    w0, w1, w2, w3 = philox(
        tick & _MASK, place & _MASK, ((purpose << 16) | draw) & _MASK, 0, key & _MASK, (key >> 32) & _MASK
    )
    first = (((w0 << 20) ^ (w1 >> 12)) + 0.5) * _SCALE
    second = (((w2 << 20) ^ (w3 >> 12)) + 0.5) * _SCALE
    return first, second


@compiled
def quartet(key: int, tick: int, place: int, purpose: int, draw: int) -> tuple[float, float, float, float]:
    """Four independent uniforms in (0, 1) with 32 bits at an address: for events commoner than 1e-9."""
    w0, w1, w2, w3 = philox(
        tick & _MASK, place & _MASK, ((purpose << 16) | draw) & _MASK, 0, key & _MASK, (key >> 32) & _MASK
    )
    return (w0 + 0.5) * _SHORT, (w1 + 0.5) * _SHORT, (w2 + 0.5) * _SHORT, (w3 + 0.5) * _SHORT


@compiled
def mix(first: int, second: int, third: int) -> int:
    """A 62-bit key from three whole numbers (Philox used as a hash)."""
    w0, w1, _, _ = philox(
        first & _MASK,
        (first >> 32) & _MASK,
        second & _MASK,
        (second >> 32) & _MASK,
        third & _MASK,
        (third >> 32) & _MASK,
    )
    return ((w0 & 0x3FFFFFFF) << 32) | w1


@compiled
def normal_quantile(u: float) -> float:
    """Standard normal deviate whose lower tail is u, to 7 figures. Source: Acklam2003, tails Wichura1988 (PPND7)."""
    q = u - 0.5
    if abs(q) <= 0.475:  # one uniform in twenty goes on to the logarithm
        r = q * q
        top = -39.69683028665376 * r + 220.9460984245205
        top = ((top * r - 275.9285104469687) * r + 138.3577518672690) * r - 30.66479806614716
        bottom = -54.47609879822406 * r + 161.5858368580409
        bottom = ((bottom * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572
        return q * (top * r + 2.506628277459239) / (bottom * r + 1.0)
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        x = top / ((0.12021132975 * r + 0.73700164250) * r + 1.0)
    else:
        r -= 5.0
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        x = top / ((0.012258202635 * r + 0.24197894225) * r + 1.0)
    return -x if q < 0.0 else x


@compiled
def rounded(x: float) -> float:
    """The whole number nearest to x, halves up, and none below 0."""
    return max(0.0, float(np.floor(x + 0.5)))


@compiled
def whole(x: float, u: float) -> float:
    """A whole number beside x, x on average: what decides is the lower half of a 32-bit uniform."""
    lower = u * 65536.0
    return float(np.floor(x + lower - np.floor(lower)))


@compiled
def poisson(mean: float, u: float) -> float:
    """Poisson count by inversion of u; above 30 expected events Gaussian with exact variance and skewness."""
    if mean <= 0.0:
        return 0.0
    if mean > _POISSON_GAUSSIAN_ABOVE:
        z = normal_quantile(u)
        return rounded(mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0)
    if u <= 1.0 - mean:  # below exp(-mean)
        return 0.0
    term = math.exp(-mean)
    total = term
    count = 0.0
    while u > total and term > 0.0:
        count += 1.0
        term *= mean / count
        total += term
    return count


@compiled
def binomial(count: float, probability: float, u: float) -> float:
    """Binomial count by inversion of u where exact sampling is short, Gaussian with exact variance elsewhere."""
    if count <= 0.0 or probability <= 0.0:
        return 0.0
    if probability >= 1.0:
        return count
    if count == 1.0:
        return 1.0 if u < probability else 0.0
    p = min(probability, 1.0 - probability)
    mean = count * p
    if u <= 1.0 - mean:  # Bernoulli's inequality: below the chance of none
        return 0.0 if probability <= 0.5 else count
    if count > GAUSSIAN_ABOVE and mean > FEW:
        drawn = min(count, rounded(mean + math.sqrt(mean * (1.0 - p)) * normal_quantile(u)))
    else:
        odds = p / (1.0 - p)
        term = math.exp(count * math.log1p(-p))
        total = term
        k, drawn = 0, 0.0
        while u > total and drawn < count:
            term *= odds * (count - drawn) * _RECIPROCAL[k]
            k += 1
            drawn += 1.0
            total += term
            if term < 1e-300 or k >= _RECIPROCALS:
                break
    return drawn if probability <= 0.5 else count - drawn


@compiled
def negative_binomial(successes: float, probability: float, u: float) -> float:
    """Failures before `successes` successes, each with `probability`, by inversion of u (exact)."""
    if successes <= 0.0 or probability >= 1.0:
        return 0.0
    if u <= 1.0 - successes * (1.0 - probability):  # Bernoulli's inequality: below the chance of none
        return 0.0
    log_start = successes * math.log(probability)
    if log_start < -650.0:  # exp would underflow: start at the Gaussian bulk instead (never below GAUSSIAN_ABOVE cells)
        mean = successes * (1.0 - probability) / probability
        deviation = math.sqrt(mean / probability)
        return rounded(mean + deviation * normal_quantile(u))
    term = math.exp(log_start)
    total = term
    k, count = 0, 0.0
    while u > total:
        reciprocal = _RECIPROCAL[k] if k < _RECIPROCALS else 1.0 / (count + 1.0)
        term *= (1.0 - probability) * (successes + count) * reciprocal
        k += 1
        count += 1.0
        total += term
        if term < 1e-300 and count > successes / probability:
            break
    return count
