"""RL Zoo trains, plays and films a policy. Run by `make ecosystem`."""

import pytest

pytestmark = pytest.mark.ecosystem


def test_the_zoo_trains_plays_and_leaves_a_film(last_line, tmp_path):
    pytest.importorskip("rl_zoo3")
    said = last_line("rl_zoo3.sh", 600)
    film = tmp_path / said.removeprefix("film of one patient: ")
    assert film.suffix == ".mp4" and film.stat().st_size > 10_000
