"""Plain Python is the reference of the kernel: the same visits with NUMBA_DISABLE_JIT=1 agree within rounding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import dataclasses, json, sys
import numpy as np
import metaenv
from metaenv.scenario.variation import vary

def course(disease, patients, actions, **changes):
    scenario = dataclasses.replace(metaenv.make_scenario(disease), **changes)
    if scenario.local_therapy:  # of every lesion, else these patients would be offered none
        scenario = vary(scenario, {"local_therapy.most_lesions": 1000})
    env = metaenv.MetastasisVectorEnv(patients, scenario=scenario, observation="full", autoreset_mode="Disabled")
    observation, infos = env.reset(seed=12)
    rows = [observation.tolist()]
    for action in actions:
        observation, reward, terminated, truncated, infos = env.step(np.tile(action, (patients, 1)))
        state = env.cohort.state
        rows.append(
            {
                "observation": observation.tolist(),
                "reward": reward.tolist(),
                "flags": [terminated.tolist(), truncated.tolist()],
                "infos": {name: value.tolist() for name, value in infos.items()},
                "proliferating": state.proliferating.tolist(),
                "dormant": state.dormant.tolist(),
                "disseminated_cells": state.disseminated_cells.tolist(),
                "neutrophils": state.neutrophils.tolist(),
                "hazard": state.host["hazard"].tolist(),
            }
        )
    return rows

import numba
print(json.dumps({"plain": bool(numba.config.DISABLE_JIT), "course": eval(sys.argv[1])}))
"""


def run(expression, plain):
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1" if plain else "0", "PYTHONWARNINGS": "ignore::RuntimeWarning"}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, expression], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["plain"] is plain
    return answer["course"]


def agree(one, other, where="course"):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            agree(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list) and one and isinstance(one[0], dict):
        for k, (a, b) in enumerate(zip(one, other, strict=True)):
            agree(a, b, f"{where}[{k}]")
    else:
        a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
        assert np.allclose(a, b, rtol=1e-6, atol=1e-9), f"{where}: {a} and {b}"


LOCAL = "visit_interval=14.0, local_therapy=True"
SMALL = {
    "strobl": "course('strobl2021', 2, [[2], [2], [1], [0], [0]])",
    "prostate": f"course('prostate', 1, [[2, 2, 0], [0, 0, 2], [1, 0, 1]], {LOCAL})",
    "prostate by its means": f"course('prostate', 1, [[2, 2, 0], [0, 0, 1]], {LOCAL}, stochastic=False)",
}


@pytest.mark.parametrize("name", SMALL)
def test_plain_python_agrees_with_the_compiled_kernel(name):
    plain, compiled = run(SMALL[name], True), run(SMALL[name], False)
    agree(plain[1:], compiled[1:])
    agree(plain[0], compiled[0], "first visit")


@pytest.mark.slow
def test_plain_python_agrees_over_a_year_of_treatment():
    expression = "course('prostate', 3, [[2, 2, 0]] * 5 + [[0, 0, 2], [0, 0, 1]] + [[1, 0, 0]] * 6, local_therapy=True)"
    plain, compiled = run(expression, True), run(expression, False)
    agree(plain[1:], compiled[1:])
