"""The environment as Gymnasium and Stable-Baselines3 know it: checkers, info, snapshots."""

import copy
import importlib.util
import pickle
import sys
import warnings
from dataclasses import replace
from unittest.mock import MagicMock

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import metaenv

ACTIONS = ("levels", "continuous", "joint")
OBSERVATIONS = ("clinic", "full")
PROSTATE = "metaenv/Prostate-v1"
KINDS = pytest.mark.parametrize(
    ("identifier", "action", "observation"),
    [(i, a, o) for i in metaenv.REGISTERED for a in ACTIONS for o in OBSERVATIONS],
)
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)


def play(env, visits, seed=0):
    """Results of some visits with random actions, a new patient whenever an episode ends."""
    env.action_space.seed(seed)
    results = []
    for _ in range(visits):
        results.append(env.step(env.action_space.sample()))
        if results[-1][2] or results[-1][3]:
            results.append(env.reset())
    return results


# ---- the checkers of Gymnasium and Stable-Baselines3


@pytest.fixture
def strict():
    """Every warning an error, but for one piece of advice: that a Box be [0, 1].

    Doses are; the number of the procedure, the last entry with local therapy, goes to 2.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*we recommend using a symmetric and normalized space")
        yield


@pytest.fixture
def screenless(monkeypatch):
    """A window that nobody sees and that does not wait, also where pygame is not installed."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    monkeypatch.setitem(metaenv.MetastasisEnv.metadata, "render_fps", 1000)
    if importlib.util.find_spec("pygame") is None:
        monkeypatch.setitem(sys.modules, "pygame", MagicMock())


@KINDS
def test_gymnasium_checker_has_nothing_to_say(identifier, action, observation, strict, screenless):
    check_env(gym.make(identifier, action=action, observation=observation, render_mode="ansi").unwrapped)


@KINDS
def test_gymnasium_checker_has_nothing_to_say_without_a_render_mode(identifier, action, observation, strict):
    check_env(gym.make(identifier, action=action, observation=observation).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("action", ACTIONS)
def test_gymnasium_checker_has_nothing_to_say_with_local_therapy(action, strict):
    check_env(gym.make(PROSTATE, action=action, local_therapy=True).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("mechanism", metaenv.MECHANISMS)
def test_gymnasium_checker_has_nothing_to_say_without_a_mechanism(mechanism, strict):
    check_env(gym.make(PROSTATE, without=(mechanism,)).unwrapped, skip_render_check=True)


@KINDS
def test_stable_baselines_checker_has_nothing_to_say(identifier, action, observation):
    """Continuous actions are fractions of full dose, [0, 1], so that their unit is a dose.

    Stable-Baselines3 advises [-1, 1] for its Gaussian policies, which `RescaleAction` gives; so its checker sees that.
    """
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    env = gym.make(identifier, action=action, observation=observation, render_mode="ansi")
    if action == "continuous":
        env = gym.wrappers.RescaleAction(env, np.float32(-1.0), np.float32(1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checker.check_env(env)


@pytest.mark.parametrize("action", ACTIONS)
def test_stable_baselines_makes_vectors_by_id(action):
    util = pytest.importorskip("stable_baselines3.common.env_util")
    env = util.make_vec_env(PROSTATE, n_envs=2, seed=2**31, env_kwargs={"action": action})
    assert env.reset().shape == (2, *env.observation_space.shape)
    env.step(np.stack([env.action_space.sample(), env.action_space.sample()]))
    assert all(
        len(mask) == choices_of(metaenv.make_scenario("prostate"), action) for mask in env.env_method("action_masks")
    )


@EVERY
def test_rescaled_corners_are_legal_doses(identifier):
    env = gym.wrappers.RescaleAction(gym.make(identifier, action="continuous"), np.float32(-1.0), np.float32(1.0))
    env.reset(seed=0)
    for corner, dose in ((env.action_space.low, 0.0), (env.action_space.high, 1.0)):
        assert (env.step(corner)[-1]["dose_prescribed"] == dose).all()


# ---- spaces


def offers(identifier, **arguments):
    """The environment with drugs alone and, where the disease has numbers for it, with local therapy."""
    plain = gym.make(identifier, **arguments)
    has = plain.unwrapped.scenario.disease.local_therapy is not None
    return [plain, *([gym.make(identifier, local_therapy=True, **arguments)] if has else [])]


@EVERY
def test_local_therapy_is_offered_on_request_alone(identifier):
    assert [env.unwrapped.scenario.local_therapy for env in offers(identifier)] in ([False], [False, True])


@EVERY
def test_levels_are_three_per_drug_and_local_therapy_comes_last(identifier):
    for env in offers(identifier):
        scenario = env.unwrapped.scenario
        assert env.action_space == gym.spaces.MultiDiscrete([3] * len(scenario.drugs) + [3] * scenario.local_therapy)


@EVERY
def test_continuous_doses_are_fractions_of_full_dose(identifier):
    for env in offers(identifier, action="continuous"):
        scenario = env.unwrapped.scenario
        drugs, local = len(scenario.drugs), int(scenario.local_therapy)
        assert env.action_space == gym.spaces.Box(
            np.zeros(drugs + local, np.float32), np.array([1.0] * drugs + [2.0] * local, np.float32)
        )


@EVERY
def test_levels_are_half_and_full_doses(identifier, brief, same):
    scenario = brief(identifier, 4)
    levels, fractions = (
        gym.make(identifier, scenario=scenario),
        gym.make(identifier, scenario=scenario, action="continuous"),
    )
    for level, fraction in ((0, 0.0), (1, 0.5), (2, 1.0)):
        results = []
        for env, dose in ((levels, level), (fractions, np.float32(fraction))):
            env.reset(seed=3)
            action = np.zeros(env.action_space.shape, env.action_space.dtype)
            action[: len(scenario.drugs)] = dose
            results.append([env.step(action) for _ in range(3)])
        same(results[0], results[1], f"level {level}")


def choices_of(scenario, action):
    parts = len(scenario.drugs) + scenario.local_therapy
    return 3**parts if action == "joint" else 3 * parts


@KINDS
def test_masks_are_flat_and_agree_with_info(identifier, action, observation):
    env = gym.make(identifier, action=action, observation=observation)
    _, info = env.reset(seed=0)
    for _ in range(4):
        mask = env.unwrapped.action_masks()
        assert mask.shape == (choices_of(env.unwrapped.scenario, action),) and mask.dtype == np.bool_
        assert (mask == info["action_mask"]).all()
        assert mask[0] if action == "joint" else mask[::3].all()  # nothing is always allowed
        *_, terminated, truncated, info = env.step(env.action_space.sample())
        if terminated or truncated:
            break


# ---- info

FIELDS = {  # name: (type, shape); d drugs, t traits, k kinds of toxicity, c choices
    "patient": (np.int64, ()),
    "day": (np.float64, ()),
    "burden": (np.float64, ()),
    "visible_burden": (np.float64, ()),
    "dormant": (np.float64, ()),
    "resistant_fraction": (np.float64, "t"),
    "lesions": (np.int64, ()),
    "visible_lesions": (np.int64, ()),
    "cured": (np.bool_, ()),
    "dose_given": (np.float64, "d"),
    "dose_prescribed": (np.float64, "d"),
    "held": (np.float64, "d"),
    "procedure": (np.int64, ()),
    "response": (np.int64, ()),
    "progressed": (np.bool_, ()),
    "progression_day": (np.float64, ()),
    "cause": (np.int64, ()),
    "toxicity": (np.float64, "k"),
    "neutrophils": (np.float64, ()),
    "marker": (np.float64, ()),
    "overflow": (np.int64, ()),
    "reward/life": (np.float64, ()),
    "reward/symptoms": (np.float64, ()),
    "reward/treatment": (np.float64, ()),
    "reward/toxicity": (np.float64, ()),
    "reward/procedure": (np.float64, ()),
    "cost": (np.float64, ()),
    "cost/sepsis": (np.float64, ()),
    "cost/cumulative_toxicity": (np.float64, ()),
    "cost/procedure": (np.float64, ()),
    "cost/dose_limiting_days": (np.float64, ()),
    "action_mask": (np.bool_, "c"),
}


@KINDS
def test_info_has_the_documented_keys_and_shapes_at_every_step(identifier, action, observation, brief):
    env = gym.make(identifier, action=action, observation=observation, scenario=brief(identifier, 5))
    scenario = env.unwrapped.scenario
    lengths = {
        "d": len(scenario.drugs),
        "t": len(scenario.traits),
        "k": len(scenario.toxicities),
        "c": choices_of(scenario, action),
    }
    infos = [env.reset(seed=0)[1], *(result[-1] for result in play(env, 12))]
    for info in infos:
        assert info.keys() == FIELDS.keys()
        for name, (kind, shape) in FIELDS.items():
            value = info[name]
            if kind is np.bool_ and shape == ():  # Gymnasium's vectorisers make objects of numpy.bool_
                assert type(value) is np.ndarray and value.shape == () and value.dtype == np.bool_, name
            elif shape == ():
                assert type(value) is kind, f"{name} is {type(value)}"
            else:
                assert value.dtype == kind and value.shape == (lengths[shape],), name
            assert np.isfinite(value).all(), name
        assert 0 <= info["cause"] < len(metaenv.CAUSES)
        assert 0 <= info["response"] < len(metaenv.RESPONSES)
        assert info["visible_burden"] <= info["burden"]
        assert info["visible_lesions"] <= info["lesions"]
        assert info["dormant"] <= info["burden"]
        assert info["cured"] == (info["burden"] == 0.0)
        assert ((info["resistant_fraction"] >= 0.0) & (info["resistant_fraction"] <= 1.0)).all()
        assert info["progressed"] == (info["progression_day"] >= 0.0)


@EVERY
def test_causes_name_every_death_and_the_living(identifier, brief):
    env = gym.make(identifier, scenario=brief(identifier, 8, 1.0, 100.0))  # of cells that nobody could see
    env.reset(seed=0)
    ends_at_progression = env.unwrapped.scenario.disease.progression.ends_episode
    deaths = 0
    for result in play(env, 60):
        if len(result) == 5:
            _, _, terminated, truncated, info = result
            dead = metaenv.CAUSES[info["cause"]] != "alive"
            deaths += dead
            assert terminated == (dead or (ends_at_progression and info["progressed"]))
            assert not (terminated and truncated)  # death is not overwritten by the end of follow-up
    assert deaths > 0 or ends_at_progression


@EVERY
def test_info_is_a_copy(identifier, same):
    env = gym.make(identifier)
    _, first = env.reset(seed=0)
    kept = copy.deepcopy(first)
    env.step(np.full(env.action_space.shape, 2))
    same(first, kept)


@EVERY
def test_days_go_by_one_visit_at_a_time_until_the_horizon(identifier, brief):
    scenario = brief(identifier, 5)
    env = gym.make(identifier, scenario=scenario, without=())
    _, info = env.reset(seed=1)
    assert info["day"] == 0.0
    action = np.zeros(env.action_space.shape, dtype=int)
    for visit in range(1, 6):
        _, _, terminated, truncated, info = env.step(action)
        if terminated:
            break
        assert info["day"] == pytest.approx(visit * scenario.visit_interval)
        assert truncated == (visit == 5)


@pytest.mark.parametrize(("horizon", "visits"), [(28.0, 1), (30.0, 2), (55.9, 2), (56.0, 2), (56.1, 3)])
def test_follow_up_lasts_until_its_horizon_is_reached(horizon, visits):
    scenario = replace(metaenv.make_scenario("prostate"), horizon=horizon)
    env = gym.make(PROSTATE, scenario=scenario)
    env.reset(seed=1)
    for visit in range(1, visits + 1):
        *_, truncated, info = env.step([0, 0])
        assert truncated == (visit == visits)
    assert info["day"] == pytest.approx(horizon)
    assert scenario.visits == visits


# ---- snapshots and pickles


@KINDS
def test_snapshot_continues_bit_identically(identifier, action, observation, brief, same):
    arguments = {"action": action, "observation": observation, "scenario": brief(identifier, 6, 0.3)}
    env = gym.make(identifier, **arguments).unwrapped
    env.reset(seed=5)
    play(env, 2)
    snapshot = env.snapshot()
    expected = play(env, 12, seed=1)
    env.restore(snapshot)
    same(play(env, 12, seed=1), expected, "restored")
    fresh = gym.make(identifier, **arguments).unwrapped
    fresh.restore(pickle.loads(pickle.dumps(snapshot)))
    same(play(fresh, 12, seed=1), expected, "restored elsewhere")


@KINDS
def test_pickle_continues_bit_identically(identifier, action, observation, brief, same):
    env = gym.make(identifier, action=action, observation=observation, scenario=brief(identifier, 6, 0.3))
    env.reset(seed=5)
    play(env, 2)
    twin, deep = pickle.loads(pickle.dumps(env)), copy.deepcopy(env)
    expected = play(env, 12, seed=1)
    same(play(twin, 12, seed=1), expected, "pickled")
    same(play(deep, 12, seed=1), expected, "deep copy")


@pytest.mark.parametrize("mode", list(AutoresetMode))
@EVERY
def test_vector_snapshot_and_pickle_continue_bit_identically(identifier, mode, brief, vector, same):
    def steps(env):
        env.action_space.seed(1)
        return [env.step(env.action_space.sample()) for _ in range(9)]

    arguments = {"scenario": brief(identifier, 5, 0.3)}
    env = vector(identifier, 4, mode, **arguments).unwrapped
    env.reset(seed=2)
    steps(env)  # into the middle of later episodes
    snapshot, twin = env.snapshot(), pickle.loads(pickle.dumps(env))
    expected = steps(env)
    same(steps(twin), expected, "pickled")
    env.restore(snapshot)
    same(steps(env), expected, "restored")
    fresh = vector(identifier, 4, mode, **arguments).unwrapped
    fresh.restore(pickle.loads(pickle.dumps(snapshot)))
    same(steps(fresh), expected, "restored elsewhere")
    same(fresh.reset(), env.reset(), "next patients")


@EVERY
def test_restore_brings_back_masks_flags_and_notes(identifier, brief):
    env = gym.make(identifier, render_mode="ansi", scenario=brief(identifier, 3)).unwrapped
    env.reset(seed=0)
    env.step(np.ones(env.action_space.shape, dtype=int))
    snapshot, note, mask = env.snapshot(), env.render(), env.action_masks()
    play(env, 2)
    env.restore(snapshot)
    assert env.render() == note
    assert (env.action_masks() == mask).all()
