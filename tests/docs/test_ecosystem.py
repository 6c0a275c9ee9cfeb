"""The page on other libraries says what `make ecosystem` runs, at the versions that are pinned."""

import importlib.util
import re
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "tests" / "ecosystem"
PAGE = (ROOT / "docs" / "ecosystem.md").read_text(encoding="utf-8")
REQUIREMENTS = sorted(PLACE.glob("*.txt"))


def load_runner():
    spec = importlib.util.spec_from_file_location("ecosystem_run", PLACE / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RUNNER = load_runner()


def requirements(file):
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def pins(file):
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in requirements(file))}


@pytest.mark.parametrize("example", sorted((ROOT / "docs" / "examples").glob("*.*")), ids=lambda path: path.name)
def test_the_page_names_every_example(example):
    assert f"(examples/{example.name})" in PAGE


@pytest.mark.parametrize("library", RUNNER.LIBRARIES)
def test_the_page_names_the_pinned_versions_of_a_library_that_has_a_test(library):
    environment, packages = RUNNER.LIBRARIES[library]
    named = PLACE / f"{environment}.txt"
    kept = pins(ROOT / "constraints.txt" if environment == ".venv" else named)
    assert (PLACE / f"test_{library}.py").exists()
    for package in packages.split():
        assert re.search(rf"\b{re.escape(kept[canonicalize_name(package)])}\b", PAGE), package


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_to_one_version(file):
    lines = requirements(file)
    assert lines and all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    assert pins(file).get("torch", "2.13.0") == "2.13.0"
