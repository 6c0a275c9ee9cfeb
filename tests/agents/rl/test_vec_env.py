import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecMonitor

from metaenv_agents.rl.vec_env import VectorBridge

PATIENTS = 5


@pytest.fixture
def actions():
    return np.random.default_rng(1).integers(0, 3, (40, PATIENTS, 3))


def test_bridge_plays_what_the_native_environment_plays(toy, actions):
    native, bridge = toy(PATIENTS), VectorBridge(toy(PATIENTS))
    expected, _ = native.reset(seed=3)
    bridge.seed(3)
    assert np.array_equal(bridge.reset(), expected)
    ended = {"cut": 0, "died": 0}
    for action in actions:
        seen, rewards, terminated, truncated, infos = native.step(action)
        observations, given, done, listed = bridge.step(action)
        assert np.array_equal(observations, seen)
        assert np.array_equal(given, rewards.astype(np.float32))
        assert given.dtype == np.float32
        assert np.array_equal(done, terminated | truncated)
        for patient in np.flatnonzero(done):
            assert np.array_equal(listed[patient]["terminal_observation"], infos["final_obs"][patient])
            assert listed[patient]["TimeLimit.truncated"] is bool(truncated[patient] and not terminated[patient])
            ended["cut" if truncated[patient] else "died"] += 1
        assert all(not listed[patient] for patient in np.flatnonzero(~done))
    assert min(ended.values()) > 0


def test_episode_summaries_are_those_of_vec_monitor(toy, actions):
    plain, monitored = VectorBridge(toy(PATIENTS)), VecMonitor(VectorBridge(toy(PATIENTS)))
    for env in (plain, monitored):
        env.seed(7)
        env.reset()
    for action in actions:
        ours, theirs = plain.step(action)[3], monitored.step(action)[3]
        for mine, other in zip(ours, theirs, strict=True):
            assert ("episode" in mine) == ("episode" in other)
            if "episode" in mine:
                assert mine["episode"]["l"] == other["episode"]["l"]
                assert mine["episode"]["r"] == pytest.approx(other["episode"]["r"], rel=1e-5)


def test_death_at_the_last_visit_is_no_truncation(toy):
    bridge = VectorBridge(toy(1))
    bridge.seed(0)
    bridge.reset()
    for _ in range(5):
        bridge.step(np.full((1, 3), 2))
    bridge.inside.ratio[:] = 9.0
    _, _, done, infos = bridge.step(np.zeros((1, 3)))
    assert done[0]
    assert infos[0]["TimeLimit.truncated"] is False


def test_full_info_gives_everyone_theirs_and_the_ended_their_last(toy, actions):
    bridge = VectorBridge(toy(PATIENTS), full_info=True)
    bridge.seed(3)
    bridge.reset()
    assert [info["visit"] for info in bridge.reset_infos] == [0] * PATIENTS
    for action in actions:
        _, _, done, infos = bridge.step(action)
        assert all(set(info) >= {"burden", "visit"} and "_visit" not in info for info in infos)
        assert all(infos[patient]["visit"] == infos[patient]["episode"]["l"] for patient in np.flatnonzero(done))


def test_history_shows_the_last_visits_and_forgets_the_last_patient(toy, actions):
    bridge, short = VectorBridge(toy(PATIENTS), history=3), VectorBridge(toy(PATIENTS))
    for env in (bridge, short):
        env.seed(3)
    width = short.observation_space.shape[0]
    past = [np.zeros((PATIENTS, width), dtype=np.float32)] * 2 + [short.reset()]
    assert np.array_equal(bridge.reset(), np.concatenate(past, axis=1))
    for action in actions:
        seen, _, done, infos = short.step(action)
        long, _, _, longer = bridge.step(action)
        final = [np.concatenate([old[who] for old in past[1:]] + [infos[who]["terminal_observation"]])
                 for who in np.flatnonzero(done)]  # fmt: skip
        for who, expected in zip(np.flatnonzero(done), final, strict=True):
            assert np.array_equal(longer[who]["terminal_observation"], expected)
        past = [np.where(done[:, None], 0, old) for old in past[1:]] + [seen]
        assert np.array_equal(long, np.concatenate(past, axis=1))
        assert long[0] in bridge.observation_space


def test_masks_reach_sb3_contrib(toy):
    bridge = VectorBridge(toy(PATIENTS))
    assert is_masking_supported(bridge)
    assert np.array_equal(get_action_masks(bridge), toy(PATIENTS).action_masks())
    assert np.array_equal(bridge.env_method("action_masks", indices=[2])[0], toy(PATIENTS).action_masks()[2])


def test_seeds_and_options_are_used_once(toy):
    bridge = VectorBridge(toy(PATIENTS))
    assert bridge.seed(10) == [10, 11, 12, 13, 14]
    bridge.set_options({"cohort": "validation"})
    bridge.reset()
    assert bridge.inside.seeds.tolist() == [10, 11, 12, 13, 14]
    assert bridge.inside.options == {"cohort": "validation"}
    bridge.reset()
    assert bridge.inside.seeds[0] == 0
    assert bridge.inside.options is None


def test_options_that_differ_between_patients_are_refused(toy):
    bridge = VectorBridge(toy(2))
    bridge.set_options([{"patient": 1}, {"patient": 2}])
    with pytest.raises(ValueError, match="same for all patients"):
        bridge.reset()


def test_attributes_are_shared_by_all_patients(toy):
    bridge = VectorBridge(toy(PATIENTS))
    bridge.reset()
    bridge.set_attr("note", "seen")
    assert bridge.get_attr("note") == ["seen"] * PATIENTS
    assert bridge.get_attr("note", indices=3) == ["seen"]
    assert not bridge.has_attr("absent")
    assert bridge.env_is_wrapped(gym.Wrapper) == [False] * PATIENTS
    with pytest.raises(ValueError, match="shared by all 5 patients"):
        bridge.set_attr("note", "mine", indices=[0])
    with pytest.raises(TypeError, match="one entry per patient"):
        bridge.env_method("snapshot")


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED])
def test_other_autoreset_modes_are_refused(toy, mode):
    with pytest.raises(ValueError, match=r"must be AutoresetMode\.SAME_STEP"):
        VectorBridge(toy(2, mode=mode))


def test_unit_actions_are_stretched_to_the_true_bounds(toy):
    bridge = VectorBridge(toy(3, action="continuous"), unit_actions=True)
    assert bridge.action_space == gym.spaces.Box(-1.0, 1.0, (3,), np.float32)
    bridge.step_async(np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], dtype=np.float32))
    assert bridge._actions.tolist() == [[0, 0, 0], [0.5, 0.5, 1], [1, 1, 2]]
    with pytest.raises(ValueError, match="needs a Box"):
        VectorBridge(toy(3), unit_actions=True)


def test_snapshot_continues_bit_for_bit(toy, actions):
    bridge = VectorBridge(toy(PATIENTS), history=2)
    bridge.seed(1)
    bridge.reset()
    for action in actions[:9]:
        bridge.step(action)
    snapshot = bridge.snapshot()
    other = VectorBridge(toy(PATIENTS), history=2)
    other.restore(snapshot)
    for action in actions[9:]:
        one, two = bridge.step(action), other.step(action)
        assert all(np.array_equal(a, b) for a, b in zip(one[:3], two[:3], strict=True))
        assert [info.get("episode", {}).get("r") for info in one[3]] == [
            info.get("episode", {}).get("r") for info in two[3]
        ]


def test_stable_baselines_learns_through_it(toy):
    model = PPO("MlpPolicy", VectorBridge(toy(4)), n_steps=8, batch_size=16, n_epochs=1, device="cpu", seed=0)
    model.learn(64)
    assert model.num_timesteps == 64
    assert len(model.ep_info_buffer) > 4
