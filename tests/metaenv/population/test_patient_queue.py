"""Who comes where no option of a reset says otherwise: a cohort, or a list of patients each in its turn."""

import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import metaenv

PROSTATE = "metaenv/Prostate-v1"
IDS = [200_000, 7, 200_031, 99, 2**62 - 1, 3]
RESETTING = pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])


def treated(env, episodes, **reset):
    """Who came in the episodes of a single environment, by resets."""
    who = []
    for _ in range(episodes):
        who.append(int(env.reset(**reset)[1]["patient"]))
        reset = {}
        while not any(env.step(env.action_space.sample())[2:4]):
            pass
    return who


def admitted(env, episodes, seed=0):
    """Who came into each row of a vector environment in its first episodes, by autoreset."""
    infos = env.reset(seed=seed)[1]
    who = [[int(patient)] for patient in infos["patient"]]
    while min(map(len, who)) < episodes:
        infos = env.step(np.zeros(env.action_space.shape))[-1]  # nobody dies of a procedure on the first day
        for row in np.flatnonzero(infos["day"] == 0.0):
            who[row].append(int(infos["patient"][row]))
    return [row[:episodes] for row in who]


# ---- cohorts


@pytest.mark.parametrize("cohort", metaenv.COHORTS)
def test_every_later_reset_draws_from_the_cohort_of_the_constructor(cohort, brief):
    env = gym.make(PROSTATE, cohort=cohort, scenario=brief(PROSTATE, 1))
    who = treated(env, 20, seed=4)
    assert all(patient in metaenv.COHORTS[cohort] for patient in who) and len(set(who)) >= 19
    drawn = [gym.make(PROSTATE).reset(seed=4, options={"cohort": cohort})[1]["patient"]]
    assert who[:1] == drawn  # the option draws the same of the same seed


@RESETTING
def test_every_autoreset_draws_from_the_cohort_of_the_constructor(mode, brief, vector):
    env = vector(PROSTATE, 6, mode, cohort="test", scenario=brief(PROSTATE, 1))
    who = admitted(env, 4)
    assert all(patient in metaenv.COHORTS["test"] for row in who for patient in row)


def test_masked_resets_draw_from_the_cohort_of_the_constructor(brief, vector):
    env = vector(PROSTATE, 6, AutoresetMode.DISABLED, cohort="validation", scenario=brief(PROSTATE, 1))
    for seed in (0, None, None):
        patients = env.reset(seed=seed, options={"reset_mask": np.ones(6, bool)})[1]["patient"]
        assert all(int(patient) in metaenv.COHORTS["validation"] for patient in patients)


@pytest.mark.parametrize("arguments", [{"cohort": "test"}, {"patients": [200_000, 200_001, 200_002]}])
def test_options_hold_for_their_reset_alone(arguments):
    env = metaenv.MetastasisEnv(**arguments)
    assert env.reset(seed=0, options={"patient": 5})[1]["patient"] == 5
    assert env.reset()[1]["patient"] in metaenv.COHORTS["test"]
    assert env.reset(options={"cohort": "train"})[1]["patient"] in metaenv.COHORTS["train"]
    assert env.reset()[1]["patient"] in metaenv.COHORTS["test"]


def test_without_arguments_patients_and_chance_are_those_of_the_train_cohort(same):
    plain, named = metaenv.MetastasisEnv(), metaenv.MetastasisEnv(cohort="train")
    for seed in (9, None, None):
        same(plain.reset(seed=seed), named.reset(seed=seed))
    assert plain.reset(seed=0)[1]["patient"] == 60_685  # as it has been since version 0


# ---- a list of patients


def test_successive_episodes_treat_the_listed_patients_in_order_and_then_again(brief):
    env = gym.make(PROSTATE, patients=IDS, scenario=brief(PROSTATE, 1))
    assert treated(env, 2 * len(IDS) + 1, seed=3) == IDS + IDS + IDS[:1]
    assert treated(env, 2, seed=8) == IDS[:2]  # a seed begins anew


@pytest.mark.parametrize("patients", [tuple(IDS), np.array(IDS), range(200_000, 200_006)])
def test_lists_of_patients_may_be_any_sequence(patients):
    env = metaenv.MetastasisEnv(patients=patients)
    assert [env.reset()[1]["patient"] for _ in patients] == list(patients)


def test_the_fate_of_a_listed_patient_is_that_of_its_seed_episode_and_id(same):
    listed, named = metaenv.MetastasisEnv(patients=IDS), metaenv.MetastasisEnv()
    for episode, patient in enumerate(IDS):
        seed = 6 if episode == 0 else None
        same(listed.reset(seed=seed), named.reset(seed=seed, options={"patient": patient}))
        same(listed.step([2, 1]), named.step([2, 1]))


def test_a_patient_may_be_listed_many_times_and_meets_other_luck():
    env = metaenv.MetastasisEnv(patients=[11, 11])
    burdens = []
    for _ in range(2):
        assert env.reset()[1]["patient"] == 11
        burdens.append(env.step([0, 0])[-1]["burden"])
    assert burdens[0] != burdens[1]


def test_shuffled_patients_come_in_an_order_of_the_seed_the_same_in_every_pass(brief):
    ids = list(range(200_000, 200_040))
    env = gym.make(PROSTATE, patients=ids, shuffle=True, scenario=brief(PROSTATE, 1))
    first, other = treated(env, 80, seed=1), treated(env, 40, seed=2)
    assert sorted(first[:40]) == ids and first[:40] == first[40:]
    assert sorted(other) == ids and other != first[:40] and first[:40] != ids
    assert treated(env, 40, seed=1) == first[:40]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("count", [8, 12, 13, 15])
@RESETTING
def test_rows_share_out_the_patients_with_none_twice_and_none_skipped(mode, count, shuffle, brief, vector):
    ids, rows = list(range(200_000, 200_000 + count)), 4
    env = vector(PROSTATE, rows, mode, patients=ids, shuffle=shuffle, scenario=brief(PROSTATE, 2, 0.3))
    targets = [(count + row) // rows for row in range(rows)]  # as Stable-Baselines3 counts
    who = admitted(env, 2 * max(targets))
    shares = [row[:target] for row, target in zip(who, targets, strict=True)]
    assert sorted(patient for share in shares for patient in share) == ids
    for row, target in zip(who, targets, strict=True):
        assert row[:target] == row[target : 2 * target]  # and again
    if count % rows == 0 and not shuffle:
        assert shares == [ids[row::rows] for row in range(rows)]


def test_masked_resets_go_on_with_the_shares(vector):
    env = vector(PROSTATE, 3, AutoresetMode.DISABLED, patients=range(9))
    assert env.reset(seed=0)[1]["patient"].tolist() == [0, 1, 2]
    assert env.reset(options={"reset_mask": np.array([True, False, True])})[1]["patient"].tolist() == [3, 1, 5]
    assert env.reset()[1]["patient"].tolist() == [6, 4, 8]


def test_snapshots_and_pickles_go_on_with_the_list():
    env = metaenv.MetastasisEnv(patients=IDS, shuffle=True)
    env.reset(seed=2)
    snapshot, twin = env.snapshot(), pickle.loads(pickle.dumps(env))
    expected = [env.reset()[1]["patient"] for _ in IDS]
    assert [twin.reset()[1]["patient"] for _ in IDS] == expected
    env.restore(snapshot)
    assert [env.reset()[1]["patient"] for _ in IDS] == expected


# ---- other people's loops


def test_a_gymnasium_vector_of_shares_treats_each_patient_once(brief):
    scenario, ids = brief(PROSTATE, 1), list(range(200_000, 200_008))
    makers = [lambda k=k: gym.make(PROSTATE, patients=ids[k::4], scenario=scenario) for k in range(4)]
    assert admitted(SyncVectorEnv(makers, autoreset_mode=AutoresetMode.NEXT_STEP), 2) == [ids[k::4] for k in range(4)]


class Nothing:
    """A policy that treats nobody, with the one method that Stable-Baselines3 evaluates."""

    def __init__(self, env):
        self.action = np.zeros((env.num_envs, *env.action_space.shape), dtype=np.int64)

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        return self.action, state


def evaluated(vec_env, episodes, times=3):
    """Whom Stable-Baselines3's `evaluate_policy` counts, evaluation by evaluation."""
    evaluation = pytest.importorskip("stable_baselines3.common.evaluation")
    found = []
    for _ in range(times):
        who = []
        evaluation.evaluate_policy(
            Nothing(vec_env),
            vec_env,
            n_eval_episodes=episodes,
            warn=False,
            callback=lambda local, _, who=who: (
                who.append(int(local["info"]["patient"]))
                if local["done"] and local["episode_counts"][local["i"]] < local["episode_count_targets"][local["i"]]
                else None
            ),
        )
        found.append(who)
    return found


def test_stable_baselines_evaluates_the_same_patients_once_each_three_times(brief):
    vec_env = pytest.importorskip("stable_baselines3.common.vec_env")
    ids, scenario = list(range(200_000, 200_007)), brief(PROSTATE, 3, 0.3)
    for shares in ([ids], [ids[(k + len(ids)) % 4 :: 4] for k in range(4)]):  # as the environment's page says
        makers = [lambda mine=mine: gym.make(PROSTATE, patients=mine, scenario=scenario) for mine in shares]
        for who in evaluated(vec_env.DummyVecEnv(makers), len(ids)):
            assert sorted(who) == ids


@pytest.mark.slow  # two processes start
def test_stable_baselines_evaluates_the_same_patients_in_processes_of_their_own(brief):
    vec_env = pytest.importorskip("stable_baselines3.common.vec_env")
    ids = list(range(200_000, 200_006))
    there = f"metaenv:{PROSTATE}"  # a process of its own imports the package first
    makers = [lambda k=k: gym.make(there, patients=ids[k::2], horizon=84.0) for k in range(2)]
    env = vec_env.SubprocVecEnv(makers)
    try:
        for who in evaluated(env, len(ids)):
            assert sorted(who) == ids
    finally:
        env.close()
