"""Scenarios by name: what `make_scenario` and the constructors are told, and what comes of it."""

import sys
import types
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.drugs import DRUGS
from metaenv.scenario.shift import shift_scenario

PROSTATE = "metaenv/Prostate-v1"
PLAIN = metaenv.make_scenario("prostate")
GENTLE = replace(DRUGS["docetaxel"], name="gentle", kill=0.5 * DRUGS["docetaxel"].kill)
CHANGES = {  # what is typed: what it means
    "nothing": ({}, PLAIN),
    "visit_interval": ({"visit_interval": 7.0}, replace(PLAIN, visit_interval=7.0)),
    "horizon": ({"horizon": 365}, replace(PLAIN, horizon=365)),
    "calendar": ({"visit_interval": 14, "horizon": 14}, replace(PLAIN, visit_interval=14, horizon=14)),
    "objective": ({"reward": "survival"}, replace(PLAIN, reward=metaenv.Reward(objective="survival"))),
    "reward": ({"reward": metaenv.Reward(toxicity=2.0)}, replace(PLAIN, reward=metaenv.Reward(toxicity=2.0))),
    "weights": ({"reward": {"toxicity": 2}}, replace(PLAIN, reward=metaenv.Reward(toxicity=2))),
    "fields": (
        {"reward": {"objective": "control", "symptoms": 0.5}},
        replace(PLAIN, reward=metaenv.Reward(objective="control", symptoms=0.5)),
    ),
    "drugs": ({"drugs": ["docetaxel", "tariquidar"]}, PLAIN.with_drugs(["docetaxel", "tariquidar"])),
    "drugs only": ({"local_therapy": False}, PLAIN),
    "local therapy": ({"local_therapy": True}, replace(PLAIN, local_therapy=True)),
    "without": ({"without": ["dormancy"]}, PLAIN.without(["dormancy"])),
    "shift": ({"shift": "faster_mutation"}, shift_scenario(PLAIN, "faster_mutation")),
}
KINDS = pytest.mark.parametrize("kind", CHANGES)


@KINDS
def test_scenarios_and_environments_are_changed_by_the_same_names(kind):
    typed, meant = CHANGES[kind]
    assert metaenv.make_scenario("prostate", **typed) == meant
    assert gym.make(PROSTATE, **typed).unwrapped.scenario == meant
    assert gym.make_vec(PROSTATE, num_envs=2, **typed).unwrapped.scenario == meant


@KINDS
def test_a_given_scenario_is_changed_by_the_same_names(kind):
    typed, _ = CHANGES[kind]
    weekly = replace(PLAIN, host_step=0.25)
    env = metaenv.MetastasisEnv(scenario=weekly, **typed)
    assert env.scenario == replace(metaenv.make_scenario("prostate", **typed), host_step=0.25)


def test_all_changes_hold_together():
    env = metaenv.MetastasisEnv(
        "breast",
        visit_interval=7,
        horizon=70,
        reward={"treatment": 0.0},
        drugs=("letrozole",),
        without=("immune",),
        shift="faster_growth",
    )
    scenario = env.scenario
    assert (scenario.visits, scenario.reward.treatment, [d.name for d in scenario.drugs]) == (10, 0.0, ["letrozole"])
    assert not scenario.on("immune")
    assert scenario.disease.rates.birth != metaenv.DISEASES["breast"].rates.birth


def test_what_a_reward_does_not_name_stays_as_the_scenario_has_it():
    own = replace(PLAIN, reward=metaenv.Reward(toxicity=3.0, objective="survival"))
    assert metaenv.MetastasisEnv(scenario=own, reward="quality").scenario.reward == metaenv.Reward(toxicity=3.0)
    kept = metaenv.MetastasisEnv(scenario=own, reward={"symptoms": 0.0}).scenario.reward
    assert kept == metaenv.Reward(objective="survival", toxicity=3.0, symptoms=0.0)


def test_the_objective_of_a_disease_stays_where_weights_alone_are_named():
    disease = metaenv.DISEASES["strobl2021"]
    assert metaenv.make_scenario("strobl2021", reward={"toxicity": 2.0}).reward.objective == disease.reward


def test_names_and_drugs_of_ones_own_are_offered_side_by_side():
    env = gym.make(PROSTATE, drugs=[GENTLE, "abiraterone"])
    scenario = env.unwrapped.scenario
    assert scenario.drugs == (GENTLE, DRUGS["abiraterone"])
    assert scenario.disease.first_line == ("abiraterone",)
    env.reset(seed=0)
    assert env.step([2, 0])[-1]["dose_given"][0] > 0.0


def test_an_own_drug_stands_for_the_name_it_has():
    stronger = replace(DRUGS["docetaxel"], kill=2.0 * DRUGS["docetaxel"].kill)
    assert metaenv.make_scenario("prostate", drugs=[stronger]).drugs == (stronger,)
    with pytest.raises(ValueError, match="drugs must differ"):
        metaenv.make_scenario("prostate", drugs=[stronger, "docetaxel"])


def test_a_scenario_may_be_named_by_its_import_path(monkeypatch):
    module = types.ModuleType("my_scenarios")
    module.WEEKLY = replace(PLAIN, visit_interval=7.0)
    monkeypatch.setitem(sys.modules, "my_scenarios", module)
    for env in (
        gym.make(PROSTATE, scenario="my_scenarios:WEEKLY"),
        gym.make_vec(PROSTATE, scenario="my_scenarios:WEEKLY"),
    ):
        assert env.unwrapped.scenario == module.WEEKLY
    with pytest.raises(ValueError, match=r"scenario 'my_scenarios:MONTHLY' must be .*\['WEEKLY'\], got nothing"):
        gym.make(PROSTATE, scenario="my_scenarios:MONTHLY")
    for path in (":WEEKLY", "my_scenarios:"):
        with pytest.raises(ValueError, match=f"scenario must be .*module:NAME.* got str '{path}'"):
            gym.make(PROSTATE, scenario=path)


def test_an_error_inside_the_module_of_a_scenario_is_its_own(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "breaks.py").write_text("from json import what_is_not_there\n", encoding="utf-8")
    with pytest.raises(ImportError, match="what_is_not_there"):
        metaenv.MetastasisEnv(scenario="breaks:MINE")


def test_named_changes_change_the_course():
    """They reach the simulation, not the scenario alone."""
    calm, toxic = (metaenv.MetastasisEnv(reward={"toxicity": weight}) for weight in (0.0, 10.0))
    weekly = metaenv.MetastasisEnv(visit_interval=7.0, horizon=28.0)
    for env in (calm, toxic, weekly):
        env.reset(seed=1)
    assert sum(calm.step([2, 2])[1] for _ in range(3)) > sum(toxic.step([2, 2])[1] for _ in range(3))
    results = [weekly.step([0, 0]) for _ in range(4)]
    assert [result[-1]["day"] for result in results] == pytest.approx([7.0, 14.0, 21.0, 28.0])
    assert [result[3] for result in results] == [False, False, False, True]
    assert np.isfinite([result[1] for result in results]).all()
