from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv
from agents.rl.settings import PPOSettings
from agents.rl.shaping import TOP, Shaping
from agents.rl.vec_env import VectorBridge

PATIENTS = 6


def bridge(horizon, shaping=None, disease="prostate"):
    scenario = replace(metaenv.make_scenario(disease), horizon=horizon)
    venv = gym.make_vec(
        f"metaenv/{disease.capitalize()}-v0",
        num_envs=PATIENTS,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        scenario=scenario,
    )
    made = VectorBridge(venv, shaping=shaping)
    made.seed(0)
    made.reset()
    return made


def test_the_potential_falls_by_the_weight_for_every_tenfold_of_resistant_cells():
    shaping = Shaping(weight=2.0, discount=0.9)
    truth = {"burden": np.array([1e10, 1e10, 0.0]), "resistant_fraction": np.array([[1.0, 0.5], [0.1, 0.001], [0, 0]])}
    assert shaping.potential(truth) == pytest.approx([2.0 * (TOP - 10), 2.0 * (TOP - 9), 2.0 * TOP])


@pytest.mark.parametrize(("horizon", "ends"), [(3650.0, "died"), (280.0, "cut")])
def test_what_is_added_to_an_episode_depends_on_its_first_and_last_state_alone(horizon, ends):
    shaping = Shaping(weight=1.0, discount=0.97)
    hinted, plain = bridge(horizon, shaping), bridge(horizon)
    total, factor = np.zeros(PATIENTS), 1.0
    first = shaping.potential(hinted._truth())
    waiting, seen = np.ones(PATIENTS, dtype=bool), {"died": 0, "cut": 0}
    while waiting.any():
        actions = np.full((PATIENTS, 3), 2) * np.array([1, 1, 0])
        observations, rewards, done, infos = hinted.step(actions)
        same, unhinted, same_done, same_infos = plain.step(actions)
        assert np.array_equal(observations, same) and np.array_equal(done, same_done)
        total += np.where(waiting, factor * (rewards.astype(float) - unhinted), 0.0)
        factor *= shaping.discount
        for row in np.flatnonzero(done & waiting):
            assert infos[row]["episode"]["r"] == same_infos[row]["episode"]["r"]
            cut = infos[row]["TimeLimit.truncated"]
            seen["cut" if cut else "died"] += 1
            if not cut:  # the potential of the dead is 0, so that all that is left is the one at the start
                assert total[row] == pytest.approx(-first[row], abs=1e-4)
            else:
                assert abs(total[row] + first[row]) > 0.1
        waiting &= ~done
    assert seen[ends] >= PATIENTS / 2


def test_the_end_of_the_follow_up_leaves_the_potential_of_the_last_state():
    shaping = Shaping(weight=1.0, discount=0.5)
    before = np.array([3.0, 3.0, 3.0])
    infos = {
        "burden": np.full(3, 1e8),
        "resistant_fraction": np.ones((3, 1)),
        "final_info": {"burden": np.array([0.0, 1e6, 1e6]), "resistant_fraction": np.ones((3, 1))},
    }
    added = shaping.added(before, infos, np.array([False, False, True]), np.array([False, True, True]))
    assert added == pytest.approx([0.5 * (TOP - 8) - 3.0, 0.5 * (TOP - 6) - 3.0, -3.0])


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="shaping must be >= 0, got -1"):
        PPOSettings(shaping=-1.0)
