"""A type checker knows every name that a user's own policy needs. Run by `make ecosystem`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ecosystem


EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "typed_policy.py"


def check(code, folder):
    """What mypy says of a user's file, in a folder without settings of ours."""
    pytest.importorskip("mypy")
    file = folder / "mine.py"
    file.write_text(code, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")}
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, file.name]
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def test_mypy_finds_nothing_in_the_example(tmp_path):
    assert check(EXAMPLE.read_text(encoding="utf-8"), tmp_path) == "Success: no issues found in 1 source file"


def test_mypy_finds_what_is_wrong_in_a_user_s_file(tmp_path):
    wrong = "import metaenv\n\nvisits: str = metaenv.make_scenario('prostate').visits\n"
    assert 'expression has type "int", variable has type "str"' in check(wrong, tmp_path)


def test_the_example_treats_unseen_patients(last_line):
    said = re.fullmatch(r"mean return (.+) quality-adjusted years", last_line("typed_policy.py"))
    assert said and 0.0 < float(said[1]) < 10.0
