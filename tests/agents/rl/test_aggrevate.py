"""Learning from what actions lose: the network finds the action that loses least wherever it is told so."""

import numpy as np
import pytest

from metaenv_agents.rl.aggrevate import initial_point, learn, untrained
from metaenv_agents.rl.search_coordinates import SearchCoordinates


@pytest.fixture(scope="module")
def seen():
    """Visits of two measurements; the second varies a hundred times less than the first."""
    return np.random.default_rng(0).normal(size=(4_000, 2)) * [3.0, 0.03] + [5.0, -1.0]


@pytest.fixture(scope="module")
def coordinates(seen):
    policy = untrained(("drug",), (3,), history=1, net_arch=(8,), seen=seen)
    return SearchCoordinates.of(policy, policy.first_layer_input(seen))


def test_an_untrained_policy_normalises_what_was_seen_and_leaves_alone_what_never_varies(seen):
    policy = untrained(("drug",), (3,), history=1, net_arch=(8,), seen=np.column_stack([seen, np.full(len(seen), 7.0)]))
    normal = policy.first_layer_input(np.column_stack([seen, np.full(len(seen), 7.0)]))
    np.testing.assert_allclose(normal.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(normal.std(axis=0), [1.0, 1.0, 0.0], atol=1e-9)
    assert (policy.predict(np.ones((2, 3)))[0] == 0).all(), "all doses are alike to it"


def test_it_learns_the_dose_that_loses_least_where_something_is_lost_and_nothing_else_counts(seen, coordinates):
    high = seen[:, 1] > -1.0
    losses = np.where(high[:, None], [0.01, 0.01, 0.0], [0.0, 0.02, 0.01])
    losses[np.abs(seen[:, 1] + 1.0) < 0.01] = 0.0  # near the edge any dose will do
    point = initial_point(coordinates, seed=0)
    along = coordinates.project(coordinates.policy.first_layer_input(seen))
    for number in range(40):
        point = learn(coordinates, point, along, losses, seed=number)
    chosen = coordinates.policy_at(point).predict(seen)[0][:, 0]
    lost = losses[np.arange(len(seen)), chosen]
    assert lost.mean() < 0.02 * losses.max(axis=1).mean()
    assert {*chosen[losses.any(axis=1) & high]} == {2} and {*chosen[losses.any(axis=1) & ~high]} == {0}


def test_the_same_seed_learns_the_same_and_another_does_not(seen, coordinates):
    along = coordinates.project(coordinates.policy.first_layer_input(seen))
    losses = np.abs(np.random.default_rng(1).normal(size=(len(seen), 3)))
    same = [learn(coordinates, initial_point(coordinates, seed=3), along, losses, seed=seed) for seed in (4, 4, 5)]
    assert np.array_equal(same[0], same[1]) and not np.array_equal(same[0], same[2])
    assert not np.array_equal(initial_point(coordinates, seed=3), initial_point(coordinates, seed=4))


def test_a_network_that_learns_nothing_computes_what_its_policy_computes(seen, coordinates):
    """Where no dose loses anything the weights stay; then each visit's dose is that of the network by hand."""
    point = initial_point(coordinates, seed=1)
    along = coordinates.project(coordinates.policy.first_layer_input(seen))
    assert np.array_equal(learn(coordinates, point, along, np.zeros((len(seen), 3)), seed=0), point)
    first, last, bias, offset = coordinates.parts(point)
    output = np.tanh(along @ first.T + bias) @ last.T + offset
    assert np.array_equal(output.argmax(axis=1), coordinates.policy_at(point).predict(seen)[0][:, 0])
