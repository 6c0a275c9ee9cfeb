"""Every command explains itself, and bad requests end at the door: one message, exit code 2, no traceback."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from metaenv_agents.rl.policy import TrainedPolicy
from metaenv_agents.sharing import PRETRAINED
from metaenv_experiments.__main__ import main
from metaenv_experiments.commands import COMMANDS, export
from metaenv_experiments.commands.study import cohort, validate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.running.failures import BAD_REQUEST
from metaenv_experiments.running.store import POLICY

FOLDER = Path(__file__).parent
TUNED_RULES = str(FOLDER.parents[1] / "experiments/metaenv_experiments/tuned/prostate.json")
SHIPPED = str(PRETRAINED / "prostate/ppo")


def test_help_lists_every_command(run):
    code, text = run(["--help"])
    assert code == 0
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_says_what_it_is_and_its_default(name):
    code, text = run([name, "--help"])
    assert code == 0
    words = text
    for field in COMMANDS[name].__dataclass_fields__:
        assert f"--{field.replace('_', '-')}" in words
    assert words.count("(default: ") + words.count("(required)") == len(COMMANDS[name].__dataclass_fields__)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["benchmark", "--policies", "at51"], "policy must be one of alternating,"),
        (["benchmark", "--policies", "at50", "at50"], "each name once"),
        (["benchmark", "--disease", "measles"], "strobl2021, viossat2021, got 'measles'"),
        (["benchmark", "--patients", "-3"], "--patients must be >= 1, got -3"),
        (["benchmark", "--patients", "100001"], "patients must be in 1 … 100000"),
        (["benchmark", "--patients", "many"], "many"),
        (["benchmark", "--cohort", "elsewhere"], "invalid choice"),
        (["benchmark", "--reference", "random"], "--reference must be one of no_treatment,"),
        (["benchmark", "--containment-threshold", "0"], "--containment-threshold must be > 0"),
        (["benchmark", "--resume"], "--out DIR"),
        (["benchmark", "--disease", "strobl2021", "--policies", "at50_with_second_line"], "cannot treat strobl2021"),
        (["benchmark", "--policies", "at50", "--tune-patients", "9"], "given where containment takes part, got 9"),
        (["benchmark", "--plan-every", "9"], "--plan-every must be given together with --planners, got 9"),
        (["benchmark", "--ray", "local", "--workers", "2"], "--workers must be given without --ray, got 2"),
        (["tune", "rules", "--ray", "local", "--processes", "2"], "--processes must be given without --ray, got 2"),
        (
            ["study", "optimum", "compare", "--plan-copies", "9"],
            "--plan-copies must be given together with --planners, got 9",
        ),
        (
            ["benchmark", "--policies", "at50", "--containment-threshold", "1"],
            "given with --policy containment, got 1.0",
        ),
        (
            ["benchmark", "--agents", "prostate/ppo", SHIPPED],
            "every policy must take part once, got prostate/ppo twice",
        ),
        (["evaluate"], "either --run DIR or --policy NAME"),
        (["study", "arms", "--docs", __file__], "--docs must be a folder, got"),
        (["study", "credibility", "--docs", __file__], "--docs must be a folder, got"),
        (["study", "barriers", "--report", str(FOLDER)], "--report must be a file, not a folder, got"),
        (["study", "validate", "--out", str(FOLDER)], "--out must be a file, not a folder, got"),
        (["benchmark", "--policies", "--runs", "/nowhere"], "must be a run folder"),
        (["train", "--steps", "0"], "--steps must be >= 1"),
        (["train", "--algo", "sac", "--steps", "10000"], "--steps: warmup must be"),
        (["train", "--disease", "measles"], "disease must be one of"),
        (["train", "--teacher", "at51"], "policy must be one of alternating,"),
        (["train", "--teacher", "at50", "--algo", "sac"], "--teacher must be none with this --algo, got ('at50',)"),
        (["train", "--teacher", "at50", "at50"], "--teacher must be one rule for each disease, got ('at50', 'at50')"),
        (["train", "--also", "lung", "--teacher", "at50"], "--teacher must be one rule for each disease"),
        (["train", "--teacher", "at50", "--tuned", "a", "b"], "--tuned must be one file for each --teacher, got ['a',"),
        (["train", "--teacher", "at50", "--tuned", "/nowhere"], "those that ship: breast, breast-84, lung,"),
        (
            ["benchmark", "--tuned", "/nowhere"],
            "--tuned must be a file that exists, or one of those that ship: breast,",
        ),
        (["train", "--config", "ppo"], "those that ship: ppo_full, ppo_memoryless, ppo_shared, ppo_small, got 'ppo'"),
        (["tune", "learner", "--config", "ppo"], "one of those that ship: ppo_full,"),
        (
            ["tune", "disease", "--start", "bone"],
            "one of those that ship: breast, breast_recurrent, lung, prostate, got 'bone'",
        ),
        (["train", "--teacher", "random", "--tuned", TUNED_RULES], "--teacher must be one of maximum_tolerated_dose,"),
        (["train", "--also", "measles"], "disease must be one of"),
        (["train", "--also", "prostate"], "--also must be other diseases than --disease"),
        (["train", "--also", "lung", "--algo", "sac"], "--also must be other diseases than --disease, for ppo"),
        (["train", "--seeds", "2", "--workers", "3"], "--workers must be in 1 … 2, the --seeds, got 3"),
        (["train", "--ray", "local"], "--ray must be given together with --seeds"),
        (["train", "--also", "lung", "breast"], "multiple of the 3 diseases, such as 255, got 256"),
        (["population", "--patients", "0"], "--patients must be in 1 … 10**9, got 0"),
        (["population", "--chunk", "100000"], "--chunk must be in 1 … 65536"),
        (["train", "--tuned", TUNED_RULES], "--tuned must be one file for each --teacher, got ["),
        (["plot", "--run", "/nowhere"], "must be a run folder"),
        (["plot", "--run", "/nowhere", "--out", __file__], "--out must be a folder, got"),
        (["train", "--combine", "/nowhere"], "--runs must be a run folder, got /nowhere"),
        (["results", "--runs", "/nowhere"], "--runs must be a run folder, got /nowhere"),
        (["speed", "--seconds", "nan"], "--seconds must be > 0"),
        (["study", "arms", "--disease", "strobl2021"], "--disease must be one with trial arms"),
        (["study", "arms", "--zhang", "/nowhere"], "--zhang must be TrialPatientData.xlsx"),
        (
            ["study", "arms", "--disease", "lung", "--zhang", "/nowhere"],
            "--disease must be prostate where --zhang is given",
        ),
        (["tune", "disease", "--disease", "strobl2021"], "--disease must be one with free parameters"),
        (["tune", "disease", "--processes", "0"], "--processes must be >= 1"),
        (["tune", "disease", "--resume"], "--out DIR"),
        (["unknown"], "unknown"),
        ([], "Expected one of {demo, train, evaluate"),
    ],
)
def test_a_bad_request_is_answered_at_the_door(arguments, message, run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, text = run(arguments)
    assert code == BAD_REQUEST
    assert message in text
    assert "Traceback" not in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        (validate, ["study", "validate"], "validate needs a checkout of the project, whose tests/published it runs"),
        (validate, ["study", "validate", "--quick", "--out", "page.md"], "validate needs a checkout"),
        (
            cohort,
            ["study", "cohort", "--freeze"],
            "--freeze needs a checkout of the project, whose metaenv/cohorts.json",
        ),
        (
            export,
            ["export", "--run", "run", "--benchmark", "trial", "--name", "prostate/mine"],
            "--out must be given: only in a checkout do shared policies have a folder of their own",
        ),
    ],
)
def test_what_needs_a_checkout_says_so_where_there_is_none(module, arguments, message, run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "CHECKOUT", None)
    code, text = run(arguments)
    assert code == BAD_REQUEST and text.startswith("error: ") and message in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)])
def test_help_shows_the_command_as_it_is_typed(arguments):
    _, text = run([*arguments, "--help"])
    assert text.startswith(" ".join(["usage: metaenv", *arguments, "[-h]"]))


@pytest.mark.parametrize(
    "command",
    [["benchmark"], ["benchmark", "--policies", "at50"], ["train"], ["demo"], ["study", "arms"], ["tune", "disease"]],
)
def test_an_existing_folder_is_refused(command, run, tmp_path):
    code, text = run([*command, "--out", tmp_path])
    assert (code, "never overwritten" in text) == (BAD_REQUEST, True)


def test_plotting_what_is_no_finished_run_says_so(run, tmp_path):
    code, text = run(["plot", "--run", tmp_path])
    assert code == BAD_REQUEST
    assert "has no episodes.parquet, summary.json" in text


def test_a_benchmark_prints_its_table_and_plot_works_from_its_folder_alone(run, tmp_path):
    out = tmp_path / "run"
    policies = ["maximum_tolerated_dose", "containment"]
    sizes = ["--patients", 4, "--tune-patients", 2, "--watch", 2]
    code, text = run(["benchmark", "--policies", *policies, *sizes, "--out", out])
    assert code == 0
    assert "Paired differences to maximum_tolerated_dose" in text
    assert "containment: threshold" in text
    summary = json.loads((out / "summary.json").read_text())
    assert list(summary["policies"]) == policies
    assert summary["parameters"]["containment"]["threshold"] > 0
    moved = out.rename(tmp_path / "moved")
    code, text = run(["plot", "--run", moved, "--out", tmp_path / "pictures"])
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "course.png",
        "outcomes.png",
        "survival.png",
    ]
    code, text = run(["plot", "--run", moved, "--patient", 1])
    assert (code, "must be one of those stored, 200000, 200001, got 1" in text) == (BAD_REQUEST, True)


def test_evaluate_takes_a_stated_threshold(run, tmp_path):
    arguments = ["benchmark", "--policies", "containment", "--containment-threshold", 0.7, "--disease", "strobl2021"]
    code, text = run([*arguments, "--patients", 1, "--watch", 0, "--out", tmp_path / "run"])
    assert code == 0
    assert "threshold 0.7 × baseline marker, as given" in text
    assert not (tmp_path / "run" / "tuning.json").exists()


def test_arms_prints_published_beside_simulated_and_draws_every_arm(run, tmp_path):
    code, text = run(
        ["study", "arms", "--disease", "breast_recurrent", "--patients", 8, "--out", tmp_path / "run"])
    assert code == 0
    assert "progression free median months" in text
    assert len(list((tmp_path / "run" / "pictures").glob("*.png"))) == 3
    outcomes = json.loads((tmp_path / "run" / "outcomes.json").read_text())
    assert outcomes["study", "arms"]["letrozole (PALOMA-2)"]["targets"][0]["value"] == 14.5


@pytest.mark.slow
def test_a_calibration_that_was_cut_short_goes_on_to_the_same_end(run, tmp_path):
    command = ["tune", "disease", "--disease", "breast", "--patients", 4]
    assert run([*command, "--evaluations", 12, "--out", tmp_path / "whole"])[0] == 0
    assert run([*command, "--evaluations", 2, "--out", tmp_path / "cut"])[0] == 0
    code, text = run([*command, "--evaluations", 12, "--out", tmp_path / "cut", "--resume"])
    assert code == 0
    assert "to write into the files" in text
    whole, cut = ((tmp_path / name / "fit.json").read_text() for name in ("whole", "cut"))
    assert whole == cut
    fit = json.loads(whole)
    assert fit["loss"]["best"] <= fit["loss"]["start"]
    assert {row["quantity"] for row in fit["targets"]} == {f"recurrence_{year}_years" for year in (10, 15, 20)}


@pytest.mark.usefixtures("no_pictures")
def test_a_trained_policy_is_exported_with_its_results_and_acts_as_before(run, tmp_path):
    import numpy as np

    import metaenv_agents

    small = ["--steps", 1, "--validation-patients", 2, "--out", tmp_path / "run"]
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 2\nhidden = [8]\n")
    assert run(["train", "--config", config, *small])[0] == 0
    trial = ["--policies", "maximum_tolerated_dose", "--runs", tmp_path / "run", "--patients", 4]
    assert run(["benchmark", *trial, "--out", tmp_path / "trial"])[0] == 0
    export = ["export", "--run", tmp_path / "run", "--benchmark", tmp_path / "trial", "--name", "prostate/small"]
    code, text = run([*export, "--out", tmp_path / "shared"])
    assert code == 0, text
    card = (tmp_path / "shared" / "README.md").read_text()
    assert "| maximum_tolerated_dose |" in card and "| ppo |" in card and "Worse than under" in card
    policy = TrainedPolicy.from_bytes((tmp_path / "run" / POLICY).read_bytes())
    observations = np.random.default_rng(0).normal(size=(50, len(policy.mean) // 2))
    assert np.array_equal(
        metaenv_agents.load(tmp_path / "shared").predict(observations)[0], policy.predict(observations)[0]
    )
    again = ["benchmark", "--policies", "maximum_tolerated_dose", "--agents", tmp_path / "shared", "--patients", 4]
    assert run([*again, "--out", tmp_path / "again"])[0] == 0
    first, second = (pd.read_parquet(tmp_path / name / "episodes.parquet") for name in ("trial", "again"))
    assert second["policy"].unique().tolist() == ["maximum_tolerated_dose", "prostate/small"]
    assert second["return"].tolist() == first["return"].tolist()
    code, text = run(["benchmark", "--agents", tmp_path / "shared", "--disease", "lung", "--patients", 2])
    assert code == BAD_REQUEST and "cannot treat lung" in text
    code, text = run([*export, "--policy", "sac", "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "maximum_tolerated_dose, ppo" in text and not (tmp_path / "other").exists()
    code, text = run([*export, "--policy", "maximum_tolerated_dose", "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "must be that of --run" in text and not (tmp_path / "other").exists()


@pytest.mark.usefixtures("no_pictures")
def test_planners_take_part_in_a_benchmark_however_it_is_cut(run, tmp_path, monkeypatch):
    import metaenv_experiments.evaluation.policies

    rules = [("no_treatment", {}), ("maximum_tolerated_dose", {})]
    monkeypatch.setattr(metaenv_experiments.evaluation.policies, "library", lambda clinic, thresholds: rules)
    trial = ["benchmark", "--policies", *(name for name, _ in rules), "--planners", "mpc", "oracle", "--patients", 3]
    trial += ["--plan-every", 50, "--plan-copies", 1, "--watch", 0]
    for chunk in (3, 1):
        code, text = run([*trial, "--chunk", chunk, "--out", tmp_path / str(chunk)])
        assert code == 0, text
        said = text
        assert "privileged: it is told the true state" in said and "told no more than the clinic" in said
    tables = [pd.read_parquet(tmp_path / str(chunk) / "episodes.parquet") for chunk in (3, 1)]
    pd.testing.assert_frame_equal(*tables)
    means = tables[0].groupby("policy")["return"].mean()
    assert means["oracle"] > means["no_treatment"]


@pytest.mark.slow
@pytest.mark.usefixtures("no_pictures")
def test_quick_puts_every_disease_on_one_page(run, tmp_path, monkeypatch):
    from metaenv_experiments.commands import quick

    monkeypatch.setattr(quick, "PATIENTS", 2)
    monkeypatch.setattr(quick, "DISEASES", ("strobl2021", "prostate"))
    monkeypatch.setattr(quick, "RECORDS", tmp_path)
    found = {"at50": {"parameters": {"stop": 0.4}}}
    (tmp_path / "prostate.json").write_text(
        json.dumps({"disease": "prostate", "patients": 1, "trials": 1, "rules": found})
    )
    code, text = run(["benchmark", "--quick", "--out", tmp_path / "run"])
    assert code == 0, text
    page = (tmp_path / "run" / "RESULTS.md").read_text()
    assert "Written by\n" in page and "--update" not in page
    assert "## Strobl2021, test cohort" in page and "## Prostate, test cohort" in page
    assert page.count("| at50 | rule |") == 2 and page.count("| at50, tuned | tuned rule |") == 1
    code, text = run(["benchmark", "--quick", "--patients", 5, "--out", tmp_path / "other"])
    assert code == BAD_REQUEST and "--quick must stand without --patients" in text


def test_a_trained_policy_is_explained(run, tmp_path):
    config = tmp_path / "small.toml"
    config.write_text("patients = 4\nvisits = 8\nbatch = 32\nhistory = 1\nhidden = [8]\n")
    learn = ["train", "--config", config, "--steps", 1, "--validation-patients", 2, "--out", tmp_path / "run"]
    assert run(learn)[0] == 0
    told = ["--docs", tmp_path / "docs", "--out", tmp_path / "told"]
    code, text = run(["explain", "--run", tmp_path / "run", "--patients", 4, *told])
    assert "pictures/learned-prostate.png" in (tmp_path / "docs" / "learned-prostate.md").read_text()
    assert code == 0, text
    assert "visits at which tree and policy agree" in text and "As a tree:" in text
    assert (tmp_path / "told" / "pictures" / "doses.png").stat().st_size > 10_000
    told = json.loads((tmp_path / "told" / "explained.json").read_text())
    assert set(told["returns"]) == {"policy", "tree", "maximum_tolerated_dose", "tree_minus_policy"}
    assert "## What it does" in (tmp_path / "told" / "explained.md").read_text()
    code, text = run(["explain", "--agent", "prostate/nobody"])
    assert code == BAD_REQUEST and "--agent prostate/nobody cannot be read" in text
    code, text = run(["explain"])
    assert code == BAD_REQUEST and "either --run DIR or --agent NAME" in text


def test_only_the_oracle_is_told_of_a_shift():
    from metaenv_experiments.evaluation.policies import planner

    usual = Task(disease="prostate", cohort="test", patients=2, seed=0)
    shifted = replace(usual, shift="faster_mutation")
    assert shifted.scenario != usual.scenario
    env = shifted.vector_env(2)
    simulated = {name: planner(name, shifted, 16, 1).make(env).simulator.unwrapped for name in ("mpc", "oracle")}
    assert simulated["mpc"].scenario == usual.scenario
    assert simulated["oracle"].scenario == shifted.scenario


def test_doubled_planners_have_twice_the_copies_and_a_name_of_their_own():
    from metaenv_experiments.config import Benchmark

    from metaenv_experiments.commands.benchmark import planners

    task = Task(disease="prostate", cohort="test", patients=1, seed=0)
    found = planners(Benchmark(planners=("mpc", "oracle"), doubled=True, plan_copies=3), task)
    copies = {each.name: each.parameters["copies"] for each in found}
    assert copies == {"mpc": 3, "oracle": 3, "mpc, doubled": 6, "oracle, doubled": 6}
    assert [each.kind for each in found] == ["planner", "oracle", "planner", "oracle"]
