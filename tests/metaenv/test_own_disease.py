"""A disease from outside the package: what docs/own_disease.md says is done as it says."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec

import metaenv
from metaenv.diseases import find_disease

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "own_disease.md"
EXAMPLE = ROOT / "docs" / "examples" / "melanoma.py"
ID = "mine/Melanoma-v0"
SCRIPTS = {
    code.split("\n", 1)[0].removeprefix("# "): code
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
}


def refuses(call, *words):
    with pytest.raises(ValueError) as caught:
        call()
    for word in words:
        assert word in str(caught.value), f"{word!r} is not in {str(caught.value)!r}"


# ---- what the page says


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder outside the package with the example and every script of the page."""
    folder = tmp_path_factory.mktemp("mine")
    shutil.copy(EXAMPLE, folder)
    for name, code in SCRIPTS.items():
        (folder / name).write_text(code, encoding="utf-8")
    return folder


def run(folder, script):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # as if metaenv were installed
    command = [sys.executable, "-W", "error::UserWarning", script]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout


SAYS = {  # what a script of the page prints
    "play.py": r"MultiDiscrete\(\[3 3\]\) \(\d+,\)",
    "workers.py": r"\[0\.0\d+ +0\.0\d+ *\]\nBRAF-mutant melanoma",
    "stable.py": r"\(2, \d+\)",
    "enzalutamide.py": "",
}


@pytest.mark.parametrize(
    "script", ["play.py", "workers.py", "enzalutamide.py", pytest.param("stable.py", marks=pytest.mark.slow)]
)
def test_what_the_page_says_works(folder, script):
    assert re.fullmatch(SAYS[script], run(folder, script).strip())


def test_every_script_of_the_page_is_run():
    assert SAYS.keys() == SCRIPTS.keys()


def test_the_example_is_short_and_imports_metaenv_and_two_of_its_modules_at_most():
    text = EXAMPLE.read_text(encoding="utf-8")
    code = [line for line in text.split('"""', 2)[2].splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= 36
    modules = set(re.findall(r"^(?:from|import) (metaenv\S*)", text, re.MULTILINE))
    assert "metaenv" in modules and len(modules) <= 3


# ---- in this process


@pytest.fixture
def melanoma(monkeypatch):
    """The example as an imported module; its id is gone afterwards."""
    monkeypatch.syspath_prepend(str(EXAMPLE.parent))
    yield importlib.import_module("melanoma")
    sys.modules.pop("melanoma")
    gym.registry.pop(ID, None)


def test_an_own_disease_is_played_to_its_end_single_and_vector(melanoma):
    one, many = gym.make(ID), gym.make_vec(ID, num_envs=3)
    assert isinstance(many.unwrapped, metaenv.MetastasisVectorEnv)
    observation, _ = one.reset(seed=1)
    observations, _ = many.reset(seed=1)
    assert (observation == observations[0]).all()
    over = False
    while not over:
        *_, terminated, truncated, info = one.step(np.array([2, 1]))
        over = terminated or truncated
    assert info["day"] > 100.0 and info["resistant_fraction"].shape == (2,)


def test_resistance_of_an_own_drug_acts(melanoma):
    """Without a clone that resists, vemurafenib works for longer."""
    days = []
    for without in ((), ("heterogeneity",)):
        envs = gym.make_vec(ID, num_envs=64, without=without, autoreset_mode="Disabled")
        envs.reset(seed=0)
        for _ in range(40):
            *_, info = envs.step(np.tile([2, 0], (64, 1)))
        days.append(np.where(info["progressed"], info["progression_day"], info["day"]).mean())
    assert days[1] > 1.3 * days[0]


def test_the_spec_of_an_own_id_is_json_and_makes_the_same_environment(melanoma):
    env = gym.make(ID, action="continuous")
    kept = json.loads(env.spec.to_json())
    assert kept["kwargs"] == {"disease": "melanoma:MELANOMA", "action": "continuous"}
    again = gym.make(EnvSpec.from_json(json.dumps(kept)))
    assert again.unwrapped.scenario == env.unwrapped.scenario and again.action_space == env.action_space


def test_arguments_that_an_id_stands_for_can_still_be_given_otherwise(melanoma):
    metaenv.register("mine/MelanomaDoses-v0", disease="melanoma:MELANOMA", action="continuous")
    try:
        assert isinstance(gym.make("mine/MelanomaDoses-v0").action_space, gym.spaces.Box)
        assert isinstance(gym.make("mine/MelanomaDoses-v0", action="levels").action_space, gym.spaces.MultiDiscrete)
    finally:
        gym.registry.pop("mine/MelanomaDoses-v0")


def test_a_disease_itself_can_be_registered_or_given(melanoma, same):
    own = replace(melanoma.MELANOMA, title="changed")
    metaenv.register("mine/Changed-v0", disease=own)
    try:
        envs = [gym.make("mine/Changed-v0"), metaenv.MetastasisEnv(disease=own), metaenv.MetastasisVectorEnv(1, own)]
    finally:
        gym.registry.pop("mine/Changed-v0")
    assert all(env.unwrapped.scenario == metaenv.make_scenario(own) for env in envs)
    same(envs[0].reset(seed=1), envs[1].reset(seed=1))


def test_a_scenario_of_an_own_disease_goes_with_its_id_and_no_other(melanoma):
    scenario = metaenv.make_scenario("melanoma:MELANOMA").without(("immune",))
    assert gym.make(ID, scenario=scenario).unwrapped.scenario == scenario
    refuses(lambda: gym.make(ID, scenario=metaenv.make_scenario("lung")), "melanoma", "'lung'")
    refuses(lambda: gym.make("metaenv/Lung-v1", scenario=scenario), "'lung'", "'melanoma'")


def test_traits_of_a_registered_disease_are_known_to_drugs_elsewhere(melanoma):
    prostate = metaenv.make_scenario("prostate")
    drug = replace(melanoma.VEMURAFENIB, toxicity={})
    assert replace(prostate, drugs=(drug,)).drugs == (drug,)
    gym.registry.pop(ID)
    refuses(lambda: replace(prostate, drugs=(drug,)), "fold", "'vemurafenib'", "['NRAS']")


def test_registering_the_same_again_says_nothing_and_something_else_is_said_by_gymnasium(melanoma):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metaenv.register(ID, disease="melanoma:MELANOMA")
    with pytest.warns(UserWarning, match="Overriding environment mine/Melanoma-v0"):
        metaenv.register(ID, disease="melanoma:MELANOMA", action="continuous")


# ---- what is refused


def test_a_registered_disease_that_cannot_be_imported_stops_nobody_else(melanoma):
    metaenv.register("mine/Nowhere-v0", disease="nowhere:NOWHERE")
    try:
        refuses(lambda: gym.make("mine/Nowhere-v0"), "'nowhere:NOWHERE'", "module", "nowhere")
        drug = replace(melanoma.VEMURAFENIB, fold={"NRSA": 2.0}, toxicity={})
        refuses(lambda: replace(metaenv.make_scenario("prostate"), drugs=(drug,)), "['NRSA']", "'NRAS'")
    finally:
        gym.registry.pop("mine/Nowhere-v0")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("measles", ["unknown disease 'measles'", "prostate", "'module:NAME'"]),
        (":MELANOMA", ["unknown disease ':MELANOMA'"]),
        ("melanoma:", ["unknown disease 'melanoma:'"]),
        ("../melanoma:MELANOMA", ["unknown disease"]),
        ("nowhere.melanoma:MELANOMA", ["'nowhere.melanoma:MELANOMA'", "module", "No module named 'nowhere'"]),
        ("metaenv.diseases.lung:BREAST", ["'metaenv.diseases.lung'", "['LUNG']", "got nothing"]),
        ("metaenv.diseases:Disease", ["metaenv.diseases", "got a type"]),
        (None, ["unknown disease None"]),
        (["lung"], ["unknown disease ['lung']"]),
    ],
)
def test_what_names_no_disease_is_refused(name, words):
    refuses(lambda: find_disease(name), *words)


def test_an_object_that_is_no_disease_is_told_in_short():
    with pytest.raises(ValueError, match="unknown disease Scenario") as caught:
        metaenv.make_scenario(metaenv.make_scenario("lung"))
    assert len(str(caught.value)) < 300


def test_an_error_inside_the_module_is_its_own(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "needs_more.py").write_text("import what_is_not_installed\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="what_is_not_installed"):
        find_disease("needs_more:ANY")


@pytest.mark.parametrize(
    ("identifier", "disease", "words"),
    [
        ("metaenv/Lung-v1", "lung", ["identifier", "namespace of your own", "'metaenv/Lung-v1'"]),
        ("mine/Lung-v0", "lnug", ["unknown disease 'lnug'", "lung"]),
        ("mine/Lung-v0", 3, ["unknown disease 3"]),
        ("mine/Lung-v0", "lung:", ["unknown disease 'lung:'"]),
        (3, "lung", ["identifier", "3"]),
    ],
)
def test_register_refuses(identifier, disease, words):
    before = dict(gym.registry)
    refuses(lambda: metaenv.register(identifier, disease=disease), *words)
    assert gym.registry == before
