"""Case 15: when mutation makes containment lose. Source: Hansen2017 (the threshold follows from its equations).

Logistic growth, mutation eps per division. Containing P cells against removing all sensitive ones changes dR/dt by
r (P - R)/K (eps (K - P) - R): containment slows resistance if R > eps (K - P).
"""

import numpy as np
import pytest

from metaenv.distribution import Fixed

CAPACITY, RATE, MUTATION, HELD = 1e10, 0.027, 1e-3, 0.5  # cells, /day, per division, share of the capacity
STEP = 0.01  # days


def growth_of_resistance(bench, sensitive, resistant):
    """dR/dt in capacities, per unit of the growth rate, from shares of the capacity."""
    trial = bench.experiment(
        cells=CAPACITY,
        fill=1.0,
        stochastic=False,
        traits=(bench.trait(mutation_rate=MUTATION),),
        mechanisms=("heterogeneity", "target_mutation"),
        rates={"birth": Fixed(RATE), "death": Fixed(0.0)},
        substep=STEP,
    )
    trial.proliferating[:] = CAPACITY * np.array([sensitive, resistant])
    trial.spend(STEP)
    return (trial.proliferating[0, 1] / CAPACITY - resistant) / STEP / RATE


@pytest.mark.parametrize(("threshold", "expected"), [(0.5, 1.25e-4), (1.0, 0.0), (2.0, -2.5e-4)])
def test_containment_slows_resistance_above_the_threshold_only(bench, published, threshold, expected):
    resistant = threshold * MUTATION * (1.0 - HELD)
    ours = growth_of_resistance(bench, HELD - resistant, resistant) - growth_of_resistance(bench, 0.0, resistant)
    case = f"15 dR/dt contained less dR/dt alone, R = {threshold:g} ε(K − P) (r K)"
    published(case=case, value=expected, ours=ours, abs=1e-6, source="Hansen2017")
