"""`benchmark`: who takes part, whom they treat, and what is refused at the door."""

from dataclasses import replace

import pandas as pd
import pytest

from metaenv_agents.rules import RULES
from metaenv_agents.saved_policies import PRETRAINED
from metaenv_experiments.commands.benchmark import Options, planners, policies_of, task_of
from metaenv_experiments.evaluation import planners as planning
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary
from metaenv_experiments.evaluation.planners import planner
from metaenv_experiments.evaluation.policies import every_rule
from metaenv_experiments.evaluation.task import Task

SHIPPED = PRETRAINED / "prostate/ppo"
TASK = Task(disease="prostate", cohort="test", patients=2, seed=0)
PROCEDURES = {"multimodal", "local_first"}  # rules that need them
SECOND_DRUG = {"two_strikes", "alternating", "sequential", "at50_with_second_line"}  # rules that need one


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--policies", "at51"], "policy must be one of alternating,"),
        (["--policies", "at50", "at50"], "each name once"),
        (["--policies"], "--policies must be at least one name, got ()"),
        (["--policies", "all", "at50"], "--policies must be 'all' alone, got ('all', 'at50')"),
        (["--disease", "measles"], "strobl2021, viossat2021, got 'measles'"),
        (["--patients", "-3"], "--patients must be >= 1, got -3"),
        (["--patients", "100001"], "patients must be in 1 … 100000"),
        (["--patients", "many"], "many"),
        (["--cohort", "elsewhere"], "invalid choice"),
        (["--reference", "random"], "--reference must be one of no_treatment,"),
        (["--containment-threshold", "0"], "--containment-threshold must be > 0"),
        (["--resume"], "--out DIR"),
        (["--disease", "strobl2021", "--policies", "at50_with_second_line"], "cannot treat strobl2021"),
        (["--policies", "at50", "--tune-patients", "9"], "given where containment takes part, got 9"),
        (["--policies", "at50", "--containment-threshold", "1"], "given where containment takes part, got 1.0"),
        (["--plan-every", "9"], "--plan-every must be given together with --planners, got 9"),
        (["--doubled"], "--doubled must be given together with --planners, got True"),
        (["--planners", "mpc", "--doubled", "--plan-copies", "65"], "--plan-copies must be in 1 … 64, got 65"),
        (["--ray", "local", "--workers", "2"], "--workers must be given without --ray, got 2"),
        (["--agents", "prostate/ppo", SHIPPED], "every policy must take part once, got prostate/ppo twice"),
        (["--policies", "--agents", "prostate/nobody"], "--agents prostate/nobody cannot be read"),
        (["--policies", "--runs", "/nowhere"], "--runs must be a run folder, got /nowhere"),
        (["--tuned", "/nowhere"], "--tuned must be a file that exists, or one of those that ship: breast,"),
        (["--tuned", "strobl2021"], "--tuned must be of the disease 'prostate', got strobl2021 of 'strobl2021'"),
        (["--counts-only", "--patients", "0"], "--patients must be >= 1, got 0"),
        (["--counts-only", "--patients", "1000000001"], "--patients must be in 1 … 10**9, got 1000000001"),
        (["--shift", "older"], "unknown shift 'older'"),
        (["--chunk", "100000"], "--chunk must be in 1 … 65536"),
        (["--visit-interval", "-1"], "visit_interval must be a number > 0 and finite, got -1"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(options, message, refused):
    refused(["benchmark", *options], message)


def test_it_prints_its_tables_and_stores_what_took_part(run, tmp_path):
    out, rules = tmp_path / "run", ["maximum_tolerated_dose", "containment"]
    sizes = ["--patients", 4, "--tune-patients", 2, "--watch", 2]
    code, text = run(["benchmark", "--policies", *rules, *sizes, "--out", out])
    assert code == 0, text
    assert "Paired differences to maximum_tolerated_dose" in text
    assert "containment: threshold" in text
    summary = BenchmarkSummary.read(out)
    assert list(summary.policies) == rules and summary.policies["containment"].parameters["threshold"] > 0
    assert {path.name for path in (out / "pictures").iterdir()} == {"course.png", "outcomes.png", "survival.png"}
    assert (out / "report.html").is_file()


@pytest.mark.usefixtures("no_pictures")
def test_it_takes_a_stated_threshold_and_searches_none(run, tmp_path):
    arguments = ["benchmark", "--policies", "containment", "--containment-threshold", 0.7, "--disease", "strobl2021"]
    code, text = run([*arguments, "--patients", 1, "--watch", 0, "--out", tmp_path / "run"])
    assert code == 0, text
    assert "threshold 0.7 × baseline marker, as given" in text
    assert not (tmp_path / "run" / "tuning.json").exists()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"local_therapy": True}, set()),
        ({}, PROCEDURES),
        ({"disease": "strobl2021"}, PROCEDURES | SECOND_DRUG | {"standard_of_care"}),
    ],
)
def test_all_is_every_rule_that_the_disease_and_what_is_offered_allow(change, missing):
    task = replace(TASK, **change)
    names = [each.name for each in policies_of(Options(policies=("all",)), task)]
    assert names == list(every_rule(task))
    assert set(RULES) - set(names) == missing


def test_without_runs_it_treats_prostate_cancer_as_a_clinic_sees_it():
    assert task_of(Options(patients=3)) == replace(TASK, patients=3)
    task = task_of(Options(disease="lung", observation="full", visit_interval=42.0, patients=2))
    assert task == replace(TASK, disease="lung", observation="full", visit_interval=42.0)


def test_a_shared_policy_says_which_disease_is_treated_unless_one_is_named():
    assert task_of(Options(policies=(), agents=("lung/ppo",))).disease == "lung"
    assert task_of(Options(policies=(), agents=("lung/ppo",), disease="prostate")).disease == "prostate"


@pytest.mark.usefixtures("no_pictures")
def test_a_run_says_whom_its_policy_treats_how_it_sees_them_and_how_often(run, small_training, tmp_path):
    learned = ["--disease", "lung", "--observation", "full", "--visit-interval", 42, "--out", tmp_path / "learned"]
    assert run(small_training(tmp_path, *learned))[0] == 0
    code, text = run(
        ["benchmark", "--policies", "--runs", tmp_path / "learned", "--patients", 2, "--out", tmp_path / "run"]
    )
    assert code == 0, text
    summary = BenchmarkSummary.read(tmp_path / "run")
    assert list(summary.policies) == ["ppo"]
    assert (summary.task.disease, summary.task.observation, summary.task.visit_interval) == ("lung", "full", 42.0)
    days = pd.read_parquet(tmp_path / "run" / "courses.parquet")["day"]
    assert days.iloc[:3].tolist() == [0.0, 42.0, 84.0]


@pytest.mark.slow
@pytest.mark.usefixtures("no_pictures")
def test_planners_take_part_however_it_is_cut(run, tmp_path, monkeypatch):
    rules = [("no_treatment", {}), ("maximum_tolerated_dose", {})]
    monkeypatch.setattr(planning, "candidate_rules", lambda clinic, thresholds: rules)
    asked = ["benchmark", "--policies", *(name for name, _ in rules), "--planners", "mpc", "oracle", "--patients", 3]
    asked += ["--plan-every", 50, "--plan-copies", 1, "--watch", 0]
    for chunk in (3, 1):
        code, text = run([*asked, "--chunk", chunk, "--out", tmp_path / str(chunk)])
        assert code == 0, text
        assert "privileged: it is told the true state" in text and "told no more than the clinic" in text
    tables = [pd.read_parquet(tmp_path / str(chunk) / "episodes.parquet") for chunk in (3, 1)]
    pd.testing.assert_frame_equal(*tables)
    means = tables[0].groupby("policy")["return"].mean()
    assert means["oracle"] > means["no_treatment"]


def test_only_the_oracle_is_told_of_a_shift():
    shifted = replace(TASK, shift="faster_mutation")
    assert shifted.scenario != TASK.scenario
    env = shifted.vector_env(2)
    simulated = {name: planner(name, shifted, 16, 1).make(env).simulator.unwrapped for name in ("mpc", "oracle")}
    assert simulated["mpc"].scenario == TASK.scenario
    assert simulated["oracle"].scenario == shifted.scenario


def test_doubled_planners_have_twice_the_copies_and_say_whom_they_double():
    found = planners(Options(planners=("mpc", "oracle"), doubled=True, plan_copies=3), TASK, [])
    copies = {each.name: each.parameters["copies"] for each in found}
    assert copies == {"mpc": 3, "oracle": 3, "mpc, doubled": 6, "oracle, doubled": 6}
    assert [each.kind for each in found] == ["planner", "oracle", "planner", "oracle"]
    assert [each.doubles for each in found] == [None, None, "mpc", "oracle"]


@pytest.mark.usefixtures("no_pictures")
def test_a_benchmark_of_shifted_patients_says_so(run, tmp_path):
    sizes = ["--patients", 2, "--tune-patients", 2, "--watch", 0]
    asked = ["benchmark", "--shift", "faster_growth", "--policies", "containment", *sizes, "--out", tmp_path / "run"]
    code, text = run(asked)
    assert code == 0, text
    assert BenchmarkSummary.read(tmp_path / "run").task.shift == "faster_growth"
