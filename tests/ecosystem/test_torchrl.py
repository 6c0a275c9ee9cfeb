"""TorchRL reads the specs, all of `info` and the mask. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_nothing_that_the_mask_forbids_is_chosen(last_line):
    pytest.importorskip("torchrl")
    said = last_line("torchrl_masked.py", 300)
    visits, patients, masked, taken = map(int, re.findall(r"\d+", said))
    assert visits == 300 and patients > 1 and masked > 0 and taken == 0
