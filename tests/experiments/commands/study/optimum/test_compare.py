"""`study optimum compare`: the exact optimum beside rules, planners and learners."""

import pandas as pd
import pytest

from metaenv_experiments.commands.study.optimum import compare
from metaenv_experiments.evaluation import planners
from metaenv_experiments.reporting.results_pages import DETAILS
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.studies.optimum import comparison
from metaenv_experiments.studies.optimum.comparison import OptimumSummary

ASKED = ["study", "optimum", "compare", "--tune-patients", 1]


@pytest.fixture
def simple(monkeypatch):
    """simple(best): every patient has the same exact optimum, which takes no time to find."""

    def begin(best, thresholds):
        monkeypatch.setattr(compare, "solve", lambda identity: (1.01 * best, best))
        monkeypatch.setattr(compare, "THRESHOLDS", thresholds)
        monkeypatch.setattr(
            comparison, "hold_then_strike", lambda scenario, ids, strike: 100 * strike + 0 * ids.astype(float)
        )

    return begin


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plan-copies", "9"], "--plan-copies must be given together with --planners, got 9"),
        (["--patients", "1"], "--patients must be >= 2, got 1"),
        (["--runs", "/nowhere"], "--runs must be a run folder, got /nowhere"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["study", "optimum", "compare", *options], message)


@pytest.mark.parametrize(
    ("best", "said"),
    [(200.0, "containment at"), pytest.param(3650.0, "control all 3 patients to the end", marks=pytest.mark.slow)],
)
def test_rules_are_compared_where_something_is_at_stake(best, said, run, tmp_path, monkeypatch, simple):
    simple(best, (0.8, 1.0))
    tuned_on, real = [], compare.search
    monkeypatch.setattr(compare, "search", lambda task, *by: tuned_on.append(task.cohort) or real(task, *by))
    code, text = run([*ASKED, "--patients", 3, "--out", tmp_path / "run"])
    assert tuned_on == ["train"]
    assert code == 0 and said in text, text
    days = pd.read_parquet(tmp_path / "run" / "days.parquet")
    treated, untreated = days["maximum_tolerated_dose"], days["no_treatment"]
    assert days["optimum"].tolist() == [best] * 3
    assert (untreated <= treated).all() and (untreated < treated).any()
    summary = OptimumSummary.read(tmp_path / "run")
    assert bool(summary.policies) is (best == 200.0)
    for name, found in summary.policies.items():
        assert [found.lowest, found.median, found.highest] == sorted(days[name] / best)


@pytest.mark.slow
def test_planners_and_learners_that_see_more_or_less_take_part_and_stand_in_the_results(
    run, small_training, tmp_path, monkeypatch, simple
):
    simple(1000.0, (0.8,))
    rules = [("no_treatment", {}), ("maximum_tolerated_dose", {})]
    monkeypatch.setattr(planners, "candidate_rules", lambda clinic, thresholds: rules)
    for shown in ("clinic", "full"):
        learn = ["--disease", "strobl2021", "--observation", shown, "--out", tmp_path / shown]
        assert run(small_training(tmp_path, *learn, steps=32, net_arch=[4]))[0] == 0
    runs = ["--patients", 2, "--runs", tmp_path / "full", tmp_path / "clinic"]
    planned = ["--planners", "oracle", "--plan-every", 4000, "--plan-copies", 1]
    code, text = run([*ASKED, *runs, *planned, "--out", tmp_path / "run"])
    assert code == 0, text
    days = pd.read_parquet(tmp_path / "run" / "days.parquet")
    assert {"ppo", "ppo, full observation", "oracle"} <= set(days.columns)
    assert (days["oracle"] == days["maximum_tolerated_dose"]).all()  # of the two rules it had, the better
    code, text = run(["results", "--add", tmp_path / "run", "--to", tmp_path / "page"])
    assert code == 0, text
    page = (tmp_path / "page" / DETAILS / f"{comparison.TASK}.md").read_text()
    assert "| containment at 0.8, tuned | tuned rule |" in page and "| hold, then strike at 0.5 | oracle |" in page
    assert "- best learner within 2 % of the exact optimum: **" in page
    code, text = run([*ASKED, *runs, "--out", tmp_path / "run"])
    assert code == BAD_REQUEST and "is never overwritten" in text
