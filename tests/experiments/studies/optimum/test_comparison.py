"""How near policies come to the exact optimum, and what of it stands in the tables of results."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metaenv_experiments.evaluation.policies import LEARNER, RULE, TrainedWith
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.run_folder import RunFolder
from metaenv_experiments.studies.optimum import comparison
from metaenv_experiments.studies.optimum.comparison import TASK, results_of, strike, summarise

HERE = Task(disease="strobl2021", cohort="test", patients=3, seed=0)
HORIZON = float(HERE.scenario.horizon)
TRAINED = TrainedWith(
    learner="ppo",
    seeds=(0,),
    steps=9,
    finished=True,
    validation=2.5,
    group="runs",
    source="runs/a",
    command="metaenv train",
    commit="f" * 12,
)


def table(**policies):
    """Days of three patients, the last of whom the optimum controls to the end."""
    return pd.DataFrame({"promised": [210.0, 105.0, HORIZON], "optimum": [200.0, 100.0, HORIZON], **policies})


def test_shares_of_the_optimum_leave_out_whom_it_controls_to_the_end():
    found = summarise(table(at50=[150.0, 60.0, 9.0]), {"at50": (RULE, None)}, HERE, 1.1)
    assert (found.task.patients, found.at_stake, found.optimum_days) == (3, 2, 150.0)
    assert found.promise_kept == pytest.approx(200 / 210)
    share = found.policies["at50"]
    assert share.share.value == pytest.approx(0.675)
    assert (share.lowest, share.median, share.highest) == (0.6, pytest.approx(0.675), 0.75)


def test_where_the_optimum_controls_everybody_there_is_nothing_to_compare():
    found = summarise(table(at50=[1.0] * 3).assign(optimum=HORIZON), {"at50": (RULE, None)}, HERE, 1.1)
    assert (found.at_stake, found.policies, found.promise_kept) == (0, {}, None)


def test_the_moment_to_strike_is_the_best_on_train_patients_whatever_is_best_on_others(monkeypatch):
    train = replace(HERE, cohort="train", patients=2)
    best = {int(train.ids[0]): 0.3, int(HERE.ids[0]): 0.5}

    def days(scenario, ids, *, strike):
        return np.full(len(ids), 100.0 - 90.0 * abs(strike - best[int(ids[0])]))

    monkeypatch.setattr(comparison, "hold_then_strike", days)
    name, found = strike(HERE, train)
    assert name == "hold, then strike at 0.3" and found.tolist() == pytest.approx([82.0] * 3)


@pytest.fixture
def rows(tmp_path):
    """rows(shares): what the tables get of a comparison of a rule and two learners."""

    def store(**shares):
        kinds = {name: (LEARNER, TRAINED) if "ppo" in name else (RULE, None) for name in shares}
        days = table(**{name: [200.0 * share, 100.0 * share, 1.0] for name, share in shares.items()})
        summarise(days, kinds, HERE, 1.1).write(tmp_path)
        Provenance.now(0).write(tmp_path)
        return results_of(RunFolder(tmp_path), size="quick")

    return store


def test_the_tables_get_every_share_and_of_learners_how_they_were_trained(rows):
    about, found, trainings = rows(at50=0.5, ppo=0.9)
    assert (about.task, about.unit, about.patients, about.size) == (TASK, "share of the optimum", 3, "quick")
    numbers = {(row.policy, row.metric): row.value for row in found}
    assert numbers == {
        **{("at50", metric): pytest.approx(0.5) for metric in ("share_of_optimum", "median_share")},
        **{("at50", metric): pytest.approx(0.5) for metric in ("lowest_share", "highest_share")},
        **{("ppo", metric): pytest.approx(0.9) for metric in ("share_of_optimum", "median_share")},
        **{("ppo", metric): pytest.approx(0.9) for metric in ("lowest_share", "highest_share")},
        ("ppo", "validation_return"): 2.5,
    }
    assert {row.patients for row in found} == {2}, "those who are compared"
    (training,) = trainings
    assert (training.task, training.policy, training.command) == (TASK, "ppo", "metaenv train")


def test_one_patient_at_stake_has_no_interval(tmp_path):
    days = table(ppo=[150.0, 9.0, 9.0]).assign(optimum=[200.0, HORIZON, HORIZON])
    share = summarise(days, {"ppo": (LEARNER, TRAINED)}, HERE, 1.1).policies["ppo"].share
    assert share.value == pytest.approx(0.75) and math.isnan(share.low) and math.isnan(share.high)
