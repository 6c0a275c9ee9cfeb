"""What a run ends with: few rows, the best first, and one sentence."""

import pytest

from metaenv_experiments.evaluation.policies import LEARNER, RULE
from metaenv_experiments.evaluation.summary import BenchmarkSummary
from metaenv_experiments.reporting.summary import PLAIN, SHOWN, conclude, learned, say_where

pytestmark = pytest.mark.usefixtures("no_pictures")
PLAINLY = {name: (RULE, 1.0 + k / 10) for k, name in enumerate(PLAIN, start=1)}


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")


def concluded(folder, capsys):
    """The rows of the table that it ends with, and the lines that follow."""
    conclude(folder, BenchmarkSummary.read(folder.path))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    rule = next(k for k, line in enumerate(lines) if line and set(line) <= {"─", " "})
    rows = [line for line in lines[rule + 1 :] if "(" in line and "policies" not in line and "against" not in line]
    return rows, lines


def test_there_are_at_most_eight_rows_by_return_with_the_plain_policies_and_the_learner_among_them(finished, capsys):
    rules = {f"rule {k}": (RULE, 2.0 + k / 10) for k in range(12)}
    folder = finished({**PLAINLY, **rules, "ppo": (LEARNER, 1.0)}, patients=50)
    rows, lines = concluded(folder, capsys)
    best = [f"rule {k}" for k in (11, 10, 9, 8)]
    plain = ["standard of care", "maximum tolerated dose", "no treatment"]
    assert len(rows) == SHOWN == 8
    assert [next(name for name in [*best, *plain, "ppo"] if row.startswith(name)) for row in rows] == [
        *best,
        *plain,
        "ppo",
    ]
    assert "95 % intervals; 8 of 16 policies" in lines


def test_where_there_are_few_all_are_shown(finished, capsys):
    rows, lines = concluded(finished({**PLAINLY, "ppo": (LEARNER, 3.0)}), capsys)
    assert len(rows) == 4 and rows[0].startswith("ppo") and "95 % intervals; 4 of 4 policies" in lines


def test_it_ends_with_one_sentence_and_where_all_else_lies(finished, capsys):
    folder = finished({**PLAINLY, "ppo": (LEARNER, 3.0)})
    _, lines = concluded(folder, capsys)
    said = [line for line in lines if line]
    assert said[-1] == f"all policies, figures and patients: {folder.path / 'report.html'}"
    assert said[-2] == learned(BenchmarkSummary.read(folder.path))
    assert sum(line.endswith(".") for line in said) == 1


@pytest.mark.parametrize(
    ("learner", "said"),
    [
        (3.0, "ppo is above every rule of thumb: 3.0"),
        (1.0, "ppo is below the best rule of thumb, at50: 1.0"),
        (2.0, "ppo cannot be told from the best rule of thumb, at50: 2.0"),
    ],
)
def test_the_sentence_follows_the_intervals(learner, said, finished):
    folder = finished({"at50": (RULE, 2.0), "no_treatment": (RULE, 0.5), "ppo": (LEARNER, learner)})
    sentence = learned(BenchmarkSummary.read(folder.path))
    assert sentence.startswith(said) and sentence.endswith(" quality-adjusted years.") and "\n" not in sentence


def test_what_was_left_is_listed_without_what_lies_deeper(capsys, tmp_path):
    for name in ("episodes.parquet", "pictures/survival.png", "checkpoints/64/model.zip"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    say_where(tmp_path)
    assert capsys.readouterr().out.strip() == f"left in {tmp_path}: episodes.parquet, pictures/survival.png"
