"""Minari records, reloads, makes the environment anew and replays. Run by `make ecosystem`."""

import re

import pytest

pytestmark = pytest.mark.ecosystem


def test_what_was_recorded_without_a_seed_is_played_again_bit_by_bit(last_line, tmp_path):
    pytest.importorskip("minari")
    said = re.fullmatch(
        r"(\d+) patients, (\d+) visits, played again bit by bit",
        last_line("minari_dataset.py", 5, MINARI_DATASETS_PATH=str(tmp_path)),
    )
    assert int(said[1]) == 5 and int(said[2]) > 5
