"""`explain`: what a trained policy does, in a figure, words and a tree."""

import json

import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "the policy must be named by either --run DIR or --agent NAME, got 'none'"),
        (["--run", "a", "--agent", "b"], "named by either --run DIR or --agent NAME, got ['--run', '--agent']"),
        (["--agent", "prostate/nobody"], "--agent prostate/nobody cannot be read"),
        (["--run", "/nowhere"], "--run must be a run folder, got /nowhere"),
        (["--agent", "prostate/ppo", "--docs", __file__], "--docs must be a folder, got"),
        (["--agent", "prostate/ppo", "--patients", 1], "--patients must be >= 2, got 1"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["explain", *options], message)


def test_a_trained_policy_is_explained(run, small_training, tmp_path):
    assert run(small_training(tmp_path, "--out", tmp_path / "run"))[0] == 0
    asked = ["--docs", tmp_path / "docs", "--out", tmp_path / "told"]
    code, text = run(["explain", "--run", tmp_path / "run", "--patients", 4, *asked])
    assert code == 0, text
    assert "pictures/learned-prostate.png" in (tmp_path / "docs" / "learned-prostate.md").read_text()
    assert "visits at which tree and policy agree" in text and "As a tree:" in text
    assert (tmp_path / "told" / "pictures" / "doses.png").stat().st_size > 10_000
    told = json.loads((tmp_path / "told" / "explained.json").read_text())
    assert set(told["returns"]) == {"policy", "tree", "maximum_tolerated_dose", "tree_minus_policy"}
    assert "## What it does" in (tmp_path / "told" / "explained.md").read_text()


def test_a_policy_whose_doses_are_continuous_is_refused(run, small_training, tmp_path):
    learn = small_training(
        tmp_path, "--algo", "sac", "--out", tmp_path / "run", steps=64, learning_starts=8, buffer_size=64
    )
    assert run(learn)[0] == 0
    code, text = run(["explain", "--run", tmp_path / "run", "--out", tmp_path / "told"])
    assert code == 2 and "explain needs a policy of dose levels, got sac, whose doses are continuous" in text
    assert not (tmp_path / "told").exists()
