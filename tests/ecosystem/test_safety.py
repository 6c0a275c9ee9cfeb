"""The cost beside the reward, as Safety-Gymnasium states it. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_the_price_rises_while_patients_bear_more_than_the_limit(last_line):
    pytest.importorskip("stable_baselines3")
    said = re.fullmatch(
        r"2: (.+) borne by each of (\d+) patients, (.+) allowed, price (.+)", last_line("safety_cost.py", 2)
    )
    borne, patients, limit, price = map(float, said.groups())
    assert borne > limit and patients > 1 and price > 0.0
