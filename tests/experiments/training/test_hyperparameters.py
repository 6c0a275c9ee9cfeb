"""Hyperparameters from TOML, and what is wrong with them."""

from pathlib import Path

import pytest

from metaenv_agents.rl.learners.ppo import PPOSettings
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.training.hyperparameters import settings

CONFIGS = sorted((Path(__file__).resolve().parents[3] / "experiments/metaenv_experiments/configs").glob("*.toml"))


def test_without_a_file_they_are_the_defaults():
    assert settings(None, total_timesteps=7) == PPOSettings(total_timesteps=7)


def test_a_file_changes_what_it_names(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("history = 4\nnet_arch = [32]\n")
    assert settings(path, total_timesteps=7) == PPOSettings(total_timesteps=7, history=4, net_arch=(32,))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_file_that_ships_is_read(path):
    assert settings(path, total_timesteps=7) != PPOSettings(total_timesteps=7)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("history = ", "cannot be read"),
        ("memory = 4", r"may set batch_size, .*, got memory"),
        ("total_timesteps = 4", r"may set batch_size, .*, got total_timesteps"),
        ("history = 0", "history must be >= 1, got 0"),
        ("history = 'long'", "history must be like 8, got 'long'"),
        ("history = 2.5", "history must be like 8, got 2.5"),
        ("history = [2]", r"history must be like 8, got \[2\]"),
        ("net_arch = 64", r"net_arch must be like \(128, 128\), got 64"),
        ("gamma = true", "gamma must be like 0.999, got True"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, complaint):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=complaint):
        settings(path, total_timesteps=7)
