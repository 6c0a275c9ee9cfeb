"""Planning over candidate rules: never worse than one of them where nothing is left to chance, blind to later luck."""

from dataclasses import replace
from functools import partial

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv
from metaenv_agents.control.candidate_rules import candidate_rules
from metaenv_agents.control.dynamic_programming import BestDoses, Optimum
from metaenv_agents.control.mpc import ModelPredictive
from metaenv_agents.control.oracle import Oracle
from metaenv_agents.control.planning import STAY, Budget
from metaenv_agents.policy import Clinic
from metaenv_agents.rules import make_rule
from metaenv_agents.simple.grammar import Dose, Simple
from metaenv_agents.simple.policies import SimplePolicies

PATIENTS = np.array([200_002, 200_007, 200_009])
CONTAINMENT = [("containment", {"threshold": threshold}) for threshold in (0.5, 0.8, 1.0, 1.1, 1.15)]


def make(disease, size, horizon=None, **more):
    scenario = metaenv.make_scenario(disease)
    scenario = scenario if horizon is None else replace(scenario, horizon=horizon)
    env_id = {"strobl2021": "metaenv/Strobl2021-v1", "prostate": "metaenv/Prostate-v1"}[disease]
    return gym.make_vec(
        env_id,
        num_envs=size,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.DISABLED,
        scenario=scenario,
        **more,
    )


def play(env, policy, patients):
    """Return of every patient."""
    observation, _ = env.reset(seed=[0] * len(patients), options={"patient": patients})
    waiting, total, state = np.ones(len(patients), dtype=bool), np.zeros(len(patients)), None
    while waiting.any():
        actions, state = policy.predict(observation, state)
        observation, rewards, terminated, truncated, _ = env.step(actions)
        total += np.where(waiting, rewards, 0.0)
        waiting &= ~(terminated | truncated)
    return total


def test_where_nothing_is_left_to_chance_no_patient_fares_worse_than_under_any_rule():
    env = make("strobl2021", len(PATIENTS), horizon=220.0)
    planned = play(env, Oracle(env, CONTAINMENT, budget=Budget(every=55, copies=1)), PATIENTS)
    ruled = np.array([play(env, make_rule(name, env, **more), PATIENTS) for name, more in CONTAINMENT])
    assert (planned >= ruled.max(axis=0) - 1e-9).all()
    assert (planned > ruled.min(axis=0) + 1e-9).any(), "rules that do equally well prove nothing"


def test_a_policy_that_takes_part_is_a_candidate_and_followed_where_it_is_the_best():
    """A constant half dose, which is none of the rules on offer, played by the oracle visit by visit as by itself."""
    env = make("strobl2021", len(PATIENTS), horizon=220.0)
    simple = SimplePolicies(Clinic.of(env), [Simple(doses=(Dose(level=0.5),))])
    alone = play(env, simple, PATIENTS)
    nothing = play(env, make_rule("no_treatment", env), PATIENTS)
    planned = play(
        env, Oracle(env, [("no_treatment", {})], budget=Budget(every=20, copies=1), policies=[simple]), PATIENTS
    )
    assert (alone > nothing + 1e-9).any(), "a candidate that is never the best proves nothing"
    assert (planned >= np.maximum(alone, nothing) - 1e-9).all()


def test_a_policy_that_remembers_no_rows_is_no_candidate():
    env = make("strobl2021", 2, horizon=220.0)

    class Forgetful:
        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return np.zeros((len(observation), 1), dtype=np.int64), None

    with pytest.raises(ValueError, match="must remember a row for each patient, got Forgetful"):
        Oracle(env, [("no_treatment", {})], budget=Budget(), policies=[Forgetful()])


@pytest.mark.parametrize("planner", [Oracle, partial(ModelPredictive, particles=4)])
def test_what_else_an_observation_shows_changes_no_plan(planner):
    rules = [("no_treatment", {}), ("at50", {})]
    returns = []
    for shown in ("clinic", "full"):
        env = make("prostate", 3, horizon=224.0, observation=shown)
        returns.append(play(env, planner(env, rules, budget=Budget(every=4, copies=2)), PATIENTS))
    assert np.array_equal(*returns)


def test_the_oracle_stays_below_the_exact_optimum():
    env = make("strobl2021", 1, horizon=250.0)
    planned = play(env, Oracle(env, CONTAINMENT, budget=Budget(every=25, copies=1)), PATIENTS[:1])[0]
    scenario = env.unwrapped.scenario
    optimum = Optimum.of(scenario, int(PATIENTS[0]), resistant=80, sizes=160)
    best = BestDoses(scenario, [optimum]).play()[0] / 365.25
    assert 0.85 * best < planned <= best + 1.0 / 365.25


def test_finalists_are_told_apart_with_new_luck_at_every_look():
    env = make("prostate", 2, horizon=560.0)
    names = ("no_treatment", "maximum_tolerated_dose", "at50")
    oracle = Oracle(env, [(name, {}) for name in names], budget=Budget(every=1_000, copies=2, finalists=2, looks=3))
    observation, _ = env.reset(seed=[0, 0], options={"patient": PATIENTS[:2]})
    tried, original = [], oracle._future
    oracle._future = lambda copies, chosen, *rest: (
        tried.append((chosen, original(copies, chosen, *rest))) or tried[-1][1]
    )
    _, course = oracle.predict(observation)
    assert len(tried) == 3 + 2 * 2
    first = np.stack([returns for _, returns in tried[:3]])
    again = [(chosen.reshape(2, 2)[:, 0], returns) for chosen, returns in tried[3:]]
    for patient in range(2):
        total = first[:, patient].copy()
        for chosen, returns in again:
            assert not np.isclose(returns[patient], first[chosen[patient], patient], rtol=1e-9)
            total[chosen[patient]] += returns[patient]
        finalists = {int(chosen[patient]) for chosen, _ in again}
        assert finalists == set(np.argsort(-first[:, patient])[:2])
        assert course.chosen[patient] == max(finalists, key=lambda each, total=total: total[each])


def test_what_a_patient_is_on_is_looked_at_again_however_poor_it_seemed(monkeypatch):
    env = make("prostate", 2)
    observation, _ = env.reset(seed=[0, 0], options={"patient": PATIENTS[:2]})
    names = ("no_treatment", "at50", "containment")
    oracle = Oracle(env, [(name, {}) for name in names], budget=Budget(every=1, finalists=2, looks=2))
    actions, course = oracle.predict(observation)
    observation, *_ = env.step(actions)
    tries = []

    def attempt(copies, course, candidate):
        tries.append(candidate)
        first_look = len(tries) <= 1 + len(names)
        return np.where(candidate == STAY, -10.0 if first_look else 100.0, 0.0)

    monkeypatch.setattr(oracle, "_try", attempt)
    _, after = oracle.predict(observation, course)
    assert len(tries) == 1 + len(names) + 2
    np.testing.assert_array_equal(after.chosen, course.chosen)


def test_planning_leaves_the_patients_as_they_are():
    env = make("prostate", 2, horizon=280.0)
    env.reset(seed=[0, 0], options={"patient": PATIENTS[:2]})
    before = env.unwrapped.snapshot()
    observation = env.unwrapped.reset(seed=[0, 0], options={"patient": PATIENTS[:2]})[0]
    Oracle(env, [("no_treatment", {}), ("at50", {})], budget=Budget(copies=2)).predict(observation)
    after = env.unwrapped.snapshot()
    for one, other in zip(
        (*before.cohort.state, *before.cohort.chart), (*after.cohort.state, *after.cohort.chart), strict=True
    ):
        assert np.array_equal(one, other)


def test_the_oracle_does_not_know_its_patients_luck():
    """With one copy of each it plans for another luck than comes: what it expects is not what happens."""
    env = make("prostate", 6, horizon=560.0)
    oracle = Oracle(env, [("maximum_tolerated_dose", {})], budget=Budget(every=1_000, copies=1))
    patients = np.arange(200_000, 200_006)
    expected = []
    original = oracle._future
    oracle._future = lambda *arguments: expected.append(original(*arguments)) or expected[-1]
    happened = play(env, oracle, patients)
    assert not np.allclose(expected[0], happened, rtol=1e-6)
    assert np.corrcoef(expected[0], happened)[0, 1] > 0.5


@pytest.mark.parametrize(("disease", "procedures"), [("prostate", True), ("prostate", False), ("strobl2021", False)])
def test_every_candidate_rule_can_treat(disease, procedures):
    env = make(disease, 1, local_therapy=procedures)
    observation, _ = env.reset(seed=0)
    entries = candidate_rules(Clinic.of(env))
    assert len({repr(entry) for entry in entries}) == len(entries) >= 8
    assert ({"local_first", "multimodal"} <= {name for name, _ in entries}) is procedures
    for name, parameters in entries:
        actions, _ = make_rule(name, env, **parameters).predict(observation)
        assert env.single_action_space.contains(actions[0])


def test_what_cannot_be_planned_is_refused():
    env = make("strobl2021", 2)
    with pytest.raises(ValueError, match="a rule or more"):
        Oracle(env, [], budget=Budget())
    with pytest.raises(ValueError, match="every must be >= 1, got 0"):
        Budget(every=0)
    oracle = Oracle(env, CONTAINMENT[:1], budget=Budget(every=1_000, copies=1))
    with pytest.raises(ValueError, match="treats the 2 patients"):
        oracle.predict(np.zeros((3, 5), dtype=np.float32))
    observation, _ = env.reset(seed=0)
    _, course = oracle.predict(observation, None, np.array([True, True]))
    with pytest.raises(ValueError, match="start together"):
        oracle.predict(observation, course, np.array([False, True]))
