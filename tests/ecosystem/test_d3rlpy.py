"""d3rlpy learns offline from recorded courses, and treats unseen patients. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_offline_learning_from_what_a_clinic_did(last_line):
    pytest.importorskip("d3rlpy")
    said = re.fullmatch(
        r"100 steps, (.+) quality-adjusted years in 4 unseen patients", last_line("d3rlpy_offline.py", 100)
    )
    assert said and 0.0 < float(said[1]) < 10.0
