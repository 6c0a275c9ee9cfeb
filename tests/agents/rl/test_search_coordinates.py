from dataclasses import replace

import numpy as np
import pytest

from metaenv_agents.rl.search_coordinates import SearchCoordinates


def nearly_alike(visits=200, seed=3):
    """What is seen when every visit is nearly the one before it: (visit, input)."""
    rng = np.random.default_rng(seed)
    now = rng.normal(size=(visits, 3)) * [1.0, 3.0, 0.0] + 2.0  # the third measurement never changes
    return np.concatenate([now + 0.05 * rng.normal(size=now.shape) * [1.0, 1.0, 0.0], now], axis=1)


def test_the_start_is_the_policy_itself(small):
    policy = small()
    coordinates = SearchCoordinates.of(policy, nearly_alike())
    assert coordinates.start.shape == (4 * 4 + 5 * 4 + 4 + 5,)  # of six inputs two never vary
    same = coordinates.policy_at(coordinates.start)
    for name in ("weights", "biases"):
        for ours, own in zip(getattr(same, name), getattr(policy, name), strict=True):
            np.testing.assert_allclose(ours, own, atol=1e-12)
    with pytest.raises(ValueError, match=r"point must be of shape \(45,\) for this policy, got \(44,\)"):
        coordinates.policy_at(coordinates.start[1:])


def test_a_coordinate_of_the_first_layer_moves_its_unit_by_one_standard_deviation_of_what_is_seen(small):
    policy = small()
    seen = nearly_alike()
    coordinates = SearchCoordinates.of(policy, seen)
    for coordinate in range(4):  # of the first unit
        moved = coordinates.policy_at(coordinates.start + np.eye(len(coordinates.start))[coordinate])
        before, after = (seen @ each.weights[0][0] + each.biases[0][0] for each in (policy, moved))
        assert np.std(after - before) == pytest.approx(1.0, rel=0.01)
        assert np.mean(after - before) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("units", [0, 2])
def test_what_the_first_layer_is_given_is_what_it_acts_on(small, units):
    rng, one = np.random.default_rng(2), small()
    lstm = (rng.normal(size=(4 * units, 6)), rng.normal(size=(4 * units, units)), rng.normal(size=4 * units))
    weights, biases = (rng.normal(size=(5, units or 6)),), (rng.normal(size=5),)
    policy = replace(one, lstm=lstm if units else (), weights=weights, biases=biases)
    memory = None
    for _ in range(3):
        actions, memory = policy.predict(rng.normal(size=(7, 3)), memory)
        logits = policy.first_layer_input(memory) @ weights[0].T + biases[0]
        assert np.array_equal(actions, np.stack([logits[:, :3].argmax(axis=1), logits[:, 3:].argmax(axis=1)], axis=1))


def test_weights_along_what_never_varies_stay(small):
    policy = small()
    coordinates = SearchCoordinates.of(policy, nearly_alike())
    moved = coordinates.policy_at(coordinates.start + np.random.default_rng(1).normal(size=coordinates.start.shape))
    np.testing.assert_allclose(moved.weights[0][:, [2, 5]], policy.weights[0][:, [2, 5]], atol=1e-9)


def test_directions_are_read_back_as_they_were_written(small):
    policy = small()
    coordinates = SearchCoordinates.of(policy, nearly_alike())
    again = SearchCoordinates.from_bytes(policy, coordinates.to_bytes())
    assert np.array_equal(again.start, coordinates.start) and again.to_bytes() == coordinates.to_bytes()


def test_what_was_seen_must_fit_and_vary(small):
    with pytest.raises(ValueError, match=r"seen must be \(visit, 6\) for this policy, got \(9, 5\)"):
        SearchCoordinates.of(small(), np.ones((9, 5)))
    with pytest.raises(ValueError, match=r"seen must vary by more than 0\.01 for this policy, got 9 visits alike"):
        SearchCoordinates.of(small(), np.ones((9, 6)))
