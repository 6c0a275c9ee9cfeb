"""Exactly one episode per patient, the same in whichever company."""

import numpy as np
import pandas as pd
import pytest

import metaenv
from metaenv_experiments.evaluation.policies import every_rule, rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.task import Task, diseases

TASK = Task(disease="prostate", cohort="test", patients=12, seed=3)


def episodes(name, ids, **parameters):
    return play(TASK, rule(name, TASK, **parameters).make, ids).episodes


@pytest.mark.parametrize("disease", diseases())
def test_every_patient_has_exactly_one_row_with_the_promised_columns(disease):
    task = Task(disease=disease, cohort="validation", patients=5, seed=0)
    rows = play(task, rule("maximum_tolerated_dose", task).make, task.ids).episodes
    assert rows["patient"].tolist() == list(range(100_000, 100_005))
    drugs = [f"dose_intensity_{drug.name}" for drug in task.scenario.drugs]
    assert list(rows) == [
        *("patient", "return", "survival_days", "died", "cause", "progression_days", "progressed", "cured"),
        *drugs,
        "toxic",
    ]


@pytest.mark.parametrize("name", ["no_treatment", "at50", "random"])
def test_any_split_of_the_patients_gives_the_same_rows(name):
    whole = episodes(name, TASK.ids)
    parts = [episodes(name, part) for part in (TASK.ids[:1], TASK.ids[1:8], TASK.ids[8:])]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True), check_exact=True)


def test_another_seed_is_another_fate():
    other = play(
        Task(disease="prostate", cohort="test", patients=12, seed=4), rule("at50", TASK).make, TASK.ids
    ).episodes
    assert not np.array_equal(other["return"], episodes("at50", TASK.ids)["return"])


def test_rows_agree_with_each_other():
    rows = episodes("random", TASK.ids)
    assert (rows["cause"] == "alive").equals(~rows["died"])
    assert rows["cause"].isin(metaenv.CAUSES).all()
    assert (rows["toxic"] == rows["cause"].isin(["neutropenic_sepsis", "cumulative_toxicity", "procedure"])).all()
    assert (rows["progression_days"] <= rows["survival_days"]).all()
    assert (rows.loc[~rows["progressed"], "progression_days"] == rows.loc[~rows["progressed"], "survival_days"]).all()
    assert (rows.loc[~rows["died"], "survival_days"] >= TASK.scenario.horizon - TASK.scenario.visit_interval).all()


def test_dose_intensity_is_the_mean_over_visits_lived():
    standard = episodes("maximum_tolerated_dose", TASK.ids)
    first_line = TASK.scenario.drugs[TASK.scenario.first_line[0]].name
    assert standard[f"dose_intensity_{first_line}"].to_numpy() == pytest.approx(1.0, abs=0.2)
    rollout = play(TASK, rule("at50", TASK).make, TASK.ids, watch=TASK.ids.tolist())
    for drug in TASK.scenario.drugs:
        given = rollout.courses.query("visit > 0").groupby("patient")[f"dose_{drug.name}"].mean()
        found = rollout.episodes.set_index("patient")[f"dose_intensity_{drug.name}"]
        np.testing.assert_allclose(found.loc[given.index], given, rtol=1e-12)
    nothing = episodes("no_treatment", TASK.ids)
    assert (nothing.filter(like="dose_intensity_") == 0.0).all(axis=None)


def test_courses_are_written_down_for_those_watched_only():
    watched = TASK.ids[[2, 5]]
    rollout = play(TASK, rule("at50", TASK).make, TASK.ids, watch=watched.tolist())
    for patient, course in rollout.courses.groupby("patient"):
        episode = rollout.episodes.set_index("patient").loc[patient]
        assert course["visit"].tolist() == list(range(len(course)))
        assert course["day"].iloc[-1] == episode["survival_days"]
        assert course["reward"].sum() == pytest.approx(episode["return"])
    assert sorted(rollout.courses["patient"].unique()) == watched.tolist()


def test_every_rule_plays_every_disease_or_is_left_out():
    for disease in diseases():
        names = list(every_rule(Task(disease=disease, cohort="test", patients=1, seed=0)))
        assert "maximum_tolerated_dose" in names
