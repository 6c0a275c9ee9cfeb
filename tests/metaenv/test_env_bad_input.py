"""Bad input: each its own message, saying what, what was got and what is allowed."""

import pickle
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.vector import AutoresetMode

import metaenv
from metaenv.errors import UnknownRenderMode

PROSTATE = "metaenv/Prostate-v1"
STROBL = "metaenv/Strobl2021-v1"


def refuses(call, *words, error=ValueError):
    with pytest.raises(error) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


CONSTRUCTORS = pytest.mark.parametrize("make", [metaenv.MetastasisEnv, metaenv.MetastasisVectorEnv])


@CONSTRUCTORS
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"disease": "measles"}, ["disease", "'measles'", "prostate", "strobl2021"]),
        ({"action": "volumes"}, ["action", "'volumes'", "levels", "continuous"]),
        ({"observation": "naked"}, ["observation", "'naked'", "clinic", "full"]),
        ({"without": ("efflux", "magic")}, ["mechanism", "magic", *metaenv.MECHANISMS]),
        ({"without": "magic"}, ["mechanism", "'magic'", *metaenv.MECHANISMS]),
        ({"without": 3}, ["without must be names of mechanisms", "3"]),
        ({"disease": ["lung"]}, ["disease", "['lung']", "prostate"]),
        ({"local_therapy": "never"}, ["local_therapy", "must be a bool", "'never'"]),
        ({"disease": "breast", "local_therapy": True}, ["local_therapy must be False", "'breast'", "no numbers"]),
        ({"shift": ["faster_mutation"]}, ["shift", "['faster_mutation']", "more_dormancy"]),
        ({"scenario": "prostate"}, ["scenario", "Scenario", "str"]),
        ({"scenario": {"disease": "prostate"}}, ["scenario", "Scenario", "dict"]),
        ({"render_mode": "hologram"}, ["render_mode", "'hologram'", "ansi"]),
        ({"visit_interval": 0.0}, ["visit_interval", "> 0", "0.0"]),
        ({"visit_interval": "weekly"}, ["visit_interval", "weekly"]),
        ({"horizon": 7.0}, ["horizon", "28", "7.0"]),
        ({"reward": "joy"}, ["objective", "'joy'", "quality", "survival", "control"]),
        ({"reward": 3}, ["reward", "Reward", "3"]),
        ({"reward": {"pain": 1.0}}, ["reward", "'pain'", "objective", "symptoms", "procedure"]),
        ({"reward": {"toxicity": "high"}}, ["toxicity", "number", "'high'"]),
        ({"reward": {"toxicity": -1.0}}, ["weight toxicity", ">= 0", "-1.0"]),
        ({"drugs": ("aspirin", "docetaxel")}, ["drug", "aspirin", "docetaxel"]),
        ({"drugs": {"abiraterone", "docetaxel"}}, ["drugs", "order of the action", "set"]),
        ({"drugs": {"abiraterone": 1}}, ["drugs", "order of the action", "dict"]),
        ({"visit_interval": "28"}, ["visit_interval", "number > 0", "'28'"]),
        ({"visit_interval": 10**400}, ["visit_interval", "finite"]),
        ({"horizon": 10**400}, ["horizon", "finite"]),
        ({"reward": {"toxicity": 10**400}}, ["weight toxicity", "finite"]),
        ({"render_size": "large"}, ["render_size", "(width, height)", "'large'"]),
        ({"render_mode": "ansi", "render_size": (3, 3)}, ["render_size", "(3, 3)"]),
        ({"render_mode": np.array(["ansi", "human"])}, ["render_mode", "ansi", "array"]),
        ({"scenario": "..:MINE"}, ["scenario", "'..:MINE'", "module:NAME"]),
        ({"scenario": "metaenv.drugs:NONE"}, ["scenario", "'metaenv.drugs:NONE'", "which has []", "nothing"]),
        ({"scenario": "no_such_module:MINE"}, ["scenario", "no_such_module:MINE"]),
        ({"scenario": "metaenv.drugs:DRUGS"}, ["scenario", "Scenario", "dict"]),
        ({"cohort": "controls"}, ["cohort", "'controls'", "train", "validation", "test"]),
        ({"cohort": ["test"]}, ["cohort", "['test']", "train"]),
        ({"patients": []}, ["patients", "at least one", "0"]),
        ({"patients": [1, -2]}, ["patients", "[0, 2**62)", "-2"]),
        ({"patients": [2**62]}, ["patients", "[0, 2**62)"]),
        ({"patients": [2**70]}, ["patients", "[0, 2**62)"]),
        ({"patients": [1.5]}, ["patients", "whole numbers", "1.5"]),
        ({"patients": 7}, ["patients", "list", "7"]),
        ({"patients": "test"}, ["patients", "list", "'test'"]),
        ({"patients": [[1, 2], [3]]}, ["patients", "list"]),
        ({"patients": [1, 2], "cohort": "test"}, ["cohort", "patients", "exclude", "'test'"]),
        ({"shuffle": True}, ["shuffle", "patients"]),
        ({"patients": [1, 2], "shuffle": 1}, ["shuffle", "True or False", "1"]),
        ({"truth": "yes"}, ["truth", "True or False", "'yes'"]),
    ],
)
def test_constructors_refuse(make, arguments, words):
    refuses(lambda: make(**arguments), *words)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, ["num_envs", ">= 1", "0"]), (-3, ["num_envs", "-3"]), (2.5, ["num_envs", "2.5"]), ("4", ["num_envs", "'4'"])],
)
def test_vector_refuses_a_number_of_patients(number, words):
    refuses(lambda: metaenv.MetastasisVectorEnv(number), *words)


@pytest.mark.parametrize("mode", ["sometimes", None, 3, ""])
def test_vector_refuses_an_unknown_autoreset_mode_and_lists_the_known(mode):
    words = ["autoreset_mode", repr(mode), "NEXT_STEP", "SAME_STEP", "DISABLED"]
    refuses(lambda: metaenv.MetastasisVectorEnv(2, autoreset_mode=mode), *words)


def test_vector_refuses_fewer_patients_than_rows():
    refuses(lambda: metaenv.MetastasisVectorEnv(4, patients=[1, 2, 3]), "patients", "each of 4 rows", "3")


@CONSTRUCTORS
def test_an_unknown_render_mode_is_a_value_error_and_a_type_error(make):
    for error in (ValueError, TypeError, UnknownRenderMode):
        refuses(lambda: make(render_mode="hologram"), "'hologram'", "ansi", error=error)


def test_gymnasium_hands_on_the_unknown_render_mode_as_both_errors():
    with pytest.warns(UserWarning, match="not in the possible render_modes"), pytest.raises(TypeError, match="ansi"):
        gym.make(PROSTATE, render_mode="hologram")


@CONSTRUCTORS
def test_nothing_happens_in_a_closed_environment(make):
    env = make(render_mode="ansi")
    env.reset(seed=0)
    env.close()
    env.close()
    for call in (env.render, lambda: env.step(env.action_space.sample())):
        refuses(call, "closed", error=ClosedEnvironmentError)


def test_a_reset_opens_a_single_environment_again_and_no_vector_environment():
    env = metaenv.MetastasisEnv("prostate")
    env.close()
    env.reset(seed=0)
    env.step(env.action_space.sample())
    vector = metaenv.MetastasisVectorEnv(2, "prostate")
    vector.close()
    refuses(vector.reset, "closed", error=ClosedEnvironmentError)


@pytest.mark.parametrize("seed", [[1], (1,), range(1), np.array([1]), np.array([[1]]), "1", 1.0, True, -1])
def test_a_single_environment_refuses_what_is_no_seed_and_stays_as_it_was(seed):
    env = metaenv.MetastasisEnv()
    env.reset(seed=0)
    before = pickle.dumps(env.snapshot())
    refuses(lambda: env.reset(seed=seed), f"seed must be a whole number >= 0, got {seed!r}")
    assert pickle.dumps(env.snapshot()) == before


@CONSTRUCTORS
@pytest.mark.parametrize("patient", [[[1], [2, 3]], "7", 7.0, True, {}, 2**70])
def test_a_reset_refuses_what_is_no_patient(make, patient):
    refuses(lambda: make().reset(options={"patient": patient}), "patient must be a whole number", repr(patient))


def test_make_scenario_refuses_an_unknown_disease():
    refuses(lambda: metaenv.make_scenario("measles"), "'measles'", "prostate", "strobl2021")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"visit_interval": 0.0}, ["visit_interval", "> 0", "0.0"]),
        ({"visit_interval": float("nan")}, ["visit_interval", "nan"]),
        ({"horizon": 7.0}, ["horizon", "28", "7.0"]),
        ({"horizon": float("inf")}, ["horizon", "inf"]),
        ({"substep": -1.0}, ["substep", "> 0", "-1.0"]),
        ({"host_step": 0.0}, ["host_step", "> 0", "0.0"]),
        ({"drugs": ()}, ["drugs", "at least one"]),
        ({"mechanisms": frozenset({"magic"})}, ["mechanism", "magic", *metaenv.MECHANISMS]),
        ({"mechanisms": ["efflux"]}, ["mechanisms must be a frozenset", "['efflux']"]),
        ({"drugs": list(metaenv.make_scenario("prostate").drugs)}, ["drugs must be a tuple of Drug", "["]),
    ],
)
def test_scenario_refuses(changes, words):
    refuses(lambda: replace(metaenv.make_scenario("prostate"), **changes), *words)


def test_scenario_refuses_the_same_drug_twice():
    scenario = metaenv.make_scenario("prostate")
    refuses(lambda: replace(scenario, drugs=scenario.drugs[:1] * 2), "drugs", "abiraterone")


@pytest.mark.parametrize(
    "changes",
    [{"disease": "prostate"}, {"reward": "survival"}, {"drugs": ("docetaxel",)}, {"mechanisms": "efflux"}],
)
def test_scenario_refuses_wrong_types(changes):
    scenario, name = metaenv.make_scenario("prostate"), next(iter(changes))
    refuses(lambda: replace(scenario, **changes), name.rstrip("s"), error=(TypeError, ValueError))


def test_an_id_refuses_a_scenario_of_another_disease():
    refuses(lambda: gym.make(STROBL, scenario=metaenv.make_scenario("prostate")), "strobl2021", "prostate")


@pytest.mark.parametrize(
    ("kind", "action", "words"),
    [
        ("levels", [[0], [0, 1]], ["action", "abiraterone"]),
        ("levels", {"abiraterone": 1}, ["numbers", "abiraterone"]),
        ("levels", [0, 0, 0], ["shape (2,)", "shape (3,)", "abiraterone", "docetaxel"]),
        ("levels", [[0, 0]], ["shape (2,)", "shape (1, 2)"]),
        ("levels", 1, ["shape (2,)", "shape ()"]),
        ("joint", [0], ["shape ()", "shape (1,)"]),
        ("joint", [0, 0], ["shape ()", "shape (2,)"]),
        ("joint", 9, ["'levels of abiraterone, docetaxel'", "whole number", "from 0 to 8", "9"]),
        ("joint", -1, ["from 0 to 8", "-1"]),
        ("joint", 0.5, ["whole number", "0.5"]),
        ("joint", "full", ["numbers", "full"]),
        ("levels", [3, 0], ["'abiraterone'", "whole number", "from 0 to 2", "3"]),
        ("levels", [0, -1], ["'docetaxel'", "from 0 to 2", "-1"]),
        ("levels", [0.5, 0], ["'abiraterone'", "whole number", "0.5"]),
        ("levels", [0, float("nan")], ["'docetaxel'", "whole number", "nan"]),
        ("levels", ["full", 0], ["numbers", "full"]),
        ("levels", ["1", "0"], ["numbers", "'1'"]),
        ("continuous", [1j, 0], ["numbers", "1j"]),
        ("levels", None, ["action"]),
        ("continuous", [float("nan"), 0.0], ["'abiraterone'", "from 0 to 1", "nan"]),
        ("continuous", [0.0, float("inf")], ["'docetaxel'", "from 0 to 1", "inf"]),
        ("continuous", [1.01, 0.0], ["'abiraterone'", "from 0 to 1", "1.01"]),
        ("continuous", [0.0, -0.01], ["'docetaxel'", "from 0 to 1", "-0.01"]),
        ("continuous", [0.0], ["shape (2,)", "shape (1,)"]),
    ],
)
def test_step_refuses(kind, action, words):
    step_refuses(metaenv.MetastasisEnv(action=kind), action, words)


@pytest.mark.parametrize(
    ("kind", "action", "words"),
    [
        ("levels", [0, 0], ["shape (3,)", "shape (2,)", "abiraterone", "docetaxel", "local therapy"]),
        ("levels", [0, 0, 3], ["'local therapy'", "whole number", "from 0 to 2", "3"]),
        ("levels", [0, 0, 0.4], ["'local therapy'", "whole number", "0.4"]),
        ("joint", 27, ["'levels of abiraterone, docetaxel, local therapy'", "whole number", "from 0 to 26", "27"]),
        ("continuous", [0.0, 0.0, 2.5], ["'local therapy'", "from 0 to 2", "2.5"]),
        ("continuous", [0.0, 0.0], ["shape (3,)", "shape (2,)"]),
    ],
)
def test_step_with_local_therapy_refuses(kind, action, words):
    step_refuses(metaenv.MetastasisEnv(action=kind, local_therapy=True), action, words)


def step_refuses(env, action, words):
    env.reset(seed=0)
    before = pickle.dumps(env.snapshot())
    with pytest.raises(ValueError) as caught:
        env.step(action)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "patient" not in str(caught.value)  # there is one alone
    assert pickle.dumps(env.snapshot()) == before, "a refused action changes nothing"


def test_vector_step_names_the_patient_whose_action_is_refused():
    env = metaenv.MetastasisVectorEnv(3)
    env.reset(seed=0)
    refuses(lambda: env.step([[0, 0], [0, 7], [0, 0]]), "'docetaxel'", "7", "patient 1")
    refuses(lambda: env.step([0, 0]), "(3, 2)", "(2,)")


def test_step_before_the_first_reset_is_refused():
    refuses(lambda: metaenv.MetastasisEnv().step([0, 0]), "reset", error=ResetNeeded)
    refuses(lambda: metaenv.MetastasisVectorEnv(2).step(np.zeros((2, 2))), "reset", error=ResetNeeded)
    env = metaenv.MetastasisVectorEnv(2, autoreset_mode=AutoresetMode.DISABLED)
    env.reset(seed=0, options={"reset_mask": np.array([True, False])})
    refuses(lambda: env.step(np.zeros((2, 2))), "reset", error=ResetNeeded)


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_step_after_the_end_is_refused(identifier, brief):
    env = gym.make(identifier, scenario=brief(identifier, 1)).unwrapped
    env.reset(seed=0)
    action = np.zeros(env.action_space.shape, dtype=int)
    assert env.step(action)[3]
    refuses(lambda: env.step(action), "ended", "reset", error=ResetNeeded)
    env.reset()
    env.step(action)


def test_restore_refuses_finished_patients_where_nobody_waits():
    rows, actions = np.zeros(2, dtype=np.int64), np.zeros((2, 1), dtype=np.int64)
    waits, goes_on = (
        metaenv.MetastasisVectorEnv(2, "strobl2021", autoreset_mode=mode)
        for mode in (AutoresetMode.DISABLED, AutoresetMode.SAME_STEP)
    )
    waits.reset(seed=0)
    goes_on.reset(seed=0)
    goes_on.restore(waits.snapshot().copies(rows))
    while not waits.step(actions)[2].any():
        pass
    refuses(lambda: goes_on.restore(waits.snapshot()), "no finished patients", "SAME_STEP")


@pytest.mark.parametrize("rows", [np.array([True, False]), np.array([0.0, 1.0]), [[0, 1]]])
def test_copies_refuse_what_numbers_no_row(rows):
    env = metaenv.MetastasisVectorEnv(2)
    env.reset(seed=0)
    refuses(lambda: env.snapshot().copies(rows), "rows must be a list of numbers in 0 … 1")


@pytest.mark.parametrize("luck", [[0.2, 0.7], [2**62, 0], [0], [True, False]])
def test_copies_refuse_what_is_no_seed(luck):
    env = metaenv.MetastasisVectorEnv(2)
    env.reset(seed=0)
    refuses(
        lambda: env.snapshot().copies(np.array([0, 1]), np.array(luck)), "luck must be 2 whole numbers in [0, 2**62)"
    )


FOREIGN = {
    "another disease": lambda: gym.make(STROBL).unwrapped,
    "another observation": lambda: gym.make(PROSTATE, observation="full").unwrapped,
    "another size": lambda: metaenv.MetastasisVectorEnv(3),
    "another kind of action": lambda: metaenv.MetastasisEnv(action="continuous"),
    "with local therapy": lambda: metaenv.MetastasisEnv(local_therapy=True),
    "without a mechanism": lambda: gym.make(PROSTATE, without=("dormancy",)).unwrapped,
    "another calendar": lambda: metaenv.MetastasisEnv(
        scenario=replace(metaenv.make_scenario("prostate"), visit_interval=7.0)
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_restore_refuses_a_foreign_snapshot(kind):
    foreign, env = FOREIGN[kind](), metaenv.MetastasisEnv()
    foreign.reset(seed=0)
    env.reset(seed=1)
    before = pickle.dumps(env.snapshot())
    refuses(lambda: env.restore(foreign.snapshot()), "snapshot")
    assert pickle.dumps(env.snapshot()) == before, "a refused snapshot changes nothing"


def test_a_single_environment_and_a_vector_of_one_exchange_snapshots(same):
    single, crowd = metaenv.MetastasisEnv(local_therapy=True), metaenv.MetastasisVectorEnv(1, local_therapy=True)
    single.reset(seed=3)
    single.step([2, 1, 0])
    crowd.restore(single.snapshot())
    same(single.step([1, 2, 0])[0], crowd.step([[1, 2, 0]])[0][0])
    crowd.step([[0, 0, 1]])
    single.restore(crowd.snapshot())
    same(single.step([2, 0, 0])[0], crowd.step([[2, 0, 0]])[0][0])


@pytest.mark.parametrize("thing", [None, "snapshot", 3, ()])
def test_restore_refuses_what_is_no_snapshot(thing):
    env = metaenv.MetastasisEnv()
    env.reset(seed=0)
    refuses(lambda: env.restore(thing), "snapshot", error=(TypeError, ValueError))


def test_unknown_names_of_the_package_raise_and_list_the_known():
    refuses(lambda: metaenv.Metastasis, "'Metastasis'", "MetastasisEnv", error=AttributeError)
