"""Births and deaths of cells: exact where few are or remain, Gaussian with the exact variance elsewhere.

A linear birth-death process over a sub-step of length t with rates b, d: each cell leaves no descendant with
probability a = d (e^{(b-d)t} - 1) / (b e^{(b-d)t} - d), else a geometric number with parameter 1 - B, B = a b / d. So
survivors are binomial, and what they add is negative binomial. Source: Kendall1948.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled
from metaenv.dynamics.random import FEW, GAUSSIAN_ABOVE, binomial, negative_binomial, normal_quantile, rounded


@compiled
def probability(rate: float, days: float) -> float:
    """Probability 1 - exp(-rate x days) of an event; a series where that is small (relative error below 1e-7)."""
    x = rate * days
    if x < 0.2:
        return x * (1.0 - x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 24.0 - x * (1.0 / 120.0 - x / 720.0)))))
    return 1.0 - math.exp(-x)


@compiled
def average_growth(growth: float, x: float) -> float:
    """Mean of exp(s x) over s in 0..1, where `growth` is exp(x): (exp(x) - 1) / x."""
    return (growth - 1.0) / x if abs(x) > 1e-6 else 1.0


@compiled
def birth_death(count: float, birth: float, death: float, days: float, first: float, second: float) -> float:
    """Number of cells after some days of births and deaths at constant rates per cell.

    Args:
        count: cells at the start, a whole number.
        birth: /day, >= 0.
        death: /day, >= 0.
        days: > 0.
        first: uniform in (0, 1).
        second: independent uniform in (0, 1), of no use where there are many cells.
    """
    growth = math.exp((birth - death) * days)
    if is_few(count, growth):
        return few_born_and_dead(count, birth, death, days, growth, first, second)
    return many_born_and_dead(count, birth, death, days, growth, first)


@compiled
def is_few(count: float, growth: float) -> bool:
    """Whether so few cells are there, or remain after they grew by a factor, that their number is drawn exactly."""
    return count > 0.0 and not (count > GAUSSIAN_ABOVE and count * growth > FEW)


@compiled
def many_born_and_dead(count: float, birth: float, death: float, days: float, growth: float, u: float) -> float:
    """Number of many cells later: Gaussian with the exact variance; `growth` is exp((birth - death) days)."""
    net = birth - death
    if abs(net * days) > 1e-9:
        variance = count * (birth + death) / net * growth * (growth - 1.0)
    else:
        variance = 2.0 * count * birth * days
    return rounded(count * growth + math.sqrt(variance) * normal_quantile(u))


@compiled
def few_born_and_dead(
    count: float, birth: float, death: float, days: float, growth: float, first: float, second: float
) -> float:
    """Number of few cells later, exactly; `growth` is exp((birth - death) days)."""
    balanced = abs((birth - death) * days) <= 1e-9
    common = days / (1.0 + birth * days) if balanced else (growth - 1.0) / (birth * growth - death)
    survivors = binomial(count, 1.0 - death * common, first)
    return survivors + negative_binomial(survivors, 1.0 - birth * common, second)


@compiled
def crowding(fill: float, gompertz: bool) -> float:
    """Factor on births at a fill N/K: logistic 1 - x, never negative, or Gompertz -ln x, negative above 1."""
    if gompertz:
        return -math.log(fill) if fill > 0.0 else 0.0
    return max(0.0, 1.0 - fill)


@compiled
def expand_capacity(capacity: float, cells: float, angiogenesis: float, most: float, days: float) -> float:
    """Capacity after some days of dK/dt = kappa K (N/K)^2 at constant N, up to `most`. Source: Hahnfeldt1999 (form)."""
    if capacity >= most:
        return capacity
    return min(most, math.sqrt(capacity * capacity + 2.0 * angiogenesis * cells * cells * days))


@compiled
def relax_capacity(capacity: float, least: float, most: float, rate: float, supply: float, days: float) -> float:
    """Capacity after some days in which its logarithm relaxes, at a rate, to where the supply lets it.

    With all of the supply that is the most, without any the least that a lesion has without vessels, and between them
    in proportion; so a lesion whose vessels are blocked grows more slowly and in the end dies back.
    """
    if rate <= 0.0 or capacity <= 0.0:
        return capacity
    goal = supply * math.log(most) + (1.0 - supply) * math.log(min(least, most))
    return math.exp(goal + (math.log(capacity) - goal) * math.exp(-rate * days))
