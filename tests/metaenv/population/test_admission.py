"""Who comes to the clinic: seeds, episodes, ids and cohorts."""

import hashlib
import pickle

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metaenv
from metaenv.population.admission import Admissions, folded

EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)
PROSTATE = "metaenv/Prostate-v1"


def course(env, visits=4, **reset):
    results = [env.reset(**reset)]
    env.action_space.seed(0)
    for _ in range(visits):
        results.append(env.step(env.action_space.sample()))
        if results[-1][2]:  # died
            break
    return results


# ---- seeds


def test_the_operating_system_is_asked_for_a_seed_only_where_none_was_ever_given(monkeypatch):
    asked = []
    monkeypatch.setattr(np.random, "SeedSequence", lambda: asked.append(1) or np.random.PCG64(1).seed_seq)
    admissions = Admissions(3)
    admissions.by_reset([4, 5, 6], None)
    admissions.by_reset(None, None)
    assert not asked
    fresh = Admissions(3)
    fresh.by_reset([None, 5, None], None)
    assert len(asked) == 1
    assert fresh.seeds[2] - fresh.seeds[0] == 2


@EVERY
def test_same_seed_same_course(identifier, same):
    same(course(gym.make(identifier), seed=11), course(gym.make(identifier), seed=11))


@EVERY
def test_other_seeds_other_patients(identifier):
    env = gym.make(identifier)
    drawn = [env.reset(seed=seed)[1]["patient"] for seed in range(40)]
    assert len(set(drawn)) >= 39


@EVERY
def test_reset_without_a_seed_goes_on_with_new_patients_reproducibly(identifier, same):
    def three(env):
        return [course(env, seed=4), course(env), course(env)]

    one, other = three(gym.make(identifier)), three(gym.make(identifier))
    same(one, other)
    assert len({episode[0][1]["patient"] for episode in one}) == 3


def test_a_first_reset_without_a_seed_is_chance():
    drawn = {metaenv.MetastasisEnv().reset()[1]["patient"] for _ in range(4)}
    assert len(drawn) >= 3


def test_the_course_depends_on_nothing_but_the_seed(same):
    env = gym.make(PROSTATE)
    expected = course(env, seed=8)
    np.random.seed(1)  # noqa: NPY002
    other = gym.make(PROSTATE)
    course(other, seed=99)
    same(course(other, seed=8), expected, "after another episode and with another global generator")


@EVERY
def test_the_same_patient_meets_other_luck_under_another_seed(identifier, same):
    env = gym.make(identifier)
    differ = []
    for patient in range(3, 8):  # some patients may have nothing that could change
        one, other = (course(env, seed=seed, options={"patient": patient}) for seed in (1, 2))
        assert one[0][1]["burden"] == other[0][1]["burden"]  # who the patient is does not depend on luck
        differ.append(one[-1][-1]["burden"] != other[-1][-1]["burden"])
    assert any(differ) == env.unwrapped.scenario.stochastic


@EVERY
def test_the_same_patient_meets_the_same_luck_under_the_same_seed(identifier, same):
    env = gym.make(identifier)
    one = course(env, seed=1, options={"patient": 200_003})
    env.reset(seed=5)
    same(course(env, seed=1, options={"patient": 200_003}), one)


# ---- seeds of any size


LARGE = (2**62, 2**63, 2**64 - 1, 2**64, 2**200)


@pytest.mark.parametrize("seed", [*LARGE, np.uint64(2**63), np.uint64(2**64 - 1)])
def test_every_whole_seed_is_a_seed_and_gives_the_same_course_again(seed, same):
    env, twin = gym.make(PROSTATE), gym.make(PROSTATE)
    same(course(env, seed=int(seed)), course(twin, seed=int(seed)))
    crowd = metaenv.MetastasisVectorEnv(2)
    drawn = crowd.reset(seed=seed)[1]["patient"]
    assert drawn.tolist() == [env.reset(seed=int(seed) + k)[1]["patient"] for k in range(2)]
    assert env.unwrapped.reset(seed=seed)[1]["patient"] == drawn[0]
    assert env.unwrapped.np_random_seed == int(seed)


def test_seeds_are_themselves_below_2_to_the_62_and_then_differ_from_one_another():
    assert [folded(seed) for seed in (0, 7, 2**62 - 1)] == [0, 7, 2**62 - 1]
    large = [folded(seed) for first in LARGE for seed in range(first, first + 1000)]
    assert len(set(large)) == len(set(range(2**62, 2**62 + 1000)) | {s + k for s in LARGE for k in range(1000)})
    assert all(0 <= seed < 2**62 for seed in large)


def test_large_seeds_are_folded_by_the_documented_hash():
    digest = hashlib.blake2b((2**63 + 5).to_bytes(8, "little"), digest_size=8).digest()
    assert folded(2**63 + 5) == int.from_bytes(digest, "little") % 2**62
    env = metaenv.MetastasisEnv()
    env.reset(seed=2**63 + 5)
    assert env.snapshot().seeds.tolist() == [folded(2**63 + 5)]


def test_rows_of_a_vector_are_seeded_across_the_border():
    env = metaenv.MetastasisVectorEnv(3)
    env.reset(seed=2**62 - 2)
    assert env.snapshot().seeds.tolist() == [2**62 - 2, 2**62 - 1, folded(2**62)]
    env.reset(seed=[2**100, None, 5])
    assert env.snapshot().seeds.tolist() == [folded(2**100), 2**62 - 1, 5]


# ---- patients and cohorts


@EVERY
@pytest.mark.parametrize("patient", [0, 1, 99_999, 123_456, 299_999, 10**9, 2**62 - 1])
def test_patients_are_chosen_by_id(identifier, patient):
    env = gym.make(identifier)
    assert env.reset(seed=0, options={"patient": patient})[1]["patient"] == patient
    assert env.reset(seed=7, options={"patient": np.int64(patient)})[1]["patient"] == patient


def test_patients_differ():
    env = metaenv.MetastasisVectorEnv(64)
    env.reset(seed=0, options={"patient": np.arange(64)})
    for value in (env.cohort.patients.birth[:, 0], env.cohort.patients.kill[:, 0], env.cohort.report.truth["burden"]):
        assert np.unique(value).size == 64


def test_cohorts_are_disjoint_and_named():
    ranges = list(metaenv.COHORTS.values())
    assert set(metaenv.COHORTS) == {"train", "validation", "test"}
    assert metaenv.COHORTS["train"] == range(0, 100_000)
    assert metaenv.COHORTS["validation"] == range(100_000, 200_000)
    assert metaenv.COHORTS["test"].start == 200_000
    for k, one in enumerate(ranges):
        assert all(one.stop <= other.start or other.stop <= one.start for other in ranges[k + 1 :])


@pytest.mark.parametrize("cohort", metaenv.COHORTS)
@EVERY
def test_cohorts_draw_from_their_range(identifier, cohort):
    env = metaenv.MetastasisVectorEnv(500, disease=gym.spec(identifier).kwargs["disease"])
    drawn = env.reset(seed=0, options={"cohort": cohort})[1]["patient"]
    allowed = metaenv.COHORTS[cohort]
    assert all(int(patient) in allowed for patient in drawn)
    assert np.unique(drawn).size > 490
    spread = (drawn - allowed.start) / len(allowed)
    assert abs(spread.mean() - 0.5) < 0.05 and spread.min() < 0.02 and spread.max() > 0.98


def test_without_options_and_at_autoreset_patients_come_from_the_train_cohort(brief):
    env = metaenv.MetastasisVectorEnv(50, scenario=brief(PROSTATE, 1))
    env.reset(seed=0, options={"cohort": "test"})
    env.step(np.zeros((50, 2)))
    for _ in range(2):
        patients = env.step(np.zeros((50, 2)))[-1]["patient"]
    assert all(int(patient) in metaenv.COHORTS["train"] for patient in patients)
    assert all(int(patient) in metaenv.COHORTS["train"] for patient in env.reset(seed=3)[1]["patient"])


def test_row_k_is_seeded_with_seed_plus_k(same):
    crowd, env = metaenv.MetastasisVectorEnv(5), metaenv.MetastasisEnv()
    drawn = crowd.reset(seed=40)[1]["patient"]
    assert drawn.tolist() == [env.reset(seed=40 + k)[1]["patient"] for k in range(5)]
    assert drawn.tolist() == crowd.reset(seed=[40, 41, 42, 43, 44])[1]["patient"].tolist()


def test_none_in_a_list_of_seeds_goes_on_with_that_row():
    env, twin = metaenv.MetastasisVectorEnv(3), metaenv.MetastasisVectorEnv(3)
    env.reset(seed=1)
    twin.reset(seed=1)
    mixed = env.reset(seed=[7, None, 9])[1]["patient"]
    going_on = twin.reset()[1]["patient"]
    assert mixed[1] == going_on[1]
    assert mixed[0] == metaenv.MetastasisEnv().reset(seed=7)[1]["patient"]


def test_none_in_the_first_list_of_seeds_is_chance():
    drawn = {int(metaenv.MetastasisVectorEnv(2).reset(seed=[None, 1])[1]["patient"][0]) for _ in range(4)}
    assert len(drawn) >= 3


@given(seed=st.integers(0, 2**70), patient=st.integers(0, 2**62 - 1))
def test_every_seed_and_id_gives_a_finite_patient_inside_the_space(seed, patient):
    env = metaenv.MetastasisEnv()
    for options in ({"patient": patient}, {"cohort": "test"}, None):
        observation, info = env.reset(seed=seed, options=options)
        assert env.observation_space.contains(observation)
        assert info["burden"] > 0.0 and info["lesions"] >= 1


def test_numpy_integers_are_seeds_everywhere():
    expected = metaenv.MetastasisEnv().reset(seed=5)[1]["patient"]
    assert metaenv.MetastasisEnv().reset(seed=np.int64(5))[1]["patient"] == expected
    assert metaenv.MetastasisVectorEnv(2).reset(seed=np.int64(5))[1]["patient"][0] == expected
    assert metaenv.MetastasisEnv().reset(seed=np.array(5))[1]["patient"] == expected
    assert metaenv.MetastasisVectorEnv(2).reset(seed=np.array([5, 6]))[1]["patient"][0] == expected


# ---- bad input


def refuses(env, words, **reset):
    before = pickle.dumps(env.snapshot())
    with pytest.raises((TypeError, ValueError)) as caught:
        env.reset(**reset)
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"
    assert pickle.dumps(env.snapshot()) == before, "a refused reset changes nothing"


BAD = [
    ({"seed": -1}, ["seed", ">= 0", "-1"]),
    ({"seed": 1.5}, ["seed", "whole number", "1.5"]),
    ({"seed": True}, ["seed", "whole number", "True"]),
    ({"seed": "7"}, ["seed", "'7'"]),
    ({"options": {"patience": 3}}, ["option", "'patience'", "patient", "cohort", "reset_mask"]),
    ({"options": {"cohort": "controls"}}, ["cohort", "'controls'", "train", "validation", "test"]),
    ({"options": {"cohort": 3}}, ["cohort", "3", "train"]),
    ({"options": {"cohort": ["train"]}}, ["cohort", "train"]),
    ({"options": {"cohort": "test", "patient": 3}}, ["'patient'", "'cohort'", "exclude"]),
    ({"options": {"patient": -1}}, ["patient", "[0, 2**62)", "-1"]),
    ({"options": {"patient": 2**62}}, ["patient", "[0, 2**62)"]),
    ({"options": {"patient": 2**63}}, ["patient", "[0, 2**62)"]),
    ({"options": {"patient": 10**30}}, ["patient"]),
    ({"options": {"patient": 1.0}}, ["patient", "whole number", "1.0"]),
    ({"options": {"patient": True}}, ["patient", "True"]),
    ({"options": {"patient": "first"}}, ["patient", "first"]),
    ({"options": {"patient": [1, 2, 3, 4, 5]}}, ["patient", "whole number", "(5,)"]),
    ({"options": "patient"}, ["options", "'patient'"]),
    ({"options": 3}, ["options", "3"]),
]


@pytest.mark.parametrize(("reset", "words"), BAD)
def test_single_reset_refuses(reset, words):
    env = metaenv.MetastasisEnv()
    env.reset(seed=0)
    refuses(env, words, **reset)


@pytest.mark.parametrize(
    ("reset", "words"),
    [
        *BAD,
        ({"seed": [1, 2]}, ["seed", "3", "2"]),
        ({"seed": [1, -2, 3]}, ["seed", "-2"]),
        ({"seed": [1, 2.5, 3]}, ["seed", "2.5"]),
        ({"options": {"patient": [1, -2, 3]}}, ["patient", "-2"]),
        ({"options": {"patient": [1, 2]}}, ["patient", "3", "[1, 2]"]),
        ({"options": {"reset_mask": np.ones(2, bool)}}, ["reset_mask", "3 booleans", "(2,)"]),
        ({"options": {"reset_mask": np.ones(3)}}, ["reset_mask", "3 booleans", "float64"]),
        ({"options": {"reset_mask": "all"}}, ["reset_mask", "3 booleans"]),
        ({"options": {"reset_mask": np.zeros(3, bool)}}, ["reset_mask"]),
    ],
)
def test_vector_reset_refuses(reset, words):
    env = metaenv.MetastasisVectorEnv(3)
    env.reset(seed=0)
    refuses(env, words, **reset)
