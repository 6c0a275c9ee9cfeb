"""Peers, at the smallest size: one that a test registers is timed, a missing or broken one is named."""

import sys
import textwrap
import warnings

import gymnasium as gym
import pytest

from metaenv_experiments.studies.speed import peers
from metaenv_experiments.studies.speed.peers import PEERS, Ours, Peer

ENV_ID = "peer_of_the_tests/Ward-v0"
OURS = Ours(over_cartpole=0.5, days=14.0)
SOURCE = """
    import gymnasium as gym
    import numpy as np

    class Ward(gym.Env):
        action_space = gym.spaces.Discrete(2)
        observation_space = gym.spaces.Box(-1.0, 1.0, (1,), np.float64)
        days, given, resets = 0, set(), 0

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            Ward.days, Ward.resets = 0, Ward.resets + 1
            return np.zeros(1), {}

        def step(self, action):
            assert Ward.days < 3, "stepped beyond its end"
            Ward.days += 1
            Ward.given.add(int(action))
            return np.full(1, 2.0), 0.0, Ward.days == 3, False, {}  # outside its own space, which Gymnasium warns of

    gym.register("peer_of_the_tests/Ward-v0", entry_point=Ward)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """package(source): the name of a package of that source, which is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(source):
        (tmp_path / "peer_of_the_tests.py").write_text(textwrap.dedent(source))
        return "peer_of_the_tests"

    yield write
    sys.modules.pop("peer_of_the_tests", None)
    gym.registry.pop(ENV_ID, None)


def compare(peer):
    return peers.compare(peer, OURS, lambda steps: 0.125, 1, 0.01)


def test_a_peer_is_timed_under_random_actions_and_compared_per_step_and_per_day(package):
    peer = Peer(package(SOURCE), ENV_ID, 7.0, "a dose")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # others' warnings are not for our user
        row = compare(peer)
    ward = gym.registry[ENV_ID].entry_point
    assert ward.given == {0, 1}
    assert ward.resets > 1
    assert row["steps_per_second"] > 0
    assert row["patient_days_per_second"] == 7.0 * row["steps_per_second"]
    assert row["our_visits_over_its_steps"] == 4.0
    assert row["our_patient_days_over_its"] == 8.0
    assert (row["package"], row["env_id"], row["version"]) == ("peer_of_the_tests", ENV_ID, None)
    assert peers.table([row]).rows == [(f"{ENV_ID}\na dose", "7", f"{row['steps_per_second']:,.0f}", "4.00 ×", "8 ×")]
    assert peers.lines([row]) == []


def test_a_peer_that_does_not_say_what_a_step_is_gets_no_days(package):
    row = compare(Peer(package(SOURCE), ENV_ID, None, "a session"))
    assert row["our_visits_over_its_steps"] == 4.0
    assert row["patient_days_per_second"] is row["our_patient_days_over_its"] is None
    assert peers.table([row]).rows[0][1::3] == ("", "")


def test_missing_peers_are_named_with_what_installs_them():
    rows = [compare(Peer(name, f"{name}/{k}", 1.0, "")) for name in ("no_such_a", "no_such_b") for k in range(2)]
    assert peers.table(rows) is None
    (line,) = peers.lines(rows)
    assert line.startswith("no_such_a, no_such_b not installed: pip install ")
    assert line.endswith("[peers]'")


@pytest.mark.parametrize("source", ["1 / 0", "", SOURCE.replace("Ward.days < 3", "Ward.days < 1")])
def test_a_peer_that_breaks_is_named_and_breaks_nothing(source, package):
    row = compare(Peer(package(source), ENV_ID, 1.0, ""))
    assert peers.table([row]) is None
    (line,) = peers.lines([row])
    assert line.startswith("peer_of_the_tests does not run here: ")


@pytest.mark.parametrize("peer", PEERS, ids=[peer.env_id for peer in PEERS])
def test_an_installed_peer_is_timed(peer):
    pytest.importorskip(peer.package)
    row = peers.compare(peer, OURS, lambda steps: 0.125, 1, 0.01)
    assert row["steps_per_second"] > 0
