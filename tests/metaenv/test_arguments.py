"""The arguments of both environments are one list: its names, defaults and sentences are shown alike by each."""

import inspect
import re

import gymnasium as gym
import pytest

import metaenv
from metaenv.arguments import DEFAULTS, EnvironmentArguments
from metaenv.scenario.make import UNCHANGED, ScenarioArguments

BOTH = pytest.mark.parametrize("environment", [metaenv.MetastasisEnv, metaenv.MetastasisVectorEnv])
TAKING = [
    (metaenv.MetastasisEnv, "MetastasisEnv", DEFAULTS),
    (metaenv.MetastasisVectorEnv, "MetastasisVectorEnv", DEFAULTS),
    (metaenv.make_scenario, "make_scenario", UNCHANGED),
]


def test_every_argument_has_a_type_and_a_default():
    assert set(DEFAULTS) == set(EnvironmentArguments.__annotations__)
    assert set(UNCHANGED) == set(ScenarioArguments.__annotations__)


@pytest.mark.parametrize(("function", "name", "defaults"), TAKING)
def test_the_signature_shows_every_argument_with_its_default(function, name, defaults):
    shown = inspect.signature(function).parameters
    assert {name: shown[name].default for name in defaults} == defaults
    assert not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in shown.values())


@pytest.mark.parametrize(("function", "name", "defaults"), TAKING)
def test_an_unknown_argument_is_refused_as_by_python_itself_and_the_known_ones_are_listed(function, name, defaults):
    with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'horison'") as refused:
        function(horison=365.0)
    assert all(repr(each) in str(refused.value) for each in defaults)


def test_the_page_of_the_environment_has_a_row_for_every_argument_and_its_default():
    rows = dict(re.findall(r"^ *\| `(\w+)` \|.*\| ([^|]+) \|$", metaenv.MetastasisEnv.__doc__, flags=re.MULTILINE))
    assert set(rows) >= {"disease", *DEFAULTS}
    for name, default in DEFAULTS.items():
        if isinstance(default, (str, bool)):
            assert rows[name] == str(default) if isinstance(default, bool) else rows[name] == f'"{default}"', name


def test_the_page_of_a_scenario_tells_of_every_argument():
    assert all(f"{name}: " in metaenv.make_scenario.__doc__ for name in ("disease", "scenario", *UNCHANGED))


@BOTH
def test_what_gymnasium_was_asked_for_reaches_the_environment(environment):
    make = gym.make if environment is metaenv.MetastasisEnv else gym.make_vec
    env = make("metaenv/Lung-v1", action="joint", cohort="test", horizon=210.0).unwrapped
    assert isinstance(env, environment)
    asked = {"disease": "lung", "action": "joint", "cohort": "test", "horizon": 210.0}
    assert env.spec.kwargs.items() >= asked.items()
    assert (env.scenario.disease.name, env.scenario.horizon) == ("lung", 210.0)
