"""`optimum`: the exact optimum beside rules, planners and learners."""

import json

import pandas as pd
import pytest

from metaenv_experiments.running.failures import BAD_REQUEST


@pytest.mark.parametrize(("best", "said"), [(200.0, "containment at"), (3650.0, "control all 3 patients to the end")])
def test_the_optimum_is_compared_with_rules_where_something_is_at_stake(best, said, run, tmp_path, monkeypatch):
    import metaenv_experiments.commands.study.optimum.compare

    monkeypatch.setattr(
        metaenv_experiments.commands.study.optimum.compare, "_solve", lambda identity: (1.01 * best, best)
    )
    monkeypatch.setattr(metaenv_experiments.commands.study.optimum.compare, "THRESHOLDS", (0.8, 1.0))
    monkeypatch.setattr(
        metaenv_experiments.commands.study.optimum.compare,
        "hold_then_strike",
        lambda scenario, ids, strike: 100 * strike + 0 * ids,
    )
    tuned_on, real = [], metaenv_experiments.commands.study.optimum.compare.search
    monkeypatch.setattr(
        metaenv_experiments.commands.study.optimum.compare,
        "search",
        lambda task, *by: tuned_on.append(task.cohort) or real(task, *by),
    )
    code, text = run(["study", "optimum", "compare", "--patients", 3, "--tune-patients", 1, "--out", tmp_path / "run"])
    assert tuned_on == ["train"]
    assert code == 0 and said in text
    days = pd.read_parquet(tmp_path / "run" / "days.parquet")
    treated, untreated = days["maximum_tolerated_dose"], days["no_treatment"]
    assert days["study", "optimum", "compare"].tolist() == [best] * 3
    assert (untreated <= treated).all() and (untreated < treated).any()
    told = json.loads((tmp_path / "run" / "summary.json").read_text())["policies"]
    for name, found in told.items():
        shares = sorted(days[name] / best)
        assert [found["lowest"], found["median"], found["highest"]] == shares


@pytest.mark.slow
def test_the_optimum_is_compared_with_planners_and_full_learners(run, tmp_path, monkeypatch):
    import metaenv_experiments.commands.study.optimum.compare
    import metaenv_experiments.evaluation.policies

    rules = [("no_treatment", {}), ("maximum_tolerated_dose", {})]
    monkeypatch.setattr(metaenv_experiments.evaluation.policies, "library", lambda clinic, thresholds: rules)
    monkeypatch.setattr(metaenv_experiments.commands.study.optimum.compare, "_solve", lambda identity: (1000.0, 1000.0))
    monkeypatch.setattr(metaenv_experiments.commands.study.optimum.compare, "THRESHOLDS", (0.8,))
    monkeypatch.setattr(
        metaenv_experiments.commands.study.optimum.compare,
        "hold_then_strike",
        lambda scenario, ids, strike: 100 * strike + 0 * ids,
    )
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhidden = [4]\n")
    train = ["train", "--disease", "strobl2021", "--config", config, "--steps", 32, "--validation-patients", 1]
    for shown in ("clinic", "full"):
        assert run([*train, "--observation", shown, "--out", tmp_path / shown])[0] == 0
    compare = [
        "study",
        "optimum",
        "compare",
        "--patients",
        2,
        "--tune-patients",
        1,
        "--runs",
        tmp_path / "full",
        tmp_path / "clinic",
    ]
    code, text = run(
        [*compare, "--planners", "oracle", "--plan-every", 4000, "--plan-copies", 1, "--out", tmp_path / "run"]
    )
    assert code == 0, text
    days = pd.read_parquet(tmp_path / "run" / "days.parquet")
    assert {"ppo", "ppo, full observation", "oracle"} <= set(days.columns)
    assert (days["oracle"] == days["maximum_tolerated_dose"]).all()  # of the two rules it had, the better
    code, text = run(["results", "--runs", tmp_path / "run", "--report", tmp_path / "RESULTS.md"])
    assert code == 0, text
    page = (tmp_path / "RESULTS.md").read_text()
    assert "| containment at 0.8, tuned | tuned rule |" in page and "| hold, then strike at 0.5 | oracle |" in page
    assert "- Best learner within 2 % of the optimum" in page
    update = ["results", "--runs", tmp_path / "run", "--update", "--report"]
    assert run([*update, tmp_path / "RESULTS.md"])[0] == 0
    assert (tmp_path / "RESULTS.md").read_text() == page
    code, text = run([*update, tmp_path / "none.md"])
    assert code == BAD_REQUEST and "--report must be a file that exists" in text
    (tmp_path / "other.md").write_text("    metaenv results --runs 'a")
    code, text = run([*update, tmp_path / "other.md"])
    assert code == BAD_REQUEST and "--report must be a page that `results` wrote" in text


def test_shares_of_the_optimum_leave_out_whom_it_controls_to_the_end():
    from metaenv_experiments.commands.study.optimum.compare import summary

    table = pd.DataFrame(
        {"promised": [210.0, 105.0, 900.0], "optimum": [200.0, 100.0, 900.0], "at50": [150.0, 60.0, 9.0]}
    )
    found = summary(table, ["at50"], horizon=900.0)
    assert (found["patients"], found["at_stake"], found["optimum_days"]) == (3, 2, 150.0)
    assert found["policies"]["at50"]["share"]["value"] == pytest.approx(0.675)
    assert (found["policies"]["at50"]["lowest"], found["policies"]["at50"]["highest"]) == (0.6, 0.75)
