"""Stable-Baselines3 and sb3-contrib take the environment by its id. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_four_algorithms_learn_by_id_and_evaluate_on_unseen_patients(last_line):
    pytest.importorskip("sb3_contrib")
    said = re.fullmatch(r"PPO on 4 unseen patients: (.+) ± .+ quality-adjusted years", last_line("sb3_by_id.py", 256))
    assert said and 0.0 < float(said[1]) < 10.0
