"""What tests of several rooms share."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# a first example may wait for the compiler, so there is no deadline; the same examples every time
settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")


@pytest.fixture(scope="session")
def bench() -> Any:
    """Builder of small experiments; loaded by path (tests are no package) and only where a test asks for it."""
    name = "laboratory_bench"
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module.Bench
