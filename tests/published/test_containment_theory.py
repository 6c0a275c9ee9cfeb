"""Case 14: how long containment holds, by closed forms. Source: Viossat2021; tolerance 1 % under tight control.

Ideal containment gives each day the dose that makes the kill equal the growth of the whole tumour at the level to hold.
"""

import math

import gymnasium
import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed
from metaenv.scenario.variation import value_at, vary

SOURCE = "Viossat2021"
GROWTH, CAPACITY, START, TOLERABLE, RESISTANT = 0.005928, 2e12, 1e10, 7e10, 2.3e5  # /day; cells; Source: Viossat2021
MAXIMAL, CONTAINED = (
    263.4,
    614.6,
)  # days until the tolerable size is exceeded: ideal maximal treatment, ideal containment
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


def test_gompertz_ideal_maximal_treatment_and_containment(bench, published):
    """263.4 and 614.6 days, ratio 2.33: rho .005928 /day, K 2e12, N0 1e10, tolerable 7e10, R0 2.3e5; +-1 %."""
    alone = Tumour(bench, 0.0, RESISTANT, CAPACITY, GROWTH, "gompertz")
    both = Tumour(bench, START - RESISTANT, RESISTANT, CAPACITY, GROWTH, "gompertz")
    maximal, contained = alone.days_until_above(TOLERABLE), both.days_of_containment(TOLERABLE)
    published(case="14 Gompertz, maximal treatment (days)", value=MAXIMAL, ours=maximal, rel=0.01, source=SOURCE)
    published(case="14 Gompertz, containment (days)", value=CONTAINED, ours=contained, rel=0.01, source=SOURCE)
    published(case="14 Gompertz, their ratio", value=2.33, ours=contained / maximal, rel=0.01, source=SOURCE)


@pytest.mark.parametrize(("n0", "maximal", "contained"), [(0.5, 281.5, 511.7), (0.75, 307.2, 1023.4)])
def test_logistic_ideal_maximal_treatment_and_containment(bench, published, n0, maximal, contained):
    """ln[(1 - f n0) / (f (1 - n0))] / r and ln(1/f) / (r (1 - n0)): f .001, r .027 /day, held at n0; +-1 %."""
    rate, capacity, fraction = 0.027, 1e10, 0.001
    level, resistant = n0 * capacity, fraction * n0 * capacity
    assert math.log(1.0 / fraction) / (rate * (1.0 - n0)) == pytest.approx(contained, rel=1e-3)
    alone = Tumour(bench, 0.0, resistant, capacity, rate, "logistic")
    both = Tumour(bench, level - resistant, resistant, capacity, rate, "logistic")
    days = alone.days_until_above(level), both.days_of_containment(level)
    published(
        case=f"14 logistic at {n0}, maximal treatment (days)", value=maximal, ours=days[0], rel=0.01, source=SOURCE
    )
    published(case=f"14 logistic at {n0}, containment (days)", value=contained, ours=days[1], rel=0.01, source=SOURCE)


# ---- the same in the registered environment, decided daily


def days_in_the_environment(contain, strength=None):
    """Day on which the tolerable size was seen to be exceeded.

    Args:
        contain: hold the tumour just below that size, else give the full dose always.
        strength: L of the paper at full dose; None: the environment's own.
    """
    changes = {"traits.resistance.log_fraction": Fixed(math.log10(RESISTANT / START))}
    scenario = vary(metaenv.make_scenario("viossat2021"), changes)
    unit = GROWTH * (1.0 + scenario.drugs[0].ec50)  # kill rate that makes L = 1
    if strength is not None:
        scenario = vary(scenario, {"drugs.drug.kill": strength * unit})
    most = value_at(scenario, "drugs.drug.kill") / unit
    environment = gymnasium.make("metaenv/Viossat2021-v1", scenario=scenario, action="continuous")
    _, info = environment.reset(seed=0)
    ended = False
    while not ended:
        dose = dose_to_hold(info, 0.999 * TOLERABLE) / most if contain else 1.0
        _, _, ended, truncated, info = environment.step(np.array([min(1.0, dose)], dtype=np.float32))
        assert not truncated
    return info["progression_day"]


def dose_to_hold(info, level):
    """L that leaves so many cells tomorrow; endless where the resistant cells alone will be more."""
    cells, growth = info["burden"], GROWTH * math.log(CAPACITY / info["burden"])
    resistant = info["resistant_fraction"][0] * cells
    goal = level - resistant * math.exp(growth)  # sensitive cells tomorrow
    return max(0.0, 1.0 - math.log(goal / (cells - resistant)) / growth) if goal > 0.0 else math.inf


def test_ideal_treatment_in_the_registered_environment(published):
    """Ideal is a drug without limit: L = 100 at full dose here; held at .999 of the tolerable size."""
    maximal, contained = (days_in_the_environment(contain, strength=100.0) for contain in (False, True))
    published(
        case="14 environment, maximal treatment, L ≤ 100 (days)", value=MAXIMAL, ours=maximal, rel=0.01, source=SOURCE
    )
    published(
        case="14 environment, containment, L ≤ 100 (days)", value=CONTAINED, ours=contained, rel=0.01, source=SOURCE
    )


def test_limited_treatment_in_the_registered_environment(published):
    """With the environment's own L <= 2 sensitive cells die slowly: maximal treatment loses less, containment more."""
    maximal, contained = days_in_the_environment(False), days_in_the_environment(True)
    for case, ours, met in (
        ("maximal treatment", maximal, MAXIMAL < maximal < contained),
        ("containment", contained, maximal < contained < CONTAINED),
    ):
        published(
            case=f"14 environment, {case}, L ≤ 2 (days)",
            value=f"between {MAXIMAL} and {CONTAINED}",
            ours=ours,
            within=met,
            tolerance="order",
            source=SOURCE,
        )
