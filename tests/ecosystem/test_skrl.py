"""PPO of skrl learns on the native vector environment. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_skrl_learns_on_patients_side_by_side(last_line):
    pytest.importorskip("skrl")
    said = re.fullmatch(
        r"(\d+) visits; the value network expects (.+) quality-adjusted years", last_line("skrl_ppo.py", 256)
    )
    assert int(said[1]) == 256 * 32 and 0.0 < float(said[2]) < 10.0
