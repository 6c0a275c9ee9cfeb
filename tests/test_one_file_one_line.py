"""A new rule and a new learner: one file each, and the line where their kind is listed. All else follows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULE = '''
"""Full doses of the first line at every other visit."""

from dataclasses import dataclass

import numpy as np

from metaenv_agents.rules.rule import Rule
from metaenv_agents.rules.search_space import suggest_days


@dataclass(frozen=True, kw_only=True)
class EveryOtherVisit(Rule):
    """Full doses of the first line at every other visit, for some days."""

    days: float = 100.0

    name = "every_other_visit"
    memory_size = 1  # visits so far

    @staticmethod
    def search_space(trial, clinic):
        """For how long."""
        return {"days": suggest_days(trial, "days", 28.0, 280.0)}

    def decide(self, observation, memory, fresh):
        """Count."""
        treat = (memory[:, 0] % 2 == 0) & (memory[:, 0] * self.clinic.visit_interval < self.days)
        return self.clinic.encode(self.give(treat, self.clinic.select("first_line"))), memory + 1
'''
LEARNER = '''
"""A2C (Mnih2016): one step of the gradient per update."""

from dataclasses import dataclass

from metaenv_agents.rl.learners.on_policy import actor, learn, play
from metaenv_agents.rl.learners.sb3_learner import SB3Learner, model_arguments
from metaenv_agents.rl.learners.search_space import suggest_common
from metaenv_agents.rl.learners.settings import Settings


@dataclass(frozen=True, kw_only=True)
class A2CSettings(Settings):
    """A2C's."""

    algo = "a2c"
    actions = "levels"

    n_steps: int = 5

    @property
    def visits_per_update(self):
        """Of all patients."""
        return self.n_envs * self.n_steps


def arguments(settings):
    """A2C knows no smaller batches."""
    return {name: value for name, value in model_arguments(settings).items() if name != "batch_size"}


A2C = SB3Learner(
    settings=A2CSettings,
    algorithm="stable_baselines3.A2C",
    arguments=arguments,
    actor=actor,
    play=play,
    learn=learn,
    search_space=suggest_common,
)
'''
PROPOSE = """
import gymnasium, optuna, metaenv
from metaenv_agents.policy import Clinic
from metaenv_agents.rl.learners import LEARNERS
from metaenv_agents.rules import RULES, make_rule, tunable

clinic, trial = Clinic.of(gymnasium.make("metaenv/Prostate-v1")), optuna.create_study().ask()
assert "every_other_visit" in tunable(RULES)
assert make_rule("every_other_visit", clinic, **RULES["every_other_visit"].search_space(trial, clinic)).days != 100.0
LEARNERS["a2c"].settings(**LEARNERS["a2c"].search_space(trial))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs Python in a copy of the agents to which a rule and a learner were added."""
    folder = tmp_path_factory.mktemp("copy")
    package = folder / "metaenv_agents"
    shutil.copytree(ROOT / "agents" / "metaenv_agents", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "rules" / "every_other_visit.py").write_text(RULE)
    (package / "rl" / "learners" / "a2c.py").write_text(LEARNER)
    rules, learners = package / "rules" / "__init__.py", package / "rl" / "learners" / "__init__.py"
    add(rules, "metaenv_agents.rules.every_other_visit", "EveryOtherVisit", "NoTreatment")
    add(learners, "metaenv_agents.rl.learners.a2c", "A2C", "PPO")
    path = os.pathsep.join(map(str, (folder, ROOT, ROOT / "experiments")))

    def python(*arguments):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
        )

    return python


def add(registry, module, name, neighbour):
    """Write the line of the list behind a neighbour's, and the import that it needs."""
    text, listed = registry.read_text(), f"\n        {neighbour},\n"
    assert text.count(listed) == 1
    text = text.replace(listed, f"{listed}        {name},\n")
    registry.write_text(text.replace("\nfrom metaenv_agents", f"\nfrom {module} import {name}\nfrom metaenv_agents", 1))


def test_the_rule_and_the_learner_are_searched(run):
    done = run("-c", PROPOSE)
    assert done.returncode == 0, done.stderr


def test_the_command_line_offers_the_learner(run):
    done = run("-m", "metaenv_experiments", "train", "--help")
    assert done.returncode == 0 and "a2c" in done.stdout, done.stderr


@pytest.mark.slow
def test_the_command_line_trains_the_learner_and_compares_it_with_the_rule(run, tmp_path):
    (tmp_path / "small.toml").write_text("n_envs = 4\nn_steps = 8\nhistory = 1\nnet_arch = [4]\n")
    train = ["train", "--algo", "a2c", "--config", tmp_path / "small.toml", "--total-timesteps", 64]
    done = run("-m", "metaenv_experiments", *train, "--validation-patients", 2, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    compare = ["benchmark", "--policies", "every_other_visit", "--runs", tmp_path / "run", "--patients", 3]
    done = run("-m", "metaenv_experiments", *compare, "--watch", 0, "--out", tmp_path / "trial")
    assert done.returncode == 0, done.stderr
    assert "every_other_visit" in done.stdout and "a2c" in done.stdout
