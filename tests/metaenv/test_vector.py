"""The vector environment is so many single environments, bit by bit, whatever the mode, the threads or the order."""

import pickle

import gymnasium as gym
import numba
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import metaenv
from metaenv import cohort as cohorts
from metaenv.scenario.variation import vary
from metaenv.threads import PATIENTS_PER_THREAD, PIECE

ACTIONS = ("levels", "continuous", "joint")
OBSERVATIONS = ("clinic", "full")
SIZE = 4
HAZARD = 0.3  # /day at the lethal burden: about half of the patients die within eight visits


def singles(identifier, mode, **arguments):
    makers = [lambda: gym.make(identifier, disable_env_checker=True, **arguments)] * SIZE
    return SyncVectorEnv(makers, autoreset_mode=mode)


def actions_of(env, visits, seed=0):
    env.action_space.seed(seed)
    return [env.action_space.sample() for _ in range(visits)]


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("observation", OBSERVATIONS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_vector_is_so_many_single_environments(identifier, action, observation, mode, brief, vector, same):
    arguments = {"action": action, "observation": observation, "scenario": brief(identifier, 6, HAZARD)}
    native, reference = vector(identifier, SIZE, mode, **arguments), singles(identifier, mode, **arguments)
    same(native.reset(seed=3), reference.reset(seed=3), "reset")
    same(native.unwrapped.action_masks(), np.stack(reference.call("action_masks")), "masks")
    ends = {"terminated": 0, "truncated": 0}
    for visit, actions in enumerate(actions_of(native, 20)):
        ours, theirs = native.step(actions), reference.step(actions)
        same(ours, theirs, f"visit {visit}")
        same(native.unwrapped.action_masks(), np.stack(reference.call("action_masks")), f"masks at visit {visit}")
        ends["terminated"] += int(ours[2].sum())
        ends["truncated"] += int(ours[3].sum())
    assert ends["truncated"] >= 3
    if "Prostate" in identifier:
        assert ends["terminated"] >= 1  # death by chance, resets and all


@pytest.mark.parametrize("action", ACTIONS)
def test_vector_with_local_therapy_is_so_many_single_environments(action, brief, vector, same):
    identifier, mode = "metaenv/Prostate-v1", AutoresetMode.NEXT_STEP
    scenario = vary(brief(identifier, 6, local_therapy=True), {"local_therapy.most_lesions": 1000})
    arguments = {"action": action, "scenario": scenario}
    native, reference = vector(identifier, SIZE, mode, **arguments), singles(identifier, mode, **arguments)
    same(native.reset(seed=3), reference.reset(seed=3), "reset")
    done = 0
    for visit, actions in enumerate(actions_of(native, 8)):
        ours = native.step(actions)
        same(ours, reference.step(actions), f"visit {visit}")
        done += (ours[4]["procedure"] > 0).sum()
    assert done > 0


@pytest.mark.parametrize("observation", OBSERVATIONS)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_vector_with_masked_resets_is_so_many_single_environments(identifier, action, observation, brief, vector, same):
    mode = AutoresetMode.DISABLED
    arguments = {"action": action, "observation": observation, "scenario": brief(identifier, 6, HAZARD)}
    native, reference = vector(identifier, SIZE, mode, **arguments), singles(identifier, mode, **arguments)
    same(native.reset(seed=[9, 4, 4, 1]), reference.reset(seed=[9, 4, 4, 1]), "reset")
    for visit, actions in enumerate(actions_of(native, 16)):
        ours, theirs = native.step(actions), reference.step(actions)
        same(ours, theirs, f"visit {visit}")
        mask = ours[2] | ours[3]
        mask[visit % SIZE] |= visit % 5 == 4  # also one that has not finished
        if mask.any():
            seed = None if visit % 2 else 100 + visit
            observation_, infos = native.reset(seed=seed, options={"reset_mask": mask.copy()})
            expected, partial = reference.reset(seed=seed, options={"reset_mask": mask.copy()})
            same(observation_, expected, f"masked reset after visit {visit}")
            for name in partial:
                same(infos[name][mask], partial[name][mask], f"info {name} after visit {visit}")


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_finished_patients_wait_unchanged_until_a_masked_reset(identifier, brief, vector, same):
    env = vector(identifier, 6, scenario=brief(identifier, 5, HAZARD))
    env.reset(seed=1)
    last, days = None, {}
    for actions in actions_of(env, 8):
        observation, reward, terminated, truncated, infos = env.step(actions)
        if last is not None:
            waiting = last[2] | last[3]
            assert (reward[waiting] == 0.0).all()
            same(observation[waiting], last[0][waiting], "observation of the waiting")
            same((terminated[waiting], truncated[waiting]), (last[2][waiting], last[3][waiting]), "flags")
            for name in infos:
                if not name.startswith(("reward/", "cost", "_")):
                    same(infos[name][waiting], last[4][name][waiting], f"info {name} of the waiting")
                elif not name.startswith("_"):
                    assert (infos[name][waiting] == 0.0).all()
        last = observation, reward, terminated, truncated, infos
        days = infos["day"].copy()
    assert (last[2] | last[3]).all()
    mask = np.array([True, False, True, False, False, False])
    _, infos = env.reset(options={"reset_mask": mask})
    assert (infos["day"][mask] == 0.0).all()
    same(infos["day"][~mask], days[~mask], "days of those who were not reset")
    _, _, terminated, truncated, infos = env.step(env.action_space.sample())
    assert ((infos["day"] > 0.0) & (infos["day"] <= env.scenario.visit_interval))[mask].all()
    same(infos["day"][~mask], days[~mask], "days of those who still wait")
    assert (terminated | truncated)[~mask].all()


SPELLINGS = {
    AutoresetMode.NEXT_STEP: ["NextStep", "NEXT_STEP", "next_step", "nextstep", AutoresetMode.NEXT_STEP],
    AutoresetMode.SAME_STEP: ["SameStep", "SAME_STEP", "same_step", "SAMESTEP", AutoresetMode.SAME_STEP],
    AutoresetMode.DISABLED: ["Disabled", "DISABLED", "disabled", AutoresetMode.DISABLED],
}


@pytest.mark.parametrize(("mode", "spelling"), [(mode, each) for mode, all_ in SPELLINGS.items() for each in all_])
def test_autoreset_modes_have_names_in_any_case_and_are_announced_in_the_metadata(mode, spelling):
    env = gym.make_vec("metaenv/Strobl2021-v1", num_envs=2, autoreset_mode=spelling)
    assert env.unwrapped.autoreset_mode is mode
    assert env.metadata["autoreset_mode"] is mode


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_default_mode_is_next_step(identifier):
    env = gym.make_vec(identifier, num_envs=2)
    assert isinstance(env.unwrapped, metaenv.MetastasisVectorEnv)
    assert env.unwrapped.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def course(env, actions, rows=slice(None), **reset):
    """What the patients of some rows meet: (observations, rewards, flags, infos) of every visit."""
    observation, infos = env.reset(**reset)
    visits = [(observation[rows], {name: value[rows] for name, value in infos.items()})]
    for action in actions:
        *results, infos = env.step(action)
        visits.append((*(result[rows] for result in results), {name: value[rows] for name, value in infos.items()}))
    return visits


def test_actions_in_another_order_in_memory_are_the_same_actions_and_compile_nothing_anew(vector, same):
    env = vector("metaenv/Prostate-v1", 8, AutoresetMode.NEXT_STEP)
    actions = actions_of(env, 2)
    rows = course(env, actions, seed=5)
    compiled = len(getattr(cohorts.visit_each, "signatures", ()))
    same(course(env, [np.asfortranarray(action) for action in actions], seed=5), rows, "column by column")
    assert len(getattr(cohorts.visit_each, "signatures", ())) == compiled


@pytest.fixture
def threads():
    kept = numba.get_num_threads()
    yield numba.set_num_threads
    numba.set_num_threads(kept)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="needs two threads")
@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_one_and_two_threads_agree_bitwise(identifier, brief, vector, same, threads, monkeypatch):
    """With so many patients that two threads do share them."""
    env = vector(identifier, 2 * PATIENTS_PER_THREAD, AutoresetMode.NEXT_STEP, scenario=brief(identifier, 4, HAZARD))
    actions, pieces = actions_of(env, 8), []
    visit_each = cohorts.visit_each

    def seen(ward, doses, active, first, last):
        pieces.append((first, last))
        visit_each(ward, doses, active, first, last)

    monkeypatch.setattr(cohorts, "visit_each", seen)
    threads(1)
    alone = course(env, actions, seed=5)
    assert set(pieces) == {(0, env.num_envs)}
    pieces.clear()
    threads(2)
    same(course(env, actions, seed=5), alone, "two threads")
    treated = sorted(piece for piece in pieces if piece[0] < piece[1])
    assert treated == sorted([(k, k + PIECE) for k in range(0, env.num_envs, PIECE)] * len(actions))


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_one_patient_alone_is_the_same_among_4096(identifier, vector, same):
    crowd, row, patient, seed = vector(identifier, 4096), 2718, 200_017, 77
    identities = np.arange(4096) + 100_000
    seeds = list(range(4096))
    identities[row], seeds[row] = patient, seed
    actions = actions_of(crowd, 2)
    among = course(crowd, actions, slice(row, row + 1), seed=seeds, options={"patient": identities})
    single = vector(identifier, 1)
    alone = course(single, [action[row : row + 1] for action in actions], seed=[seed], options={"patient": patient})
    same(among, alone, "among 4,096")


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_order_of_rows_does_not_matter(identifier, brief, vector, same):
    env = vector(identifier, 24, scenario=brief(identifier, 4, HAZARD))
    identities, seeds, order = np.arange(24) * 7, np.arange(24) + 50, np.random.default_rng(0).permutation(24)
    actions = actions_of(env, 5)
    straight = course(env, actions, order, seed=seeds.tolist(), options={"patient": identities})
    shuffled = course(
        env, [a[order] for a in actions], seed=seeds[order].tolist(), options={"patient": identities[order]}
    )
    same(shuffled, straight, "shuffled")


def test_results_are_copies_that_later_steps_do_not_change(vector, same):
    env = vector("metaenv/Prostate-v1", 3)
    first = env.reset(seed=0)
    kept = [first[0].copy(), {name: value.copy() for name, value in first[1].items()}]
    second = env.step(env.action_space.sample())
    for name, value in second[4].items():
        value.fill(0)
        assert not np.shares_memory(value, first[1][name])
    second[0].fill(0.0)
    second[1].fill(0.0)
    same(list(first), kept, "the reset's results")
    env.step(env.action_space.sample())
    same(list(first), kept, "the reset's results")
    assert env.unwrapped.cohort.report.observation.any()


def test_vector_infos_carry_a_mask_for_every_key(vector):
    env = vector("metaenv/Prostate-v1", 3)
    for infos in (env.reset(seed=0)[1], env.step(env.action_space.sample())[4]):
        names = {name for name in infos if not name.startswith("_")}
        assert {f"_{name}" for name in names} == infos.keys() - names
        assert all(infos[f"_{name}"].dtype == np.bool_ and infos[f"_{name}"].all() for name in names)
        assert all(infos[name].shape[0] == 3 for name in names)


def test_rewards_and_flags_have_the_types_of_gymnasium(vector):
    env = vector("metaenv/Prostate-v1", 3)
    observation, _ = env.reset(seed=0)
    assert observation.dtype == np.float32 and env.observation_space.contains(observation)
    observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
    assert env.observation_space.contains(observation)
    assert (reward.dtype, terminated.dtype, truncated.dtype) == (np.float64, np.bool_, np.bool_)


def treated(env, snapshot, visits):
    """Burdens along a fixed plan from a snapshot on, (visit, patient)."""
    env.unwrapped.restore(snapshot)
    full = np.full((env.num_envs, *env.single_action_space.shape), 1, dtype=np.int64)
    return np.array([env.step(full)[4]["burden"].copy() for _ in range(visits)])


def test_copies_with_other_luck_die_by_the_hazard_from_here_on_alone(vector):
    """Of many copies of one who has survived a high hazard, so many die at the next visit as its hazard says."""
    patients, copies = 64, 2_000
    few, many = (vector("metaenv/Prostate-v1", size, AutoresetMode.DISABLED) for size in (patients, copies))
    few.reset(seed=0)
    many.reset(seed=0)
    host, survived = few.unwrapped.cohort.state.host, np.zeros(patients)
    while survived.max() < 0.5:
        few.step(np.tile([2, 0], (patients, 1)))
        survived = np.where(host["cause"] == 0, host["hazard"], 0.0)
    rows = np.full(copies, survived.argmax())
    many.unwrapped.restore(few.unwrapped.snapshot().copies(rows, np.arange(copies)))
    _, _, dead, _, info = many.step(np.tile([2, 0], (copies, 1)))
    assert info["day"].min() > host["day"][rows[0]]
    hazard = many.unwrapped.cohort.state.host["hazard"][~dead].mean()  # of this visit
    share = 1.0 - np.exp(-hazard)
    assert dead.mean() == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / copies))


def test_copies_have_the_future_of_their_patient_or_one_with_other_luck(vector):
    identifier, rows = "metaenv/Prostate-v1", np.array([2, 0, 2, 1, 1])
    few, many = (vector(identifier, size, AutoresetMode.DISABLED) for size in (3, 5))
    few.reset(seed=4)
    many.reset(seed=9)
    few.step(np.ones((3, 2), dtype=np.int64))
    snapshot = few.unwrapped.snapshot()
    same_luck = treated(many, snapshot.copies(rows), 5)
    other_luck = treated(many, snapshot.copies(rows, np.array([0, 0, 1, 0, 0])), 5)
    assert np.array_equal(same_luck, treated(few, snapshot, 5)[:, rows])
    assert not np.array_equal(same_luck[-1], other_luck[-1])
    assert other_luck[-1, 0] != other_luck[-1, 2] and np.array_equal(other_luck[:, 3], other_luck[:, 4])
    with pytest.raises(ValueError, match="arrays of shape"):
        few.unwrapped.restore(snapshot.copies(rows))
    with pytest.raises(ValueError, match=r"rows must be a list of numbers in 0 … 2, got \[3\]"):
        snapshot.copies(np.array([3]))
    for luck in ([0], [0, -1]):
        with pytest.raises(ValueError, match="luck must be 2 whole numbers in"):
            snapshot.copies(np.array([0, 1]), np.array(luck))


# ---- call, get_attr and set_attr, as Gymnasium's own vector environments have them


@pytest.mark.parametrize("identifier", ["metaenv/Prostate-v1", "metaenv/Strobl2021-v1"])
@pytest.mark.parametrize("action", ACTIONS)
def test_calls_answer_as_so_many_single_environments(identifier, action, vector, same):
    arguments = {"action": action, "render_mode": "ansi"}
    native = vector(identifier, SIZE, AutoresetMode.NEXT_STEP, **arguments)
    reference = singles(identifier, AutoresetMode.NEXT_STEP, **arguments)
    native.reset(seed=3)
    reference.reset(seed=3)
    for name in ("action_masks", "render"):
        same(native.call(name), reference.call(name), name)
    for ours, theirs in zip(native.call("sample_mask"), reference.call("sample_mask"), strict=True):
        same([] if ours is None else ours, [] if theirs is None else theirs, "sample_mask")
    for name in ("scenario", "render_mode", "action_space", "observation_space"):
        assert native.get_attr(name) == reference.get_attr(name), name
    assert [layout.names for layout in native.get_attr("layout")] == [
        each.names for each in reference.get_attr("layout")
    ]
    assert native.get_attr("metadata")[0]["render_modes"] == reference.get_attr("metadata")[0]["render_modes"]
    assert [spec.id for spec in native.get_attr("spec")] == [identifier] * SIZE


def test_attributes_of_ones_own_are_kept_row_by_row_in_pickles_too(vector):
    env = vector("metaenv/Prostate-v1", 3)
    env.set_attr("hospital", ["A", "B", "C"])
    env.set_attr("dose", lambda factor: 2 * factor)
    env.set_attr("arm", "control")
    assert env.get_attr("hospital") == env.call("hospital") == ("A", "B", "C")
    assert env.call("dose", 4) == (8, 8, 8) and env.get_attr("arm") == ("control",) * 3
    env.set_attr("dose", None)
    assert pickle.loads(pickle.dumps(env)).get_attr("hospital") == ("A", "B", "C")


def test_calls_refuse_what_no_row_has_and_what_all_rows_share(vector):
    env = vector("metaenv/Prostate-v1", 3)
    with pytest.raises(AttributeError, match=r"no 'hospital' in a row .*'action_masks'.*'scenario'"):
        env.get_attr("hospital")
    with pytest.raises(AttributeError, match="no 'step' in a row"):
        env.call("step", [0, 0, 0])
    with pytest.raises(AttributeError, match="'scenario' cannot be set"):
        env.set_attr("scenario", None)
    with pytest.raises(ValueError, match="values must be 3, one for each patient, got 2"):
        env.set_attr("hospital", ["A", "B"])
