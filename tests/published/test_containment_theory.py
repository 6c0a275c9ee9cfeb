"""Case 14: how long containment holds, by closed forms. Source: Viossat2021; tolerance 1 % under tight control.

Ideal containment gives each day the dose that makes the kill equal the growth of the whole tumour at the level to hold.
"""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed

MOST = 1.0  # /day, kill rate of sensitive cells at an endless dose; half of it at full dose


class Tumour:
    """Sensitive and resistant cells that grow alike; the drug takes the sensitive ones by log-kill."""

    def __init__(self, bench, sensitive, resistant, capacity, rate, law):
        self.rate, self.law, self.capacity = rate, law, capacity
        self.trial = bench.experiment(
            cells=capacity,
            fill=1.0,
            stochastic=False,
            drugs=(bench.drug(kill=MOST, fold={"resistance": 1e12}),),
            rates={"birth": Fixed(rate), "death": Fixed(0.0), "gompertz": law == "gompertz"},
            substep=0.25,
        )
        self.trial.proliferating[:] = np.array([sensitive, resistant])

    @property
    def cells(self):
        return float(self.trial.proliferating.sum())

    def growth(self):
        fill = self.cells / self.capacity
        return self.rate * (-math.log(fill) if self.law == "gompertz" else 1.0 - fill)

    def days_until_above(self, level):
        """Days until the burden exceeds a level without treatment."""
        days = 0.0
        while self.cells <= level:
            self.trial.spend(0.25)
            days += 0.25
        return days

    def days_of_containment(self, level):
        """Days until the burden exceeds the level by .5 % in spite of the full dose."""
        days = 0.0
        while self.cells <= 1.005 * level:
            sensitive = max(1.0, float(self.trial.proliferating[0, 0]))
            kill = (self.growth() * self.cells + self.cells - level) / sensitive
            effect = min(0.5, max(0.0, kill / MOST))
            self.trial.spend(1.0, effect / (1.0 - effect))
            days += 1.0
        return days


def test_gompertz_ideal_maximal_treatment_and_containment(bench):
    """263.4 and 614.6 days, ratio 2.33: rho .005928 /day, K 2e12, N0 1e10, tolerable 7e10, R0 2.3e5; +-1 %."""
    rate, capacity, start, tolerable, resistant = 0.005928, 2e12, 1e10, 7e10, 2.3e5
    alone = Tumour(bench, 0.0, resistant, capacity, rate, "gompertz")
    both = Tumour(bench, start - resistant, resistant, capacity, rate, "gompertz")
    maximal, contained = alone.days_until_above(tolerable), both.days_of_containment(tolerable)
    assert maximal == pytest.approx(263.4, rel=0.01)
    assert contained == pytest.approx(614.6, rel=0.01)
    assert contained / maximal == pytest.approx(2.33, rel=0.01)


@pytest.mark.parametrize(("n0", "maximal", "contained"), [(0.5, 281.5, 511.7), (0.75, 307.2, 1023.4)])
def test_logistic_ideal_maximal_treatment_and_containment(bench, n0, maximal, contained):
    """ln[(1 - f n0) / (f (1 - n0))] / r and ln(1/f) / (r (1 - n0)): f .001, r .027 /day, held at n0; +-1 %."""
    rate, capacity, fraction = 0.027, 1e10, 0.001
    level, resistant = n0 * capacity, fraction * n0 * capacity
    assert math.log(1.0 / fraction) / (rate * (1.0 - n0)) == pytest.approx(contained, rel=1e-3)
    alone = Tumour(bench, 0.0, resistant, capacity, rate, "logistic")
    both = Tumour(bench, level - resistant, resistant, capacity, rate, "logistic")
    assert alone.days_until_above(level) == pytest.approx(maximal, rel=0.01)
    assert both.days_of_containment(level) == pytest.approx(contained, rel=0.01)
