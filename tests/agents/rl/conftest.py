"""Small networks with random weights."""

import numpy as np
import pytest

from metaenv_agents.rl.policy import TrainedPolicy


def small_policy(seed=0, history=2):
    rng = np.random.default_rng(seed)
    width, hidden, levels = 3 * history, 4, (3, 2)
    return TrainedPolicy(
        drugs=("a", "b"),
        history=history,
        mean=np.zeros(width),
        scale=np.ones(width),
        clip=10.0,
        weights=(rng.normal(size=(hidden, width)), rng.normal(size=(sum(levels), hidden))),
        biases=(rng.normal(size=hidden), rng.normal(size=sum(levels))),
        lstm=(),
        levels=levels,
        choices=np.empty((0, 0), dtype=np.int64),
        low=np.empty(0),
        high=np.empty(0),
        squashed=False,
    )


@pytest.fixture
def small():
    """Makes a policy that sees three measurements a visit: small(seed=0, history=2)."""
    return small_policy
