"""The example that films a patient does what its page says."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "film.py"


def test_example_is_short_enough_to_copy():
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 50


def test_example_films_a_patient_to_the_end(tmp_path, capsys):
    pytest.importorskip("moviepy")
    spec = importlib.util.spec_from_file_location("film", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    film = Path(module.film(str(tmp_path / "films"), truth=False))
    assert film.stat().st_size > 10_000
    assert "cancer" in capsys.readouterr().out
