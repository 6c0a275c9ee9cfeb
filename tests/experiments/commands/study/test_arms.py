"""Published trial arms: that each can be simulated, and that what is read off them is what was meant."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import metaenv
from metaenv_agents.rules import make_rule
from metaenv_experiments.commands.study.arms import ARMS, Target, arms_of, outcomes, simulate, verdict
from metaenv_experiments.evaluation.policies import clinic
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.studies.trial_arms.published import PAN2017, near, recurred
from metaenv_experiments.studies.trial_arms.simulated import treat

BIBLIOGRAPHY = Path(metaenv.__file__).parent / "references.bib"


@pytest.fixture(params=ARMS)
def arm(request):
    return ARMS[request.param]


def test_the_arm_treats_its_disease(arm):
    task = Task(disease=arm.disease, cohort="train", patients=1, seed=0, drugs=arm.drugs, changes=arm.changes)
    rule, env = make_rule(arm.rule, clinic(task), **arm.parameters), task.vector_env(1)
    observation, _ = env.reset(seed=0)
    actions, _ = rule.predict(observation)
    assert env.action_space.contains(actions)


def test_everything_published_names_a_source_in_the_bibliography(arm):
    keys = set(re.findall(r"^@\w+\{([^,\s]+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))
    assert {item.source for item in (*arm.targets, *arm.points)} <= keys
    assert arm.targets


def test_every_target_is_a_quantity_that_the_simulation_yields(arm):
    found = outcomes(arm, simulate(arm, cohort="train", patients=24, seed=0))
    missing = {target.quantity for target in arm.targets} - set(found)
    assert missing <= {"cycle_days", "marker_rise_per_day"}  # of 24 patients nobody may have paused


def test_watching_changes_nobodys_fate():
    arm = ARMS["erlotinib (FLAURA)"]
    watched = treat(arm, cohort="train", patients=8, seed=1).episodes
    plain = treat(arm, cohort="train", patients=8, seed=1, watched=False).episodes
    pd.testing.assert_frame_equal(watched[list(plain)], plain, check_exact=True)


def test_changes_come_on_top_of_the_arms_own():
    arm = ARMS["letrozole for 5 years, T1N0 (Pan2017)"]
    nothing = (("presentation.micrometastases.mean", 0.0), ("presentation.disseminated_cells", 0.0))
    none = simulate(arm, cohort="train", patients=8, seed=0, changes=nothing)
    assert not none["progressed"].any()


@pytest.fixture
def five():
    """Five patients; days of progression or last contact, and of death or last contact."""
    return pd.DataFrame(
        {
            "progression_days": [1000.0, 2000.0, 3000.0, 4000.0, 7300.0],
            "progressed": [True, True, True, False, False],
            "survival_days": [1500.0, 7300.0, 3500.0, 4000.0, 7300.0],
            "died": [True, False, True, True, False],
            "AR-V7_at_progression": [0.5, 0.29, 0.3, np.nan, np.nan],
            "dose_abiraterone_share": [1.0, 0.5, 0.5, 0.5, 0.0],
        }
    )


def test_outcomes_of_five_patients(five):
    found = outcomes(ARMS["letrozole for 5 years, T1N0 (Pan2017)"], five)
    month = 365.25 / 12
    assert found["progression_median_months"] == pytest.approx(3000 / month)
    assert found["progression_free_median_months"] == pytest.approx(3000 / month)
    assert found["survival_median_months"] == pytest.approx(4000 / month)
    # four are free at five years (1826 d); of them one recurs at 2000 d and one at 3000 d
    assert found["recurrence_10_years"] == pytest.approx(0.5)
    assert found["recurrence_20_years"] == pytest.approx(0.5)
    assert found["AR-V7_at_progression"] == pytest.approx(2 / 3)
    assert found["AR-V7_seen_at_progression"] == 1.0
    assert found["dose_share_abiraterone"] == pytest.approx(0.5)


def test_the_micrometastases_give_the_published_recurrence_by_year_twenty():
    shares = {stage: round(recurred(mean, 15.0), 2) for stage, mean in PAN2017.items()}
    assert shares == {"T1N0": 0.13, "T2N0": 0.19, "T1N1-3": 0.20, "T2N1-3": 0.26}  # Pan2017


def test_verdict_says_whether_and_by_how_much():
    target = near("survival_median_months", 20.0, "Zhang2022")
    assert verdict(target, {"survival_median_months": 22.8}) == "accepted\n+14 %"
    assert verdict(target, {"survival_median_months": 23.2}) == "OUTSIDE\n+16 %"
    assert verdict(target, {}) == "OUTSIDE\nnot reached"


def test_a_band_that_does_not_hold_its_value_is_refused():
    with pytest.raises(ValueError, match="low < value < high"):
        Target(quantity="dose_share_abiraterone", value=0.5, low=0.6, high=0.7, source="Zhang2022")


def test_a_disease_without_arms_is_refused():
    with pytest.raises(UsageError, match="one with trial arms"):
        arms_of("strobl2021")


def test_an_arm_may_treat_patients_from_further_on_in_the_cohort():
    arm = ARMS["untreated mCRPC"]
    whole = simulate(arm, cohort="test", patients=6, seed=1)
    later = simulate(arm, cohort="test", patients=3, seed=1, first=3)
    assert later["patient"].tolist() == whole["patient"].tolist()[3:]
    assert later["survival_days"].tolist() == whole["survival_days"].tolist()[3:]


@pytest.mark.parametrize(
    ("first", "patients", "complaint"),
    [(-1, 1, r"first must be in 0 … 99999"), (100_000, 1, "first must be in"), (99_999, 2, "in 1 … 1 .*from 99999 on")],
)
def test_patients_beyond_the_cohort_are_refused(first, patients, complaint):
    with pytest.raises(UsageError, match=complaint):
        Task(disease="prostate", cohort="test", patients=patients, seed=0, first=first)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--docs", __file__], "--docs must be a folder, got"),
        (["--disease", "strobl2021"], "--disease must be one with trial arms"),
        (["--zhang", "/nowhere"], "--zhang must be TrialPatientData.xlsx"),
        (["--disease", "lung", "--zhang", "/nowhere"], "--disease must be prostate where --zhang is given"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["study", "arms", *options], message)


def test_published_stands_beside_simulated_and_every_arm_is_drawn(run, tmp_path):
    code, text = run(["study", "arms", "--disease", "breast_recurrent", "--patients", 8, "--out", tmp_path / "run"])
    assert code == 0, text
    assert "progression free median months" in text
    assert len(list((tmp_path / "run" / "pictures").glob("*.png"))) == 3
    outcomes = json.loads((tmp_path / "run" / "outcomes.json").read_text())
    assert outcomes["arms"]["letrozole (PALOMA-2)"]["targets"][0]["value"] == 14.5
