"""The command line of the package."""

import subprocess
import sys
from pathlib import Path

import pytest

import metaenv
from metaenv import __main__ as command_line
from metaenv.__main__ import main
from metaenv.dynamics import compile as compiling

ROOT = Path(__file__).resolve().parents[2]


def test_the_version_is_told_without_the_compiler():
    program = "import sys; from metaenv.__main__ import main; main(['--version']); print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["metaenv", metaenv.__version__, "False"]


def test_a_command_whose_package_is_missing_names_it_and_the_remedy(monkeypatch, capsys):
    monkeypatch.setattr(command_line, "COMMANDS", "package_that_nobody_has.__main__")
    assert main(["benchmark"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: metaenv benchmark needs package_that_nobody_has: pip install ")
    assert error.count("\n") == 1


def test_help_is_told_without_the_commands(monkeypatch, capsys):
    monkeypatch.setattr(command_line, "COMMANDS", "package_that_nobody_has.__main__")
    assert main(["--help"]) == 0
    assert "metaenv compile" in capsys.readouterr().out


def test_other_commands_are_forwarded(monkeypatch):
    given = []

    class Commands:
        @staticmethod
        def main(words):
            given.append(words)
            return 7

    monkeypatch.setattr(command_line, "import_module", lambda name: Commands)
    assert main(["benchmark", "--disease", "lung"]) == 7
    assert given == [["benchmark", "--disease", "lung"]]


@pytest.mark.skipif(bool(compiling._SETTINGS.DISABLE_JIT), reason="nothing is compiled")
def test_compile_warms_the_cache_and_says_where_in_one_line(capsys):
    assert main(["compile"]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "functions" in said and str(compiling.CACHE_FOLDER) in said


def test_compile_says_so_where_nothing_is_kept(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(compiling, "CACHE_FOLDER", tmp_path)
    monkeypatch.setattr("metaenv.precompile.precompile", lambda: (3, 0))
    assert main(["compile"]) == 1
    assert str(tmp_path) in capsys.readouterr().err
