import pytest

from metaenv_agents.rl.settings import PPOSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"patients": 0},
        {"batch": 5000},
        {"discount": 1.1},
        {"learning_rate": 0.0},
        {"entropy": -1.0},
        {"hidden": ()},
        {"evaluate_every": 0},
    ],
)
def test_setting_out_of_range_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be"):
        PPOSettings(**wrong)


def test_differences_name_the_fields():
    assert PPOSettings().differences(PPOSettings(epochs=3)) == {"epochs": (5, 3)}
