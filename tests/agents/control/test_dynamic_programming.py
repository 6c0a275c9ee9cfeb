"""The optimum of the two-population model: nothing does better, and what it promises it keeps."""

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed
from metaenv.scenario.variation import vary
from metaenv_agents.control.dynamic_programming import BestDoses, Optimum, hold_then_strike
from metaenv_agents.rules import make_rule

PATIENT = 7  # of no consequence: everything about the patient is fixed below

CELLS = [(np.array([4e9]), np.array([5e8])), (np.array([3e9]), np.array([1e8]))]  # sensitive and resistant


@pytest.fixture(scope="module")
def scenario():
    """Strobl2021 with a tumour at half of its capacity, 10 % of the cells resistant, no cost and no turnover."""
    changes = {
        "traits.resistance.cost": Fixed(0.0),
        "traits.resistance.log_fraction": Fixed(-1.0),
        "presentation.visible_fill": Fixed(0.5),
        "rates.death": Fixed(1e-4),
    }
    return replace(vary(metaenv.make_scenario("strobl2021"), changes), horizon=400.0)


@pytest.fixture(scope="module")
def optimum(scenario):
    return Optimum.of(scenario, PATIENT, resistant=80, sizes=160)


@pytest.fixture(scope="module")
def best(scenario, optimum):
    """Days under the best doses."""
    return BestDoses(scenario, [optimum]).play()[0]


def days(scenario, name, **parameters):
    """Time to progression under a rule in the environment itself."""
    env = gym.make("metaenv/Strobl2021-v1", scenario=scenario)
    observation, info = env.reset(seed=0, options={"patient": PATIENT})
    rule, memory, over = make_rule(name, env, **parameters), None, False
    while not over:
        action, memory = rule.predict(observation, memory)
        observation, _, terminated, truncated, info = env.step(action)
        over = terminated or truncated
    return info["day"]


def test_it_reaches_what_it_promises_within_two_percent(scenario, optimum, best):
    assert best == pytest.approx(optimum.days, rel=0.02)
    assert optimum.days < scenario.horizon, "a patient in whom nothing is at stake proves nothing"


def test_no_rule_does_better(scenario, best):
    found = {threshold: days(scenario, "containment", threshold=threshold) for threshold in (0.4, 0.7, 1.0, 1.1, 1.15)}
    found |= {"at50": days(scenario, "at50"), "maximal": days(scenario, "maximum_tolerated_dose")}
    assert best >= max(found.values())
    assert found["maximal"] <= found["at50"] < found[1.1], "control at a larger size is longer"


def test_to_hold_the_tumour_and_then_to_strike_comes_near_the_optimum_and_to_hold_alone_does_not(scenario, best):
    found = {
        strike: hold_then_strike(scenario, np.array([PATIENT, PATIENT]), strike=strike) for strike in (0.18, np.inf)
    }
    assert all(np.ptp(both) == 0.0 for both in found.values()), "the same patient twice"
    held, struck = found[np.inf][0], found[0.18][0]
    assert 0.97 * best < struck <= best + 1.0  # a day: the grid's optimum is exact to a visit
    assert held < days(scenario, "containment", threshold=1.1) < struck, "at the limit no room is left to strike"
    with pytest.raises(ValueError, match="strike must be > 0"):
        hold_then_strike(scenario, np.array([PATIENT]), strike=0.0)


def test_a_finer_grid_changes_little(scenario, optimum):
    assert Optimum.of(scenario, PATIENT, resistant=40, sizes=80).days == pytest.approx(optimum.days, rel=0.05)


def test_more_resistant_cells_leave_less_time(optimum):
    values = optimum.values.reshape(optimum.grid.shape)
    assert (np.diff(values[:, 60:], axis=0) <= 1.0 + 1e-9).all()  # a visit: the day is counted whole


def test_patients_side_by_side_are_treated_as_each_alone(scenario):
    own = [vary(scenario, {"traits.resistance.log_fraction": Fixed(share)}) for share in (-1.0, -2.0)]
    optima = [Optimum.of(each, PATIENT, resistant=20, sizes=40) for each in own]
    alone = np.concatenate(
        [BestDoses(scenario, [each]).after(*cells) for each, cells in zip(optima, CELLS, strict=True)]
    )
    both = BestDoses(scenario, optima).after(*np.hstack(CELLS))
    assert np.array_equal(both, alone) and not np.array_equal(*both)


def test_other_models_are_refused():
    with pytest.raises(ValueError, match=r"needs one lesion, one drug, .*no chance.*got prostate"):
        Optimum.of(metaenv.make_scenario("prostate"), 0)
