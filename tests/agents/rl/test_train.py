import random
import warnings

import numpy as np
import pytest
import torch

from metaenv_agents.rl.checkpoint import CheckpointFolder, CheckpointMismatchError
from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_agents.rl.train import train

SETTINGS = PPOSettings(
    total_timesteps=6 * 64,
    n_envs=8,
    n_steps=8,
    batch_size=32,
    n_epochs=2,
    net_arch=(8,),
    history=2,
    evaluate_every=2,
    checkpoint_every=1,
)


def evaluate(policy):
    """Any number that depends on every weight; draws from the global generators, as a careless caller might."""
    return float(sum(weight.sum() for weight in policy.weights)) + 0 * np.random.random()  # noqa: NPY002


def test_progress_is_told_and_the_best_policy_kept(toy):
    told, judged = [], []
    scores = iter([1.0, 3.0, 2.0])
    done = train(
        toy(8),
        SETTINGS,
        seed=0,
        evaluate=lambda policy: judged.append(policy) or next(scores),
        on_update=told.append,
    )
    assert [progress.steps for progress in told] == [64, 128, 192, 256, 320, 384]
    assert [progress.best_score for progress in told] == [None, 1.0, 1.0, 3.0, 3.0, 3.0]
    assert done.scores == ((128, 1.0), (256, 3.0), (384, 2.0))
    assert done.finished and done.policy is judged[1]
    assert len({each.to_bytes() for each in (*judged[:2], done.last)}) == 3
    assert told[-1].mean_visits <= 6
    assert "train/value_loss" in told[-1].losses


@pytest.mark.parametrize("action", ["levels", "continuous"])
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(toy, tmp_path, action):
    through = train(toy(8, action=action), SETTINGS, seed=4, evaluate=evaluate)
    folder = CheckpointFolder(path=tmp_path)
    stopped = train(
        toy(8, action=action),
        SETTINGS,
        seed=4,
        evaluate=evaluate,
        checkpoints=folder,
        on_update=lambda progress: progress.updates < 3,
    )
    assert not stopped.finished
    assert stopped.steps == 192
    random.seed(99)
    np.random.seed(99)  # noqa: NPY002
    torch.manual_seed(99)
    resumed = train(toy(8, action=action), SETTINGS, seed=4, evaluate=evaluate, checkpoints=folder, resume=True)
    assert resumed.finished
    assert resumed.last.to_bytes() == through.last.to_bytes()
    assert resumed.policy.to_bytes() == through.policy.to_bytes()
    assert resumed.scores == through.scores


@pytest.mark.parametrize("torn", [False, True])
def test_killed_in_mid_update_resumes_bit_for_bit_from_the_newest_whole_checkpoint(toy, tmp_path, torn):
    through = train(toy(8), SETTINGS, seed=4)
    env, visits = toy(8), 0
    play = env.step

    def step(actions):
        nonlocal visits
        visits += 1
        if visits == 37:
            raise KeyboardInterrupt
        return play(actions)

    env.step = step
    folder = CheckpointFolder(path=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        train(env, SETTINGS, seed=4, checkpoints=folder)
    assert folder.latest().steps == 4 * 64, "of the last update that was finished"
    if torn:
        (folder.folders()[0] / "network.pt").write_bytes(b"PK half of a network")
    told = []
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # that one is refused
        resumed = train(toy(8), SETTINGS, seed=4, checkpoints=folder, resume=True, on_update=told.append)
    assert [progress.steps for progress in told] == [64 * update for update in ((4, 5, 6) if torn else (5, 6))]
    assert resumed.last.to_bytes() == through.last.to_bytes()


def test_same_seed_same_policy_other_seed_another(toy):
    one, two, other = (train(toy(8), SETTINGS, seed=seed).last.to_bytes() for seed in (1, 1, 2))
    assert one == two != other


def test_checkpoints_are_not_overlooked(toy, tmp_path):
    folder = CheckpointFolder(path=tmp_path)
    train(toy(8), SETTINGS, seed=0, checkpoints=folder)
    with pytest.raises(ValueError, match="resume or choose another folder"):
        train(toy(8), SETTINGS, seed=0, checkpoints=folder)


def test_resuming_with_other_settings_is_refused(toy, tmp_path):
    folder = CheckpointFolder(path=tmp_path)
    train(toy(8), SETTINGS, seed=0, checkpoints=folder)
    changed = PPOSettings(**{**vars(SETTINGS), "n_epochs": 5})
    with pytest.raises(CheckpointMismatchError, match=r"n_epochs 2 -> 5, seed 0 -> 1"):
        train(toy(8), changed, seed=1, checkpoints=folder, resume=True)


def test_a_finished_training_can_be_asked_for_more(toy, tmp_path):
    folder = CheckpointFolder(path=tmp_path)
    train(toy(8), SETTINGS, seed=0, checkpoints=folder)
    longer = PPOSettings(**{**vars(SETTINGS), "total_timesteps": 8 * 64})
    assert train(toy(8), longer, seed=0, checkpoints=folder, resume=True).steps == 512


def test_wrong_number_of_patients_is_refused(toy):
    with pytest.raises(ValueError, match="must hold 8 patients"):
        train(toy(4), SETTINGS, seed=0)


def test_torch_threads_are_given_back(toy):
    before = torch.get_num_threads()
    train(toy(8), PPOSettings(**{**vars(SETTINGS), "torch_threads": before + 1, "total_timesteps": 64}), seed=0)
    assert torch.get_num_threads() == before
