"""Cases 11 to 13: time to progression of Strobl et al. 2021, in the registered environment.

AT50 stops the drug below half of the initial burden and resumes it above the initial burden. Source: Strobl2021, with
daily decisions; Gallagher2024, the same model with turnover and ten patients.
"""

import dataclasses

import gymnasium
import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed
from metaenv.scenario.variation import vary

NO_COST = [  # n0, fR, time to progression under MTD and under AT50, days
    (0.25, 0.1, 106, 106),
    (0.25, 0.01, 207, 210),
    (0.25, 0.001, 296, 315),
    (0.45, 0.01, 246, 266),
    (0.45, 0.001, 335, 394),
    (0.55, 0.001, 361, 452),
    (0.65, 0.01, 310, 371),
    (0.65, 0.001, 397, 535),
    (0.75, 0.1, 278, 278),
    (0.75, 0.01, 369, 473),
    (0.75, 0.001, 452, 663),
]
COST = [(0.1, 491, 707), (0.2, 539, 822)]  # cost, MTD, AT50 at n0 = .75, fR = .001
# The authors' ten synthetic patients: cost, turnover (share of r), days to progression under AT50 decided weekly and
# under MTD, all at n0 = .1, fR = .01. Source: Gallagher2024 (its code's table of patients)
PATIENTS = [
    (0.2142290701047074, 0.6459910005143006, 2170, 1583),
    (0.3053398130241253, 0.5763103044382669, 2667, 1898),
    (0.2544211183749576, 0.6071390794931628, 2135, 1575),
    (0.2058007815806803, 0.6936897355987459, 4508, 2877),
    (0.2158757009513018, 0.5358699110056746, 937, 796),
    (0.2229072690437091, 0.5314106407505931, 937, 804),
    (0.2035569014014113, 0.5498675100044146, 951, 803),
    (0.212390461284788, 0.5040723796124017, 790, 688),
    (0.3605267792012403, 0.5395324594419115, 3388, 2336),
    (0.2012722621055397, 0.5094717882200103, 776, 674),
]
RATE = 0.027  # /day, growth
NEVER = 0  # days between decisions: the drug goes on


def scenario(n0, fraction, cost=0.0, turnover=0.0):
    changes = {
        "presentation.visible_fill": Fixed(n0),
        "traits.resistance.cost": Fixed(cost),
        "traits.resistance.log_fraction": Fixed(np.log10(fraction)),
        "rates.death": Fixed(turnover * RATE),
    }
    return dataclasses.replace(vary(metaenv.make_scenario("strobl2021"), changes), horizon=6000.0)


def times_to_progression(patient, intervals):
    """Days to progression of one patient under full dose, AT50 being decided every so many days."""
    size, intervals = len(intervals), np.array(intervals)
    environment = gymnasium.make_vec(
        "metaenv/Strobl2021-v1",
        num_envs=size,
        vectorization_mode="vector_entry_point",
        autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED,
        scenario=patient,
    )
    _, info = environment.reset(seed=[0] * size, options={"patient": np.zeros(size, dtype=np.int64)})
    start, full, day = info["burden"][0], 2, 0
    treated, ended = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    while not ended.all():
        decided = (intervals != NEVER) & (day % np.maximum(intervals, 1) == 0)
        wanted = np.where(info["burden"] > start, True, np.where(info["burden"] < 0.5 * start, False, treated))
        treated = np.where(decided, wanted, treated)
        _, _, terminated, truncated, info = environment.step(np.where(treated, full, 0)[:, None])
        assert not truncated.any()
        ended |= terminated
        day += 1
    return info["progression_day"]


def compare(published, case, found, expected, tolerance, source):
    for rule, ours, days in zip(("MTD", "AT50"), found, expected, strict=True):
        published(case=f"{case}, {rule} (days)", value=days, ours=ours, abs=tolerance, source=source)


@pytest.mark.parametrize(("n0", "fraction", "maximal", "adaptive"), NO_COST)
def test_time_to_progression_without_cost_or_turnover(published, n0, fraction, maximal, adaptive):
    """S' = r S (1 - N)(1 - 1.5 D), R' = r R (1 - N), r = .027; progression N > 1.2 n0."""
    found = times_to_progression(scenario(n0, fraction), [NEVER, 1])
    compare(published, f"11 n0 {n0}, fR {fraction}", found, (maximal, adaptive), 1.0, "Strobl2021")


@pytest.mark.parametrize(("cost", "maximal", "adaptive"), COST)
def test_time_to_progression_with_a_cost_of_resistance(published, cost, maximal, adaptive):
    found = times_to_progression(scenario(0.75, 0.001, cost), [NEVER, 1])
    compare(published, f"12 n0 0.75, fR 0.001, cost {cost}", found, (maximal, adaptive), 1.0, "Strobl2021")


@pytest.mark.parametrize(("cost", "turnover", "weekly", "maximal"), PATIENTS, ids=[f"patient-{k}" for k in range(10)])
def test_time_to_progression_with_cost_and_turnover(published, cost, turnover, weekly, maximal):
    """MTD within a day; weekly AT50 within a week, for the grid of days on which the authors decide is not known."""
    found = times_to_progression(scenario(0.1, 0.01, cost, turnover), [NEVER, 7])
    case = f"13 cost {cost:.3f}, turnover {turnover:.3f}"
    published(case=f"{case}, MTD (days)", value=maximal, ours=found[0], abs=1.0, source="Gallagher2024")
    published(case=f"{case}, AT50 weekly (days)", value=weekly, ours=found[1], abs=7.0, source="Gallagher2024")


def test_rare_visits_end_control_early(published):
    """Patient 1 breaches 1.2 n0 at day 1 006 where AT50 is decided every 28 days, at 2 665 where every 7."""
    cost, turnover, _, maximal = PATIENTS[1]
    found = times_to_progression(scenario(0.1, 0.01, cost, turnover), [7, 28])
    for interval, ours, days in zip((7, 28), found, (2665, 1006), strict=True):
        case = f"13 patient 1, AT50 every {interval} days (days)"
        published(case=case, value=days, ours=ours, abs=7.0, source="Gallagher2024")
    assert found[1] < maximal < found[0]


def test_return_is_the_time_to_progression(published):
    environment = gymnasium.make("metaenv/Strobl2021-v1", scenario=scenario(0.75, 0.01))
    environment.reset(seed=0)
    total, ended = 0.0, False
    while not ended:
        _, reward, ended, _, info = environment.step([2])
        total += reward
    published(
        case="11 return of an episode in days, beside its day of progression",
        value=info["progression_day"],
        ours=total * 365.25,
        abs=1.0,
        source="exact",
    )
