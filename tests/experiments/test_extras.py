"""Each extra is enough for what it promises: what the others bring is kept from being imported."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

AGENTS = ("sb3_contrib", "stable_baselines3", "torch")  # extra `agents`
EXPERIMENTS = (  # extra `experiments`
    "SALib",
    "cattrs",
    "cma",
    "matplotlib",
    "openpyxl",
    "optuna",
    "pandas",
    "pyarrow",
    "rich",
    "scipy",
    "sklearn",
    "tensorboard",
    "tyro",
)
BLOCKER = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)
sys.meta_path.insert(0, Missing())
"""
BASE = """
import gymnasium, metaenv, metaenv_agents
env, alone = (gymnasium.make("metaenv/Prostate-v1", local_therapy=offered) for offered in (True, False))
treated = [(env, metaenv_agents.make_rule(name, env)) for name in metaenv_agents.RULES]
for each, policy in [*treated, (alone, metaenv_agents.load("prostate/ppo"))]:
    action, _ = policy.predict(each.reset(seed=0)[0])
    assert each.action_space.contains(action), policy
    each.step(action)
print(len(metaenv_agents.RULES), metaenv_agents.pretrained())
"""
NO_PICTURES = """
from metaenv_experiments.reporting import end_of_run
end_of_run.draw = end_of_run.html_report.write = lambda folder: None
"""
BENCHMARK = """
from metaenv_experiments.__main__ import main
own = "my_policy.py:policy"
shared = ["--agents", "prostate/ppo", "--own", own, "--out", "run"]
assert main(["benchmark", "--patients", "2", "--policies", "maximum_tolerated_dose", *shared]) == 0
import metaenv_experiments
print(metaenv_experiments.score(own, patients=2, against=()).table.index.tolist())
assert main(["results", "--add", "run", "--to", "page"]) == 0
"""
BRIDGE = """
import metaenv_agents.rl.vec_env
"""


def without(missing, code, folder):
    """Run Python code in a folder with an own policy, without these packages; returns (exit code, all it said)."""
    (folder / "my_policy.py").write_text("def policy(observation):\n    return [2, 0]\n")
    blocked = BLOCKER.format(missing=set(missing)) + code
    paths = {"PYTHONPATH": os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each)}
    told = subprocess.run(
        [sys.executable, "-c", blocked],
        cwd=folder,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        check=False,
    )
    return told.returncode, told.stdout + told.stderr


def test_the_bare_import_of_experiments_is_light_and_lists_its_names(tmp_path):
    code, text = without(
        (*AGENTS, *EXPERIMENTS), "import metaenv_experiments\nprint(dir(metaenv_experiments))", tmp_path
    )
    assert code == 0 and "'Score'" in text and "'score'" in text, text


def test_rules_and_shipped_policies_need_no_extra(tmp_path):
    code, text = without((*AGENTS, *EXPERIMENTS), BASE, tmp_path)
    assert code == 0, text
    assert "'prostate/ppo'" in text


@pytest.mark.parametrize(
    "drawn", [pytest.param(NO_PICTURES, id="plain"), pytest.param("", marks=pytest.mark.slow, id="drawn")]
)
def test_benchmarks_of_rules_shipped_and_own_policies_need_no_network_library(drawn, tmp_path):
    code, text = without(AGENTS, drawn + BENCHMARK, tmp_path)
    assert code == 0, text
    assert (tmp_path / "run" / "report.html").is_file() == (not drawn)
    assert "['policy']" in text and "policy: own policy" in text


def test_the_bridge_says_which_extra_it_needs(tmp_path):
    code, text = without(AGENTS, BRIDGE, tmp_path)
    assert code == 1
    assert "ImportError: metaenv_agents.rl.vec_env needs Stable-Baselines3, extra 'agents': pip install 'meta" in text


@pytest.mark.parametrize("package", [*AGENTS, *EXPERIMENTS])
def test_what_is_kept_away_is_known_by_its_right_name(package):
    # A name that nobody has would be kept away in vain.
    assert find_spec(package) is not None
