"""A new drug and a new disease are one file and one line each: names, ids and environments follow."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import metaenv

PACKAGE = Path(metaenv.__file__).parent
DRUG = '''"""A drug that nobody has heard of."""

from metaenv.drugs.drug import Drug

UNHEARD = Drug(
    name="unheard",
    infusion=False,
    half_life=1.0,  # days; guess
    hill=1.0,
    ec50=0.5,  # of the average full-dose concentration; guess
    kill=0.1,  # /day; guess
    toxicity={"skin": 0.01},  # /day; guess
)
'''
DISEASE = '''"""Prostate cancer as somebody else sees it."""

from dataclasses import replace

from metaenv.diseases.prostate import PROSTATE
from metaenv.drugs.docetaxel import DOCETAXEL

ANOTHER_VIEW = replace(
    PROSTATE, name="another_view", title="another view", drugs=(DOCETAXEL,), first_line=("docetaxel",), lesions=8
)
'''
PLAY = """
import gymnasium as gym, metaenv
assert "unheard" in metaenv.DRUGS and "another_view" in metaenv.DISEASES
assert "metaenv/AnotherView-v1" in metaenv.REGISTERED
for made in (gym.make, gym.make_vec):
    env = made("metaenv/AnotherView-v1", drugs=["unheard", "docetaxel"]).unwrapped
    assert env.scenario.disease.title == "another view" and "skin" in env.scenario.toxicities
    env.reset(seed=0)
    info = env.step(env.action_space.sample() * 0 + 2)[-1]
    assert (info["dose_prescribed"] == 1.0).all()
print(metaenv.__file__)
"""


def add(package, room, name, content, constant):
    """Write the file and its line; returns how many lines that took beside it."""
    (package / room / f"{name}.py").write_text(content, encoding="utf-8")
    index = package / room / "__init__.py"
    before = index.read_text(encoding="utf-8").splitlines()
    last = max(k for k, line in enumerate(before) if line.startswith(f"from metaenv.{room}."))
    after = [*before[:last], f"from metaenv.{room}.{name} import {constant} as {constant}", *before[last:]]
    index.write_text("\n".join(after) + "\n", encoding="utf-8")
    return len(after) - len(before)


def test_a_drug_and_a_disease_are_one_file_and_one_line_each(tmp_path):
    package = tmp_path / "metaenv"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    assert add(package, "drugs", "unheard", DRUG, "UNHEARD") == 1
    assert add(package, "diseases", "another_view", DISEASE, "ANOTHER_VIEW") == 1
    (tmp_path / "play.py").write_text(PLAY, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "play.py"]
    played = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    assert Path(played.stdout.strip()).parent == package
