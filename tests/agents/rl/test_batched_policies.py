import numpy as np
import pytest

from metaenv_agents.rl.batched_policies import BatchedPolicies


def test_batched_policies_do_with_each_share_of_patients_what_they_do_alone(small):
    policies = [small(seed) for seed in range(3)]
    batched, rng = BatchedPolicies.of_policies(policies), np.random.default_rng(5)
    states, together = [None] * 3, None
    for visit in range(4):
        seen, starts = rng.normal(size=(6, 3)), np.full(6, visit == 0)
        alone = [each.predict(seen[2 * k : 2 * k + 2], states[k], starts[:2]) for k, each in enumerate(policies)]
        states = [state for _, state in alone]
        actions, together = batched.predict(seen, together, starts)
        assert np.array_equal(actions, np.concatenate([chosen for chosen, _ in alone]))
    with pytest.raises(ValueError, match="as many patients for each of 3 policies, got 4"):
        batched.predict(np.zeros((4, 3)))
