"""Tianshou's DQN learns, and treats each unseen patient once. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_tianshou_learns_and_treats_each_unseen_patient(last_line):
    pytest.importorskip("tianshou")
    said = re.fullmatch(r"(\d+) visits, (.+) quality-adjusted years in 8 unseen", last_line("tianshou_dqn.py", 400))
    assert int(said[1]) == 400 and 0.0 < float(said[2]) < 10.0
