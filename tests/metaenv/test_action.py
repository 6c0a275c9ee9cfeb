"""How an action is written: all levels in one number, and masks for whoever samples."""

import itertools

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv

EVERY = pytest.mark.parametrize("identifier", metaenv.REGISTERED)
ACTIONS = pytest.mark.parametrize("action", ["levels", "continuous", "joint"])
LUNG = "metaenv/Lung-v1"


def toxic(env):
    """Bring every patient to a toxicity that forbids doses, and through a visit, so that the mask tells."""
    env.reset(seed=0)
    env.cohort.state.toxicity[:] = 2.0
    env.step(env.action_space.sample() * 0)
    return env


@EVERY
def test_joint_actions_number_the_combinations_of_levels_as_unravel_index_does(identifier, brief, same):
    scenario = brief(identifier, 3)
    joint, levels = (gym.make(identifier, scenario=scenario, action=kind) for kind in ("joint", "levels"))
    sizes = levels.action_space.nvec
    assert joint.action_space == gym.spaces.Discrete(int(np.prod(sizes)))
    for number, combination in enumerate(itertools.product(*(range(size) for size in sizes))):
        results = []
        for env, action in ((joint, number), (levels, combination)):
            env.reset(seed=3)
            *result, info = env.step(action)
            results.append([result, {name: value for name, value in info.items() if name != "action_mask"}])
        same(*results, f"action {number}")


def test_joint_actions_of_many_patients_are_those_of_each(vector, same):
    env, levels = (vector(LUNG, 5, action=kind, local_therapy=True) for kind in ("joint", "levels"))
    assert env.action_space == gym.spaces.MultiDiscrete([81] * 5)
    env.reset(seed=1)
    levels.reset(seed=1)
    for actions in ([0, 80, 41, 7, 26], np.array([1, 2, 3, 4, 5]), np.array([79.0, 0.0, 12.0, 13.0, 14.0])):
        parts = np.stack(np.unravel_index(np.asarray(actions, dtype=int), (3, 3, 3, 3)), axis=1)
        same(env.step(actions)[:4], levels.step(parts)[:4])


def test_joint_actions_refuse_by_the_patient(vector):
    env = vector(LUNG, 3, action="joint")
    env.reset(seed=1)
    with pytest.raises(ValueError, match=r"whole number from 0 to 26, got 27.0 \(patient 1\)"):
        env.step([0, 27, 0])
    with pytest.raises(ValueError, match=r"shape \(3,\) .* got shape \(3, 3\)"):
        env.step(np.zeros((3, 3)))


@EVERY
def test_a_combination_may_be_chosen_where_all_its_parts_may(identifier):
    joint, levels = (
        toxic(metaenv.MetastasisVectorEnv(6, gym.spec(identifier).kwargs["disease"], action=kind))
        for kind in ("joint", "levels")
    )
    parts = levels.single_action_space.nvec.size
    flat, masks = levels.action_masks().reshape(6, parts, 3), joint.action_masks()
    assert masks.shape == (6, 3**parts)
    assert masks.all() == (not levels.scenario.toxicities)
    for number in range(3**parts):
        chosen = np.unravel_index(number, (3,) * parts)
        assert (masks[:, number] == flat[:, range(parts), chosen].all(axis=1)).all()


# ---- masks as Gymnasium's spaces take them


@EVERY
@ACTIONS
def test_sampling_with_the_mask_draws_only_what_may_be_chosen(identifier, action):
    env = toxic(metaenv.MetastasisVectorEnv(1, gym.spec(identifier).kwargs["disease"], action=action))
    single = metaenv.MetastasisEnv(gym.spec(identifier).kwargs["disease"], action=action)
    single.restore(env.snapshot())
    mask, flat = single.sample_mask(), single.action_masks()
    drawn = [single.action_space.sample(mask=mask) for _ in range(50)]
    if action == "levels":
        assert [part.dtype for part in mask] == [np.int8] * single.action_space.nvec.size
        assert (np.concatenate(mask) == flat).all()
        assert all(flat.reshape(-1, 3)[range(len(each)), each].all() for each in drawn)
    elif action == "joint":
        assert mask.dtype == np.int8 and (mask == flat).all()
        assert all(flat[each] for each in drawn)
    else:
        assert mask is None
    assert all(single.action_space.contains(each) for each in drawn)


@ACTIONS
@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_masks_of_many_patients_are_those_of_each(action, mode, vector):
    env = vector("metaenv/Prostate-v1", 4, mode, action=action).unwrapped
    toxic(env)
    flat = env.action_masks()
    assert flat.any() and not flat.all()
    for _ in range(20):
        drawn = np.stack([env.single_action_space.sample(mask=mask) for mask in env.sample_mask()])
        assert env.action_space.contains(drawn)
        if action == "joint":
            assert flat[range(4), drawn].all()
            assert flat[range(4), env.action_space.sample(mask=env.sample_mask())].all()
        elif action == "levels":
            assert np.take_along_axis(flat.reshape(4, -1, 3), drawn[..., None], axis=2).all()


@pytest.mark.parametrize("make", [metaenv.MetastasisEnv, metaenv.MetastasisVectorEnv])
@ACTIONS
def test_masks_wait_for_the_first_patient(make, action):
    env = make(action=action)
    with pytest.raises(gym.error.ResetNeeded):
        env.action_masks()
    with pytest.raises(gym.error.ResetNeeded):
        env.sample_mask()
