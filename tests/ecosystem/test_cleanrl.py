"""A learner in one file of plain torch, on the native vector environment. Run by `make ecosystem`."""

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.ecosystem


@pytest.fixture
def example():
    pytest.importorskip("torch")
    path = Path(__file__).parents[2] / "docs" / "examples" / "cleanrl_ppo.py"
    spec = importlib.util.spec_from_file_location("cleanrl_ppo", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_example_learns_from_all_visits_but_those_that_only_admit(last_line):
    pytest.importorskip("torch")
    played, visits, ended, mean = re.fullmatch(
        r"(\d+): (\d+) visits, (\d+) patients, return (.+) quality-adjusted years", last_line("cleanrl_ppo.py", 2)
    ).groups()
    assert int(played) == 2 and int(ended) > 0 and 0.0 < float(mean) < 10.0
    assert 0.9 * 2 * 64 * 64 < int(visits) < 2 * 64 * 64


def test_no_advantage_flows_from_one_patient_to_the_next(example):
    """Who dies, is cut off and goes on: three columns, whose second visit is the last of the first two patients."""
    torch = importlib.import_module("torch")
    rewards = torch.tensor([[1.0] * 3, [2.0] * 3, [0.0, 0.0, 3.0], [100.0, 100.0, 4.0]])
    values = torch.tensor([[10.0] * 3, [20.0] * 3, [30.0] * 3, [40.0] * 3, [50.0] * 3])
    terminated = torch.tensor([[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]]).bool()
    ended = torch.tensor([[0, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 0]]).bool()
    found = example.advantages(rewards, values, terminated, ended)
    d, s = example.DISCOUNT, example.SMOOTHING
    death, cut = 2.0 - 20.0, 2.0 + d * 30.0 - 20.0
    first = 1.0 + d * 20.0 - 10.0
    assert found[1, :2].tolist() == pytest.approx([death, cut])
    assert found[0, :2].tolist() == pytest.approx([first + d * s * death, first + d * s * cut])
    assert found[0, 2] > found[0, 1], "who goes on has what comes later, too"
