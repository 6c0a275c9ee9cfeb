"""Cases 11 and 12: time to progression of Strobl et al. 2021, in the registered environment.

Decisions are daily; AT50 stops the drug below half of the initial burden and resumes it above the initial burden.
Tolerance: one day. Source: Strobl2021.
"""

import dataclasses

import gymnasium
import numpy as np
import pytest

import metaenv
from metaenv.distribution import Fixed

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


def scenario(n0, fraction, cost=0.0):
    default = metaenv.make_scenario("strobl2021")
    disease = default.disease
    return dataclasses.replace(
        default,
        disease=dataclasses.replace(
            disease,
            presentation=dataclasses.replace(disease.presentation, visible_fill=Fixed(n0)),
            traits=(dataclasses.replace(disease.traits[0], cost=Fixed(cost), log_fraction=Fixed(np.log10(fraction))),),
            rates=dataclasses.replace(disease.rates, death=Fixed(0.0)),
        ),
    )


def times_to_progression(n0, fraction, cost=0.0):
    """Days to progression of one patient under MTD and the same under AT50."""
    environment = gymnasium.make_vec(
        "metaenv/Strobl2021-v0",
        num_envs=2,
        vectorization_mode="vector_entry_point",
        autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED,
        scenario=scenario(n0, fraction, cost),
    )
    _, info = environment.reset(seed=[0, 0], options={"patient": np.array([0, 0])})
    start, full = info["burden"][0], 2
    treated = np.ones(2, dtype=bool)
    terminated = np.zeros(2, dtype=bool)
    while not terminated.all():
        treated = np.where(info["burden"] > start, True, np.where(info["burden"] < 0.5 * start, False, treated))
        actions = np.array([[full], [full * treated[1]]])
        _, _, terminated, truncated, info = environment.step(actions)
        assert not truncated.any()
    return info["progression_day"]


@pytest.mark.parametrize(("n0", "fraction", "maximal", "adaptive"), NO_COST)
def test_time_to_progression_without_cost_or_turnover(n0, fraction, maximal, adaptive):
    """S' = r S (1 - N)(1 - 1.5 D), R' = r R (1 - N), r = .027; progression N > 1.2 n0."""
    assert times_to_progression(n0, fraction) == pytest.approx([maximal, adaptive], abs=1.0)


@pytest.mark.parametrize(("cost", "maximal", "adaptive"), COST)
def test_time_to_progression_with_a_cost_of_resistance(cost, maximal, adaptive):
    assert times_to_progression(0.75, 0.001, cost) == pytest.approx([maximal, adaptive], abs=1.0)


def test_return_is_the_time_to_progression():
    environment = gymnasium.make("metaenv/Strobl2021-v0", scenario=scenario(0.75, 0.01))
    environment.reset(seed=0)
    total, ended = 0.0, False
    while not ended:
        _, reward, ended, _, info = environment.step([2])
        total += reward
    assert total * 365.25 == pytest.approx(info["progression_day"], abs=1.0)
