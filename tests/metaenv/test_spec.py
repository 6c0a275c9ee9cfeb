"""How Gymnasium records an environment: JSON, its number of visits, and an id that keeps its word."""

import json
import pickle
import sys
import types
import warnings
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.wrappers import TimeAwareObservation, TimeLimit

import metaenv
from metaenv.drugs import DRUGS

PROSTATE, LUNG = "metaenv/Prostate-v1", "metaenv/Lung-v1"
EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)
TYPED = {
    "nothing": {},
    "kinds": {"action": "joint", "observation": "full", "truth": True, "render_mode": "ansi"},
    "calendar": {"visit_interval": 14, "horizon": np.float64(280.0)},
    "drugs by name": {"drugs": ("docetaxel", "abiraterone")},
    "drugs of the shelf": {"drugs": [DRUGS["docetaxel"], "abiraterone"]},
    "drugs alone": {"local_therapy": False},
    "procedures too": {"local_therapy": True},
    "without": {"without": frozenset({"dormancy", "immune"}), "shift": "lower_cost"},
    "reward": {"reward": metaenv.Reward(objective="control", toxicity=2.0)},
    "weights": {"reward": {"toxicity": np.float32(0.5)}},
    "cohort": {"cohort": "test"},
    "patients": {"patients": range(200_000, 200_005), "shuffle": True},
    "an array of patients": {"patients": np.arange(7, 12)},
}


def course(env):
    env.action_space.seed(0)
    results = [env.reset(seed=3)]
    results += [env.step(env.action_space.sample()) for _ in range(3)]
    return results


@pytest.mark.parametrize("typed", TYPED)
def test_an_environment_is_made_again_from_its_spec_as_json(typed, same):
    env = gym.make(PROSTATE, **TYPED[typed])
    text = env.spec.to_json()
    again = gym.make(EnvSpec.from_json(text))
    assert again.unwrapped.scenario == env.unwrapped.scenario
    same(course(again), course(env))
    assert again.spec.to_json() == text
    assert json.loads(text)["kwargs"]["disease"] == "prostate"


@pytest.mark.parametrize("mode", ["same_step", gym.vector.AutoresetMode.SAME_STEP])
def test_a_vector_environment_is_made_again_from_its_spec_as_json(mode, same):
    env = gym.make_vec(PROSTATE, num_envs=3, autoreset_mode=mode, patients=[5, 6, 7], reward="survival")
    again = gym.make_vec(EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.autoreset_mode is gym.vector.AutoresetMode.SAME_STEP and again.num_envs == 3
    same(course(again), course(env))


def test_objects_without_a_name_are_refused_as_json_with_the_remedy():
    own = replace(DRUGS["docetaxel"], name="mine")
    for typed in ({"scenario": metaenv.make_scenario("prostate")}, {"drugs": [own]}):
        env = gym.make(PROSTATE, **typed)
        with pytest.raises(ValueError, match=r"names and numbers .* got a (Scenario|Drug).*module:NAME"):
            env.spec.to_json()
        pickle.loads(pickle.dumps(env.spec))


def test_an_id_of_ones_own_around_a_place_is_json(monkeypatch, same):
    module = types.ModuleType("my_scenarios")
    module.MINE = replace(metaenv.make_scenario("lung"), host_step=0.25)
    monkeypatch.setitem(sys.modules, "my_scenarios", module)
    monkeypatch.setitem(gym.registry, "me/Mine-v0", None)
    del gym.registry["me/Mine-v0"]
    gym.register(
        "me/Mine-v0",
        "metaenv.env:MetastasisEnv",
        vector_entry_point="metaenv.vector:MetastasisVectorEnv",
        kwargs={"scenario": "my_scenarios:MINE"},
    )
    env = gym.make("me/Mine-v0", horizon=210)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.unwrapped.scenario == replace(module.MINE, horizon=210)
    same(course(again), course(env))
    assert gym.make_vec("me/Mine-v0", num_envs=2).unwrapped.scenario == module.MINE


# ---- the id fixes the disease


@pytest.mark.parametrize("disease", ["lung", "strobl2021", None])
def test_an_id_refuses_another_disease(disease):
    for make in (
        gym.make,
        gym.make_vec,
        lambda *each, **kinds: gym.make_vec(*each, vectorization_mode="sync", **kinds),
    ):
        with pytest.raises(ValueError, match=rf"'prostate' in {PROSTATE}, whose id fixes it, got {disease!r}"):
            make(PROSTATE, disease=disease)


def test_a_refused_disease_is_told_by_its_name():
    lung = metaenv.DISEASES["lung"]
    with pytest.raises(ValueError, match="got Disease 'lung'; make the id"):
        gym.make(PROSTATE, disease=lung)
    with pytest.raises(ValueError, match="scenario must be of disease 'lung', got one of 'prostate'"):
        metaenv.MetastasisEnv(disease=lung, scenario=metaenv.make_scenario("prostate"))


def test_an_id_takes_its_own_disease_and_the_class_takes_any():
    assert gym.make(LUNG, disease="lung").unwrapped.scenario.disease.name == "lung"
    assert metaenv.MetastasisEnv(disease="lung").scenario.disease.name == "lung"
    assert metaenv.MetastasisVectorEnv(2, disease="lung").scenario.disease.name == "lung"


# ---- the number of visits


@EVERY
def test_the_number_of_visits_is_stated_and_no_time_limit_wraps(identifier):
    env = gym.make(identifier)
    assert env.spec.max_episode_steps == env.unwrapped.spec.max_episode_steps == env.unwrapped.scenario.visits
    assert "TimeLimit" not in str(env)
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert "TimeLimit" not in str(again) and again.spec.max_episode_steps == env.spec.max_episode_steps
    assert "TimeLimit" not in str(env.unwrapped.spec.make())


def test_what_is_made_from_the_spec_itself_is_cut_at_the_same_visit(same):
    """Gymnasium wraps a `TimeLimit` then, which agrees."""
    env = gym.make(PROSTATE, horizon=112)
    same(course(gym.make(env.spec)), course(env))
    again = gym.make(env.spec)
    again.reset(seed=0)
    assert [again.step([0, 0])[3] for _ in range(4)] == [False, False, False, True]


def test_the_number_of_visits_follows_the_calendar():
    env = gym.make(PROSTATE, visit_interval=7, horizon=70)
    assert env.spec.max_episode_steps == 10
    env.reset(seed=0)
    assert [env.step([0, 0])[3] for _ in range(10)] == [False] * 9 + [True]


def test_time_aware_observations_count_the_visits():
    env = TimeAwareObservation(gym.make(PROSTATE, horizon=112), normalize_time=True)
    env.reset(seed=0)
    assert [env.step([0, 0])[0][-1] for _ in range(4)] == pytest.approx([0.25, 0.5, 0.75, 1.0])


def test_a_time_limit_of_ones_own_stays_in_the_spec():
    env = gym.make(PROSTATE, max_episode_steps=3)
    assert isinstance(env, TimeLimit) and env.spec.max_episode_steps == 3
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    again.reset(seed=0)
    assert [again.step([0, 0])[3] for _ in range(3)] == [False, False, True]


def test_vectors_are_made_from_the_spec_of_a_single_environment_or_refuse_another_limit():
    spec = gym.make(PROSTATE, horizon=112).spec
    env = gym.make_vec(replace(gym.spec(PROSTATE), kwargs=spec.kwargs, max_episode_steps=4), num_envs=2)
    assert env.unwrapped.scenario.visits == 4
    with pytest.raises(ValueError, match=r"max_episode_steps must be the 130 visits .* got 50; horizon="):
        gym.make_vec(PROSTATE, num_envs=2, max_episode_steps=50)


def test_an_environment_that_gymnasium_did_not_make_has_no_spec():
    assert metaenv.MetastasisEnv().spec is None and metaenv.MetastasisVectorEnv(2).spec is None


def test_making_and_recording_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make(PROSTATE, patients=[1, 2])
        assert pickle.loads(pickle.dumps(env)).spec.to_json() == env.spec.to_json()
