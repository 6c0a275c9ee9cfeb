"""From Python the same patients, policies and tables as from the command line, and nothing is left behind."""

import importlib.util
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import metaenv_experiments
from metaenv_agents import load, make_rule
from metaenv_agents.rl.vec_env import VectorBridge
from metaenv_experiments.evaluation.benchmark_summary import BenchmarkSummary

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "own_policy.py"
SMALL = {"patients": 4, "against": ("maximum_tolerated_dose", "at50")}


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("own_policy", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("no_pictures")
def test_a_score_is_what_the_benchmark_prints_and_leaves_nothing(example, run, tmp_path):
    found = metaenv_experiments.score(example.policy, **SMALL)
    assert list(tmp_path.iterdir()) == []
    command = ["benchmark", "--policies", *SMALL["against"], "--own", f"{EXAMPLE}:policy", "--patients", 4]
    code, printed = run([*command, "--out", "run"], flat=False)
    assert code == 0, printed
    tables = str(found).partition("\npolicy: own policy")[0]
    assert tables and tables in "\n".join(line.rstrip() for line in printed.splitlines())
    assert repr(found) == str(found)
    stored = BenchmarkSummary.read(Path("run"))
    assert repr(found.summary.comparison) == repr(stored.comparison)  # in words nan is itself
    assert found.table.index.tolist() == list(stored.policies) == ["maximum_tolerated_dose", "at50", "policy"]
    for name, row in found.table.iterrows():
        outcomes = stored.policies[name].outcomes
        assert (row["return"], row["return_high"]) == (outcomes["return"].value, outcomes["return"].high)
        assert row["survival_mean_months"] == pytest.approx(outcomes["survival_mean_days"].value / 30.4375)
    assert len(found.episodes) == 12 and found.summary.return_unit == "quality-adjusted years"


def test_the_example_is_short_and_both_of_its_policies_score(example):
    assert len(EXAMPLE.read_text().splitlines()) <= 50
    found = metaenv_experiments.score({"half": example.policy, "lines": example.Stepwise}, **SMALL)
    assert found.table.index.tolist()[2:] == ["half", "lines"]
    assert found.table.loc["half", "return"] > found.table.loc["maximum_tolerated_dose", "return"]
    assert found.table.loc["lines", "dose_intensity_docetaxel"] > 0


def test_a_model_of_stable_baselines3_is_scored_as_it_is():
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecNormalize

    venv = gym.make_vec(
        "metaenv/Prostate-v1",
        num_envs=4,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    model = PPO("MlpPolicy", VecNormalize(VectorBridge(venv, history=2)), n_steps=8, batch_size=32, device="cpu")
    model.learn(32)
    found = metaenv_experiments.score(model, reference="PPO", **SMALL)
    assert found.table.index.tolist()[-1] == "PPO" and found.summary.reference == "PPO"


def test_rules_shipped_policies_and_own_ones_are_given_by_name_or_at_hand():
    env = gym.make("metaenv/Prostate-v1")
    given = {"mine": make_rule("at50", env), "theirs": load("prostate/ppo"), "unused": "no_treatment"}
    found = metaenv_experiments.score(given, patients=4, against=("at50", "prostate/ppo", f"{EXAMPLE}:policy"))
    table = found.table["return"]
    assert table.index.tolist() == ["at50", "prostate/ppo", "policy", "mine", "theirs", "no_treatment"]
    assert table["mine"] == table["at50"] and table["theirs"] == table["prostate/ppo"]
    assert metaenv_experiments.score(given["mine"], **SMALL).table.index.tolist()[-1] == "own at50"


def test_doses_of_any_size_are_scored_too():
    def half(clinic):
        return make_rule("metronomic", clinic)

    env = gym.make("metaenv/Prostate-v1", action="continuous")
    given = {"levels": half, "continuous": make_rule("metronomic", env)}
    table = metaenv_experiments.score(given, **SMALL).table["return"]
    assert table["levels"] == pytest.approx(table["continuous"], rel=0.05)


def test_procedures_are_scored_where_they_are_asked_for():
    found = metaenv_experiments.score("local_first", disease="lung", local_therapy=True, patients=2, against=())
    assert found.table.index.tolist() == ["local_first"] and found.summary.task.scenario.local_therapy


def test_a_run_folder_is_left_where_one_is_asked_for_and_never_overwritten(example, run, monkeypatch):
    from metaenv_experiments import scoring

    monkeypatch.setattr(scoring, "draw", lambda folder: None)
    monkeypatch.setattr(scoring.html_report, "write", lambda folder: None)
    metaenv_experiments.score(example.policy, out="run", **SMALL)
    names = {path.name for path in Path("run").iterdir()}
    assert names == {"config.json", "provenance.json", "episodes.parquet", "courses.parquet", "summary.json"}
    assert run(["results", "--add", "run", "--to", "page"])[0] == 0
    assert "| policy | own |" in Path("page/docs/results/prostate.md").read_text()
    with pytest.raises(ValueError, match="out run exists already and is never overwritten"):
        metaenv_experiments.score(example.policy, out="run", **SMALL)


@pytest.mark.parametrize(
    ("policy", "options", "message"),
    [
        (lambda observation: [0, 0, 0], {}, "action must have shape"),
        ("at51", {}, "policy must be one of alternating, .* prostate/ppo, or FILE.py:NAME, got 'at51'"),
        ("no_treatment", {"against": ("no_treatment",)}, "every policy must take part once, got no_treatment twice"),
        ("no_treatment", {"disease": "measles"}, "disease must be one of"),
        ("no_treatment", {"patients": 0}, "patients must be in 1 … 100000"),
        ("random", {"reference": "nobody"}, "reference must be one of no_treatment, maximum"),
        (3, {}, "must have predict"),
        ("local_first", {}, "needs local therapy, which is not offered here"),
    ],
)
def test_what_cannot_be_scored_is_said_in_one_line(policy, options, message):
    with pytest.raises(ValueError, match=message):
        metaenv_experiments.score(policy, **{"patients": 2, **options})


def test_observations_are_those_that_the_clinic_has(example):
    seen = []

    def watch(observation):
        seen.append(np.array(observation))
        return [0, 0]

    metaenv_experiments.score(watch, patients=2, against=())
    assert {row.shape for row in seen} == {gym.make("metaenv/Prostate-v1").observation_space.shape}
