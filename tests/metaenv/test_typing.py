"""Type checkers know every public name: the package says that it is typed, and a user's code passes mypy strictly."""

import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "typing" / "sample.py"


def mypy(path, folder):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder}", str(path)]
    environment = {"MYPYPATH": str(ROOT), "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_package_says_that_it_is_typed():
    assert (resources.files("metaenv") / "py.typed").is_file()


@pytest.mark.slow  # mypy reads NumPy and Gymnasium, half a minute without its cache
def test_a_users_code_passes_mypy_and_a_misspelt_name_does_not(tmp_path):
    result = mypy(SAMPLE, tmp_path)
    assert result.returncode == 0, result.stdout
    wrong = tmp_path / "wrong.py"
    lines = ["import metaenv", "metaenv.MetastasisEnvironment()", 'metaenv.MetastasisEnv(horizon="long")']
    wrong.write_text("\n".join(lines), encoding="utf-8")
    found = mypy(wrong, tmp_path).stdout
    assert 'no attribute "MetastasisEnvironment"' in found and '"horizon"' in found, found
