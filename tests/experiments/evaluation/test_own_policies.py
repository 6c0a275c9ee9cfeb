"""Policies of the user's own take part as any other, and what goes wrong in them is said in one line at the door."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.own_policies import at_hand, own
from metaenv_experiments.evaluation.policies import OWN, RULE, rule
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.options import UsageError

TASK = Task(disease="prostate", cohort="test", patients=4, seed=0)
FULL_DOSE = """
import numpy as np
from dataclasses import dataclass

def full(patients):
    return np.tile([2, 0], (patients, 1))

class Thing:
    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return full(len(observation)), state

thing = Thing()

class Made(Thing):
    def __init__(self, known):
        assert known.drugs == ("abiraterone", "docetaxel")

@dataclass(kw_only=True)
class MadeByName(Thing):
    other: int = 0
    clinic: object

def make(clinic):
    return Made(clinic)

def make_function(clinic):
    return lambda observation: [2 for _ in clinic.first_line] + [0]

def of_one(observation):
    assert observation.ndim == 1
    return [2 if observation[0] > -9 else 0, 0]

def of_all(observation):
    return np.where(observation[:, :1] > -9, [2, 0], 0)

class Continuous:
    action = "continuous"
    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        return full(len(observation)) / 2, state
"""
FORMS = ("thing", "Thing", "Made", "MadeByName", "make", "make_function", "of_one", "of_all", "Continuous")


@pytest.fixture(scope="module")
def wanted():
    return rule("maximum_tolerated_dose", TASK).play(TASK, TASK.ids).episodes


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a policy file into an empty working folder; returns its path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(text, name="my_policy.py"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_policy_treats_as_the_rule_that_it_copies(form, written, wanted):
    (found,) = own([f"{written(FULL_DOSE)}:{form}"], TASK)
    assert (found.name, found.kind) == (form, OWN)
    pd.testing.assert_frame_equal(found.play(TASK, TASK.ids).episodes, wanted)


def test_a_policy_remembers_between_visits_and_forgets_between_patients(written):
    text = """
class Counts:
    def __init__(self, clinic): self.clinic = clinic
    def predict(self, observation, state=None, episode_start=None, deterministic=True):
        import numpy as np
        visits = np.zeros(len(observation)) if state is None else np.where(episode_start, 0, state)
        return self.clinic.encode(np.outer(visits < 3, [1.0, 0.0])), visits + 1
"""
    (found,) = own([f"{written(text)}:Counts"], TASK)
    courses = found.play(TASK, TASK.ids, watch=TASK.ids.tolist()).courses
    assert courses.groupby("patient")["prescribed_abiraterone"].sum().unique().tolist() == [3.0]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("x = 1", "policy", "own policy must be a name in {file}, x, got 'policy'"),
        ("def f(:", "f", "cannot be imported: SyntaxError: invalid syntax (my_policy.py, line 1)"),
        ("\nimport nowhere", "f", "imported: ModuleNotFoundError: No module named 'nowhere' (my_policy.py, line 2)"),
        ("raise SystemExit('bye')", "f", "cannot be imported: SystemExit: bye (my_policy.py, line 1)"),
        ("f = 3", "f", "must have predict(observation, state, episode_start, deterministic), be a class or"),
        ("def f(observation):\n    return [2, 0, 0]", "f", "'f': action must have shape (2, 2) for ['abiraterone',"),
        (
            "def f(observation):\n    return [2 if observation[0] > -9 else 0, 0, 0]",
            "f",
            "action must have shape (2, 2)",
        ),
        ("def f(observation):\n    return [3, 0]", "f", "'abiraterone' must be a whole number from 0 to 2, got 3.0"),
        ("def f(observation):\n    return 'much'", "f", "action must be numbers for ['abiraterone', 'docetaxel'],"),
        (
            "def f(observation):\n    return 1 / 0",
            "f",
            "raised ZeroDivisionError: division by zero (my_policy.py, line 2)",
        ),
        ("def f(observation):\n    return [observation[:, 99], 0]", "f", "index 99 is out of bounds"),
        ("class F:\n    def predict(self, *_, **__):\n        return [2, 0]", "F", "must return (actions, state)"),
        ("class F:\n    def __init__(self, clinic):\n        clinic.dose", "F", "cannot be made: AttributeError: "),
        ("from metaenv_agents import load\nf = load('lung/ppo')", "f", "cannot treat here: policy was trained for"),
    ],
)
def test_what_is_wrong_in_a_policy_is_said_in_one_line_and_nothing_is_left(text, name, message, written, run):
    file = written(text)
    out = file.parent / "run"
    code, printed = run(["benchmark", "--patients", 2, "--own", f"my_policy.py:{name}", "--out", out], flat=False)
    errors = [line for line in printed.splitlines() if line.startswith("error: ")]
    assert code == BAD_REQUEST and len(errors) == 1 and "Traceback" not in printed
    assert message.format(file=file) in errors[0]
    assert sorted(path.name for path in file.parent.iterdir()) == ["my_policy.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--own", "nowhere.py:policy"],
            "own policy must be FILE.py:NAME of a file that exists, got 'nowhere.py:policy'",
        ),
        (["--own", "policy"], "own policy must be FILE.py:NAME or module:NAME, got 'policy'"),
        (["--own", "nowhere.py:"], "own policy must be FILE.py:NAME or module:NAME, got 'nowhere.py:'"),
        (["--own", "nowhere:policy"], "nowhere cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        (["--own", "json:dumps", "json:dumps"], "--own must be each name once"),
    ],
)
def test_a_policy_that_is_not_there_is_refused_at_the_door(arguments, message, run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, text = run(["benchmark", *arguments])
    assert code == BAD_REQUEST and message in text and "Traceback" not in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_pictures")
def test_what_a_policy_raises_late_is_said_in_one_line_too(written, run):
    body = ("seen.append(1)", "assert len(seen) < 2_000, 'tired'", "return [0, 0]")
    written("\n    ".join(["seen = []\ndef f(observation):", *body]))
    options = ["--policies", "no_treatment", "--patients", 64, "--watch", 0]
    code, text = run(["benchmark", *options, "--own", "my_policy.py:f"])
    assert code == BAD_REQUEST and "own policy 'f' raised AssertionError: tired (my_policy.py, line 4)" in text
    assert "Traceback" not in text


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("several", [(1,), pytest.param((1, 2), marks=pytest.mark.slow)])
def test_an_own_policy_stands_in_the_table_and_processes_change_nothing(several, written, run, wanted):
    written(FULL_DOSE)
    written(FULL_DOSE, "my_module.py")
    policies = ["--policies", "no_treatment", "--own", "my_policy.py:Made", "my_module:of_one", "--patients", 4]
    for workers in several:
        out = ["--workers", workers, "--chunk", 2, "--out", f"run-{workers}"]
        code, text = run(["benchmark", *policies, *out], flat=False)
        assert code == 0, text
        assert "\n  Made  " in text and "\n  of one  " in text and "Made: own policy, my_policy.py:Made" in text
    first, last = (pd.read_parquet(f"run-{workers}/episodes.parquet") for workers in (several[0], several[-1]))
    pd.testing.assert_frame_equal(first, last)
    for name in ("Made", "of_one"):
        mine = first[first["policy"] == name].drop(columns="policy").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, wanted)
    told = BenchmarkSummary.read(Path("run-1")).policies
    assert {name: each.kind for name, each in told.items()} == {"no_treatment": RULE, "Made": OWN, "of_one": OWN}
    assert len(told["Made"].parameters["sha256"]) == 64


@pytest.mark.usefixtures("no_pictures")
def test_a_run_is_not_resumed_with_an_edited_policy(written, run):
    command = ["benchmark", "--policies", "--own", "my_policy.py:of_one", "--patients", 2, "--watch", 0, "--out", "run"]
    written(FULL_DOSE)
    assert run(command)[0] == 0
    assert run([*command, "--resume"])[0] == 0
    written(FULL_DOSE.replace("[2 if", "[1 if"))
    code, text = run([*command, "--resume"])
    assert code == BAD_REQUEST and "my_policy.py has changed since" in text


def test_an_edited_file_is_read_anew(written):
    before = own([f"{written('def f(observation): return [0, 0]')}:f"], TASK)[0].play(TASK, TASK.ids).episodes
    after = own([f"{written('def f(observation): return [2, 0]')}:f"], TASK)[0].play(TASK, TASK.ids).episodes
    assert before["dose_intensity_abiraterone"].max() == 0.0 and after["dose_intensity_abiraterone"].min() > 0.9


def test_a_file_finds_its_neighbours_and_hides_nobody_elses(written):
    written("def dose(): return [2, 0]", "neighbour.py")
    written("raise RuntimeError('the wrong json')", "json.py")
    file = written("import json, neighbour\ndef f(observation): return neighbour.dose()")
    assert own([f"{file}:f"], TASK)[0].name == "f"


def test_policies_of_one_name_or_of_a_rules_are_told_apart_by_their_files(written):
    text = "def containment(observation): return [0, 0]\nf = containment"
    one, other = written(text), written(text, "other.py")
    names = [each.name for each in own([f"{one}:f", f"{other}:f", f"{one}:containment"], TASK)]
    assert names == ["my_policy f", "other f", "my_policy containment"]


def test_a_policy_at_hand_has_a_name_that_is_no_rules_and_no_path():
    for name in ("at50", "../../elsewhere", "", "a/b"):
        with pytest.raises(UsageError, match="own policy"):
            at_hand(lambda observation: [0, 0], name, TASK)
