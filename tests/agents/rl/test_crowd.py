import numpy as np
import pytest

from agents.rl.crowd import Crowd, weights_of, with_weights
from agents.rl.policy import TrainedPolicy


def small(seed=0, history=2):
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


def test_weights_are_taken_out_and_put_back():
    policy = small()
    weights = weights_of(policy)
    assert weights.shape == (4 * 6 + 5 * 4 + 4 + 5,)
    assert with_weights(policy, weights).to_bytes() == policy.to_bytes()
    assert with_weights(policy, weights_of(small(1))).to_bytes() == small(1).to_bytes()
    with pytest.raises(ValueError, match=r"weights must be of shape \(53,\) for this policy, got \(52,\)"):
        with_weights(policy, weights[1:])


def test_a_crowd_does_with_each_share_of_patients_what_its_policies_do_alone():
    policies = [small(seed) for seed in range(3)]
    crowd, rng = Crowd(policies), np.random.default_rng(5)
    states, together = [None] * 3, None
    for visit in range(4):
        seen, starts = rng.normal(size=(6, 3)), np.full(6, visit == 0)
        alone = [each.predict(seen[2 * k : 2 * k + 2], states[k], starts[:2]) for k, each in enumerate(policies)]
        states = [state for _, state in alone]
        actions, together = crowd.predict(seen, together, starts)
        assert np.array_equal(actions, np.concatenate([chosen for chosen, _ in alone]))
    with pytest.raises(ValueError, match="as many patients for each of 3 policies, got 4"):
        crowd.predict(np.zeros((4, 3)))
