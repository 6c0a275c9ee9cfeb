import pytest

from metaenv_agents.rl.learners.ppo import PPOSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_envs": 0},
        {"batch_size": 5000},
        {"gamma": 1.1},
        {"learning_rate": 0.0},
        {"ent_coef": -1.0},
        {"net_arch": ()},
        {"evaluate_every": 0},
        {"cost_limit": 0.0},
        {"multiplier_learning_rate": 0.0},
    ],
)
def test_setting_out_of_range_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be"):
        PPOSettings(**wrong)
