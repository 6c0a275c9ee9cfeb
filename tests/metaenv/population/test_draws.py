"""Named draws: the same values, to the bit, as the quantiles of their distributions."""

from dataclasses import dataclass

import numpy as np
import pytest

from metaenv.distribution import Distribution, Fixed, LogNormal, LogUniform, Normal, Poisson, Uniform, UniformInteger
from metaenv.population.draws import Block, DrawPlan, draws_of, exponents, uniform

IDS = np.arange(50, dtype=np.int64)


@dataclass(frozen=True)
class Triangular(Distribution):
    """A distribution from outside."""

    def quantile(self, u):
        """Square root of u."""
        return np.sqrt(u)


class Doubled(LogNormal):
    """A derived one with quantiles of its own."""

    def quantile(self, u):
        """Twice the values."""
        return 2.0 * super().quantile(u)


DISTRIBUTIONS = [
    Fixed(3),
    Normal(1.5, 0.3),
    Normal(2, 0),
    LogNormal(2, 0.7),
    LogNormal(0.3, 0.0),
    Uniform(-1, 4),
    Uniform(2.0, 2.0),
    LogUniform(0.1, 30),
    UniformInteger(1, 9),
    Poisson(4.0),
    Triangular(),
    Doubled(2.0, 0.7),
]


def columns(plan, name, count):
    return plan.draw(IDS)[:, plan.start(name) : plan.start(name) + count]


def uniforms(name, count):
    return columns(DrawPlan("salt", [uniform(name, count)]), name, count)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=str)
@pytest.mark.parametrize("made", [draws_of, exponents])
def test_a_block_has_bitwise_the_quantiles_of_its_distribution(distribution, made):
    others = [made("before", LogNormal(1.0, 0.5)), made("x", distribution, 3), made("after", Uniform(0.0, 1.0), 2)]
    drawn = columns(DrawPlan("salt", others), "x", 3)
    assert drawn.tobytes() == distribution.quantile(uniforms("x", 3)).tobytes()


def test_a_new_draw_moves_no_other():
    old, new = (
        [draws_of("a", Uniform(0.0, 1.0)), draws_of("b", LogNormal(1.0, 1.0), 4)],
        draws_of("new", LogNormal(2.0, 1.0), 7),
    )
    assert np.array_equal(columns(DrawPlan("salt", old), "b", 4), columns(DrawPlan("salt", [new, *old]), "b", 4))


def test_patients_of_another_salt_draw_otherwise():
    here, there = (DrawPlan(salt, [uniform("a", 2)]).draw(IDS) for salt in ("here", "there"))
    assert not (here == there).any()


def test_exponents_stand_together_in_their_order():
    blocks = [exponents("b", Fixed(2.0), 2), draws_of("c", LogNormal(1.0, 1.0)), exponents("a", Fixed(1.0))]
    plan = DrawPlan("salt", blocks)
    assert plan.draw(IDS[:1])[:, plan.powers].tolist() == [[2.0, 2.0, 1.0]]


def test_skewed_values_have_the_median_given_even_if_it_is_0():
    plan = DrawPlan(
        "salt", [Block.skewed("a", 0.0, 0.5), Block.skewed("b", 3.0, 0.5), draws_of("c", LogNormal(3.0, 0.5))]
    )
    values = plan.draw(IDS)
    assert not values[:, plan.start("a")].any() and np.median(values[:, plan.start("b")]) == pytest.approx(3.0, rel=0.2)


def test_ten_to_the_power_of_nothing_is_0():
    plan = DrawPlan("salt", [Block.nothing(exponents("a", Normal(1.0, 1.0), 3))])
    assert not (10.0 ** plan.draw(IDS)[:, plan.powers]).any()
