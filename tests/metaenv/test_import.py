"""What an import of the package costs, and what it shows."""

import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import metaenv

ROOT = Path(__file__).resolve().parents[2]


def test_import_registers_without_loading_numba_or_the_kernel():
    code = (
        "import sys, gymnasium, metaenv; assert set(metaenv.REGISTERED) <= set(gymnasium.registry);"
        "print(*(name for name in sys.modules if name.split('.')[0] in "
        "('numba', 'scipy', 'torch', 'pandas', 'matplotlib', 'metaenv')))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(result.stdout.split()) == {"metaenv", "metaenv.registration"}


@pytest.mark.parametrize("name", metaenv.__all__)
def test_every_exported_name_exists(name):
    assert getattr(metaenv, name) is not None


def test_tab_completion_shows_the_public_names_before_they_are_used():
    code = "import metaenv; print(*dir(metaenv))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = {name for name in result.stdout.split() if not name.startswith("__")}
    assert shown == {*metaenv.__all__, "registration"}


def test_help_shows_the_public_names():
    page = pydoc.render_doc(metaenv, renderer=pydoc.plaintext)
    assert "class MetastasisEnv(" in page and "class MetastasisVectorEnv(" in page and "make_scenario(disease" in page
    assert all(name in (metaenv.__doc__ or "") for name in metaenv.__all__)
