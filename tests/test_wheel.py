"""Who only installs the wheel can do what the page promises, in a folder of their own that hides nothing."""

import json
import os
import site
import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("metaenv", "metaenv_agents", "metaenv_experiments")
PATIENCE = 900  # seconds; the first step compiles the simulator
OWN = "def policy(observation):\n    return [2 if observation[1] > 0.5 else 0, 0]\n"

pytestmark = pytest.mark.slow


def installed(environment):
    """The site-packages of a virtual environment."""
    return next(environment.glob("lib*/python*/site-packages"), environment / "Lib" / "site-packages")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A virtual environment with the wheel; what it depends on is that of this environment, by a .pth file."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, timeout=PATIENCE, cwd=folder)
    place = folder / "environment"
    venv.create(place, with_pip=False, symlinks=os.name != "nt")
    (wheel,) = folder.glob("*.whl")
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    into = [*pip, "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(into, check=True, timeout=PATIENCE, cwd=folder)
    # addsitedir would read the .pth file of an editable install, and with it the checkout: plain paths only
    theirs = [each for each in site.getsitepackages() if Path(each).is_dir()]
    (installed(place) / "theirs.pth").write_text("\n".join(theirs) + "\n")
    return place


@pytest.fixture
def folder(tmp_path):
    """A user's folder: an own policy, and packages of the user's own under the names of the checkout's folders."""
    for name in ("agents", "experiments", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not yours')\n")
    (tmp_path / "my_policy.py").write_text(OWN)
    return tmp_path


@pytest.fixture
def do(environment, folder):
    """Run a command of the environment in the user's folder, with nothing of this checkout; returns what it said."""

    def run(*command):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV_"))}
        binaries = environment / ("Scripts" if os.name == "nt" else "bin")
        arguments = [str(binaries / command[0]), *(str(each) for each in command[1:])]
        quiet = {"cwd": folder, "env": clean, "capture_output": True, "text": True, "timeout": PATIENCE}
        told = subprocess.run(arguments, check=False, **quiet)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "Traceback" not in told.stderr
        return told.stdout

    return run


def test_every_package_comes_from_the_wheel(do, environment):
    code = f"import importlib; print(*(importlib.import_module(name).__file__ for name in {PACKAGES}))"
    places = [Path(each) for each in do("python", "-c", code).split()]
    assert [each.parent for each in places] == [installed(environment) / name for name in PACKAGES]


def test_the_command_line_explains_itself(do):
    for command in (["metaenv", "--help"], ["python", "-m", "metaenv", "--help"]):
        assert "benchmark" in do(*command)


def test_rules_and_shipped_policies_are_listed_and_act(do):
    code = """
        import gymnasium, metaenv, metaenv_agents
        env = gymnasium.make("metaenv/Prostate-v1")
        print(sorted(metaenv_agents.RULES), metaenv_agents.pretrained())
        for policy in (metaenv_agents.make_rule("at50", env), metaenv_agents.load("prostate/ppo")):
            observation, _ = env.reset(seed=0, options={"cohort": "test"})
            memory, over = None, False
            while not over:
                action, memory = policy.predict(observation, memory)
                observation, _, terminated, truncated, info = env.step(action)
                over = terminated or truncated
            print(info["day"] > 28)
    """
    told = do("python", "-c", textwrap.dedent(code))
    assert "'at50'" in told and "'lung/ppo'" in told and told.split()[-2:] == ["True", "True"]


def test_the_bridge_learns_and_its_model_is_scored(do):
    pytest.importorskip("stable_baselines3")
    code = """
        import gymnasium, metaenv, metaenv_experiments
        from gymnasium.vector import AutoresetMode
        from metaenv_agents.rl.vec_env import VectorBridge
        from stable_baselines3 import PPO
        envs = gymnasium.make_vec("metaenv/Prostate-v1", num_envs=8, vectorization_mode="vector_entry_point",
                                  autoreset_mode=AutoresetMode.SAME_STEP)
        model = PPO("MlpPolicy", VectorBridge(envs), n_steps=16, batch_size=64, device="cpu").learn(256)
        print(metaenv_experiments.score(model, patients=8, against=("maximum_tolerated_dose",)))
    """
    told = do("python", "-c", textwrap.dedent(code))
    assert "Outcomes of 8 patients per policy" in told and "\n  PPO " in told


def test_an_own_policy_is_scored_on_the_test_cohort_with_the_survival_table(do, folder):
    own = ["--own", "my_policy.py:policy", "--agents", "prostate/ppo"]
    told = do("metaenv", "benchmark", "--disease", "prostate", "--patients", 32, *own, "--out", "run")
    assert "Outcomes of 32 patients per policy" in told and "\n  policy " in told and "survival" in told
    summary = json.loads((folder / "run" / "summary.json").read_text())
    policies = summary["policies"]
    assert summary["task"]["cohort"] == "test" and policies["policy"]["kind"] == "own"
    returns = {name: policy["outcomes"]["return"]["value"] for name, policy in policies.items()}
    assert returns["policy"] > returns["no_treatment"]
    assert (folder / "run" / "report.html").is_file()


def test_what_commands_read_is_in_the_wheel(environment):
    place = installed(environment)
    data = (
        "tuned_rules/prostate.json",
        "simple_policies/prostate.json",
        "configs/ppo_small.toml",
        "fitted_diseases/lung.json",
    )
    texts = ("reporting/report.html", "reporting/card.md", "studies/credibility/template.md", "play/static/index.html")
    for name in (*data, *texts):
        assert (place / "metaenv_experiments" / name).is_file()
    for name in ("policy.json", "policy.safetensors", "README.md"):
        assert (place / "metaenv_agents" / "pretrained" / "prostate" / "ppo" / name).is_file()
    assert (place / "metaenv" / "fingerprints.json").is_file()
