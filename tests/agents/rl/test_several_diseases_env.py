"""One network for several diseases: each sees its own columns, and its share of the policy does what the whole does."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv  # noqa: F401
from metaenv_agents.rl.checkpoint import CheckpointFolder
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.several_diseases_env import SeveralDiseasesEnv
from metaenv_agents.rl.train import train
from metaenv_agents.rl.vec_env import VectorBridge
from metaenv_agents.rules import make_rule

SETTINGS = PPOSettings(
    total_timesteps=6 * 96,
    n_envs=12,
    n_steps=8,
    batch_size=96,
    n_epochs=2,
    net_arch=(16,),
    history=3,
    evaluate_every=2,
    checkpoint_every=1,
)
IDS = ("metaenv/Prostate-v1", "metaenv/Lung-v1", "metaenv/Breast-v1")
WITH_PROCEDURES = IDS[:2]


def make_part(env_id, patients=4, *, procedures=True):
    return gym.make_vec(
        env_id,
        num_envs=patients,
        local_therapy=procedures and env_id in WITH_PROCEDURES,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
    )


@pytest.fixture
def mixture():
    return SeveralDiseasesEnv([make_part(env_id) for env_id in IDS])


def test_every_disease_plays_as_it_would_alone(mixture):
    alone = [make_part(env_id) for env_id in IDS]
    seen, _ = mixture.reset(seed=3)
    own = [part.reset(seed=3)[0] for part in alone]
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(60):
        for k, observation in enumerate(own):
            rows = seen[4 * k : 4 * k + 4]
            np.testing.assert_array_equal(rows[:, mixture.columns[k]], observation)
            assert np.count_nonzero(np.delete(rows, np.arange(mixture.width)[mixture.columns[k]], axis=1)) == 0
        actions = rng.integers(3, size=(12, 4))
        seen, rewards, terminated, truncated, infos = mixture.step(actions)
        played = [part.step(actions[4 * k : 4 * k + 4, mixture.entries[k]].copy()) for k, part in enumerate(alone)]
        own = [each[0] for each in played]
        np.testing.assert_array_equal(rewards, np.concatenate([each[1] for each in played]))
        for k, each in enumerate(played):
            for row in np.flatnonzero(each[2] | each[3]):
                ended += 1
                last = infos["final_obs"][4 * k + row]
                np.testing.assert_array_equal(last[mixture.columns[k]], each[4]["final_obs"][row])
        np.testing.assert_array_equal(infos["_final_obs"], terminated | truncated)
    assert ended > 0, "somebody's episode must end for this to prove anything"


def test_local_therapy_is_the_last_entry_and_breast_cancer_has_none(mixture):
    drugs = [len(clinic.drugs) for clinic in mixture.clinics]
    assert drugs == [2, 3, 3]
    assert [entries.tolist() for entries in mixture.entries] == [[0, 1, 3], [0, 1, 2, 3], [0, 1, 2]]


def test_where_no_disease_offers_local_therapy_no_entry_is_left_for_it():
    mixture = SeveralDiseasesEnv([make_part(env_id, procedures=False) for env_id in IDS])
    assert [entries.tolist() for entries in mixture.entries] == [[0, 1], [0, 1, 2], [0, 1, 2]]
    assert mixture.single_action_space == gym.spaces.MultiDiscrete([3, 3, 3])


def test_the_share_of_a_policy_gives_each_disease_what_the_whole_gives(mixture):
    policy = train(mixture, SETTINGS, seed=0).last
    seen, _ = mixture.reset(seed=5)
    shares = [mixture.part_of(policy, k) for k in range(3)]
    for share, clinic in zip(shares, mixture.clinics, strict=True):
        share.check(clinic)
    whole_memory, memories, starts = None, [None] * 3, np.ones(12, dtype=bool)
    given = set()
    for _ in range(40):
        actions, whole_memory = policy.predict(seen, whole_memory, starts)
        for k, share in enumerate(shares):
            rows = slice(4 * k, 4 * k + 4)
            own, memories[k] = share.predict(seen[rows, mixture.columns[k]], memories[k], starts[rows])
            np.testing.assert_array_equal(own, actions[rows, mixture.entries[k]])
            given |= {tuple(row) for row in own.tolist()}
        seen, _, terminated, truncated, _ = mixture.step(actions)
        starts = terminated | truncated
    assert len(given) > 1, "a policy that always gives the same proves little"


def test_policies_together_give_each_disease_what_they_give_it_alone(mixture):
    rules = [make_rule("intermittent", clinic, on_days=60.0, off_days=60.0) for clinic in mixture.clinics[:2]]
    rules.append(make_rule("maximum_tolerated_dose", mixture.clinics[2]))
    whole = mixture.together(rules)
    seen, _ = mixture.reset(seed=5)
    memory, memories, starts = None, [None] * 3, np.ones(12, dtype=bool)
    for _ in range(40):
        actions, memory = whole.predict(seen, memory, starts)
        assert actions[8:, 3].tolist() == [0] * 4 and actions[:4, 2].tolist() == [0] * 4, "entries that are not theirs"
        for k, each in enumerate(rules):
            rows = slice(4 * k, 4 * k + 4)
            own, memories[k] = each.predict(seen[rows, mixture.columns[k]], memories[k], starts[rows])
            np.testing.assert_array_equal(own, actions[rows, mixture.entries[k]])
        seen, _, terminated, truncated, _ = mixture.step(actions)
        starts = terminated | truncated
    with pytest.raises(ValueError, match="a mixture of 3 diseases needs a policy each, got 2"):
        mixture.together(rules[:2])


def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(mixture, tmp_path):
    through = train(mixture, SETTINGS, seed=4)
    for stop in (True, False):
        resumed = train(
            SeveralDiseasesEnv([make_part(env_id) for env_id in IDS]),
            SETTINGS,
            seed=4,
            checkpoints=CheckpointFolder(path=tmp_path),
            on_update=(lambda progress: progress.updates < 3) if stop else None,
            resume=not stop,
        )
    assert resumed.finished
    assert resumed.last.to_bytes() == through.last.to_bytes()


def test_what_does_not_fit_is_refused(toy):
    with pytest.raises(ValueError, match="a mixture needs two environments or more"):
        SeveralDiseasesEnv([make_part(IDS[0])])
    with pytest.raises(ValueError, match=r"got 2 of \[3, 4\] patients"):
        SeveralDiseasesEnv([make_part(IDS[0]), make_part(IDS[1], patients=3)])
    with pytest.raises(ValueError, match="with dose levels"):
        SeveralDiseasesEnv([toy(4), toy(4, action="continuous")])


def test_the_bridge_tells_of_ended_episodes_what_the_bridges_of_the_parts_tell(mixture):
    whole, alone = VectorBridge(mixture, history=2), [VectorBridge(make_part(env_id), history=2) for env_id in IDS]
    for bridge in (whole, *alone):
        bridge.seed(7)
        bridge.reset()
    ended = 0
    for _ in range(60):
        actions = np.zeros((12, 4), dtype=np.int64)
        _, rewards, done, infos = whole.step(actions)
        for k, bridge in enumerate(alone):
            _, own_rewards, own_done, own_infos = bridge.step(actions[:4, : len(mixture.entries[k])])
            np.testing.assert_array_equal(rewards[4 * k : 4 * k + 4], own_rewards)
            np.testing.assert_array_equal(done[4 * k : 4 * k + 4], own_done)
            for row in np.flatnonzero(own_done):
                ended += 1
                told, own = infos[4 * k + row], own_infos[row]
                assert (told["episode"]["r"], told["episode"]["l"]) == (own["episode"]["r"], own["episode"]["l"])
                last = told["terminal_observation"].reshape(2, -1)[:, mixture.columns[k]].ravel()
                np.testing.assert_array_equal(last, own["terminal_observation"])
    assert ended > 0
