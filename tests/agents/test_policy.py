import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from metaenv_agents.policy import Clinic


def test_clinic_reads_drugs_calendar_and_actions_off_an_environment(toy):
    clinic = Clinic.of(toy(2))
    assert (clinic.drugs, clinic.first_line) == (("abiraterone", "docetaxel"), (0,))
    assert (clinic.action, clinic.local_therapy, clinic.visit_interval) == ("levels", True, 28.0)
    assert Clinic.of(toy(2, action="continuous")).action == "continuous"


def test_levels_are_half_doses_with_local_therapy_last(clinic):
    actions = clinic.encode(np.array([[0.0, 0.5], [1.0, 0.0]]))
    assert actions.tolist() == [[0, 1, 0], [2, 0, 0]]
    assert actions.dtype == np.int64


def test_continuous_actions_are_fractions(clinic):
    continuous = replace(clinic, action="continuous")
    actions = continuous.encode(np.array([[0.3, 1.0]]), np.array([2]))
    assert np.array_equal(actions, np.array([[0.3, 1.0, 2.0]], dtype=np.float32))
    assert actions.dtype == np.float32


def test_no_local_therapy_no_entry(clinic):
    assert replace(clinic, local_therapy=False).encode(np.ones((3, 2))).shape == (3, 2)


def test_dose_between_levels_is_refused(clinic):
    with pytest.raises(ValueError, match=r"0, 0\.5 or 1 of full dose, got .*0\.3"):
        clinic.encode(np.array([[0.3, 0.0]]))


@pytest.mark.parametrize(
    ("choice", "mask"),
    [
        ("first_line", [True, False]),
        ("all", [True, True]),
        ((1,), [False, True]),
        (("docetaxel", 0), [True, True]),
        ((), [False, False]),
    ],
)
def test_drugs_are_chosen_by_role_index_or_name(clinic, choice, mask):
    assert clinic.select(choice).tolist() == mask


@pytest.mark.parametrize("choice", [(2,), (-1,), ("aspirin",), "docetaxel"])
def test_unknown_drug_is_refused_with_the_known_ones(clinic, choice):
    with pytest.raises(ValueError, match="abiraterone"):
        clinic.select(choice)


def test_unmeasured_marker_is_nan(clinic, see):
    ratios = clinic.marker_ratio(see([0.4, 0.4], measured=[1.0, 0.0]))
    assert ratios[0] == pytest.approx(0.4)
    assert np.isnan(ratios[1])


def test_rules_and_settings_need_neither_torch_nor_stable_baselines_nor_optuna():
    modules = ["rules", "control.threshold", "rl.policy", "rl.learners", "rl.checkpoint"]
    code = f"import sys, {', '.join(f'metaenv_agents.{each}' for each in modules)}; "
    heavy = {"torch", "stable_baselines3", "sb3_contrib", "optuna", "matplotlib"}
    code += f"found = {heavy} & sys.modules.keys(); sys.exit(repr(found) if found else 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
