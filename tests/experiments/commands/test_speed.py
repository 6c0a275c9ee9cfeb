"""`speed`: what is refused at the door, what it says of peers, and how fast two learners train."""

import json
from dataclasses import replace

import pytest

from metaenv_experiments.commands import speed
from metaenv_experiments.commands.speed import TRAINED, same_settings, training_rates
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.studies.speed.peers import Peer


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seconds", "nan"], "--seconds must be > 0"),
        (["--repeats", 0], "--repeats must be >= 1, got 0"),
        (["--out", __file__], f"--out must be a new file, got '{__file__}'"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["speed", *options], message)


def test_both_learners_are_timed_with_the_same_settings():
    small = [replace(each, n_envs=8, n_steps=4, batch_size=32, net_arch=(4,)) for each in same_settings()]
    shared = vars(small[1])
    assert shared == {name: value for name, value in vars(small[0]).items() if name in shared}
    task = Task(disease="prostate", cohort="train", patients=100, seed=0)
    rates = training_rates(task, small, updates=3)
    assert tuple(rates) == TRAINED
    assert all(rate.visits_per_second > 0 and 0 < rate.simulator_share < 1 for rate in rates.values())


def test_peers_stand_in_the_table_and_the_file_and_missing_ones_are_named(run, monkeypatch, tmp_path):
    monkeypatch.setattr(speed, "VECTORS", (1024,))
    monkeypatch.setattr(speed, "THREADS", (1,))
    monkeypatch.setattr(speed.stopwatch, "start_up", lambda task, repeats: (0.0, 0.0))
    cartpole = Peer("gymnasium", "CartPole-v1", 14.0, "a push")
    monkeypatch.setattr(speed, "PEERS", (cartpole, Peer("no_such_package", "Ward-v0", 1.0, "a dose")))
    code, text = run(["speed", "--repeats", 1, "--seconds", 0.01, "--without-ppo", "--out", tmp_path / "speed.json"])
    assert code == 0
    assert "no_such_package not installed: pip install -e '.[peers]'" in text
    assert " a push" in text
    timed, missing = json.loads((tmp_path / "speed.json").read_text())["peers"]
    # a visit of ours is 28 days
    assert timed["our_patient_days_over_its"] == pytest.approx(2.0 * timed["our_visits_over_its_steps"])
    assert missing["skipped"] == "not installed: pip install -e '.[peers]'"
