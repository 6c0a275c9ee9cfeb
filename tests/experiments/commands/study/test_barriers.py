"""Each barrier is removed as said, the facts are read rightly, and statements are decided by intervals, both ways."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import metaenv
from metaenv_experiments.commands.study import barriers
from metaenv_experiments.commands.study.barriers import NUMBERS, REPORT
from metaenv_experiments.evaluation.policies import rule
from metaenv_experiments.evaluation.rollout import play
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.evaluation.task import Task
from metaenv_experiments.reporting.tables import written
from metaenv_experiments.studies.barriers import combinations
from metaenv_experiments.studies.barriers.ablations import ABLATIONS, EVERYTHING, NOTHING, SINGLE
from metaenv_experiments.studies.barriers.combinations import CELLS, START, TABLE, plan, play_cell
from metaenv_experiments.studies.barriers.patient_facts import (
    facts,
    relapses,
    resistance_at_progression,
    resistant_at_start,
    resisting_traits,
)
from metaenv_experiments.studies.barriers.statements import STATEMENTS, Results, findings
from metaenv_experiments.studies.barriers.strategies import (
    COMBINATION,
    KILLS,
    LOCAL,
    STRATEGIES,
    applies,
    pose,
    unlimited_local_therapy,
)
from metaenv_experiments.studies.barriers.verdicts import (
    DOES_NOT_APPLY,
    REFUTED,
    SHOWN,
    UNDECIDED,
    above,
    below,
    jointly,
)

TASK = Task(disease="lung", cohort="test", patients=16, seed=0)


# --- what is removed --------------------------------------------------------------------------------------------------


def test_removing_nothing_is_the_plain_scenario():
    cell = play_cell(TASK, NOTHING, COMBINATION)
    plain = play(TASK, rule("maximum_tolerated_dose", TASK, drugs="all").make, TASK.ids).episodes
    pd.testing.assert_frame_equal(cell[list(plain.columns)], plain)


def test_the_combination_cures_more_without_barriers():
    stands, removed = (play_cell(TASK, ablation, COMBINATION)["cured"] for ablation in (NOTHING, EVERYTHING))
    assert removed.sum() > stands.sum() + 0.5 * TASK.patients


def test_unlimited_local_therapy_cures_where_there_is_only_what_is_seen():
    spread, confined = (play_cell(TASK, ABLATIONS[name], LOCAL)["cured"] for name in ("nothing", "dissemination"))
    assert confined.mean() > 0.7
    assert spread.mean() < 0.3


def test_a_kill_leaves_every_cell_with_the_same_chance_and_more_logs_cure_more():
    posed, policy = pose(TASK, NOTHING, KILLS[0])
    env = posed.vector_env(TASK.patients)
    observation, infos = env.reset(seed=[0] * TASK.patients, options={"patient": TASK.ids})
    before, state = infos["burden"].sum(), env.unwrapped.cohort.state
    policy.make(env).predict(observation)
    after = state.proliferating.sum() + state.dormant.sum() + state.disseminated_cells.sum()
    assert after == pytest.approx(1e-3 * before, rel=1e-3)
    cured = [play_cell(TASK, NOTHING, strategy)["cured"].mean() for strategy in (*KILLS, replace(KILLS[0], kill=12.0))]
    assert cured == sorted(cured)
    assert cured[0] == 0.0
    assert cured[-1] > 0.7


def test_immune_escape_is_removed_without_switching_the_immune_system_off():
    scenario = pose(TASK, ABLATIONS["immune_escape"])[0].scenario
    assert scenario.on("immune")
    assert scenario.disease.rates.immune_size > 1e20
    assert all(pose(TASK, ablation)[0].scenario.on("immune") for ablation in ABLATIONS.values())


def test_every_mechanism_but_immunity_is_removed_once_alone_and_once_with_all():
    alone = [mechanism for ablation in SINGLE for mechanism in ablation.without]
    assert sorted(alone) == sorted(set(metaenv.MECHANISMS) - {"immune"})
    assert sorted(EVERYTHING.without) == sorted(alone)
    assert EVERYTHING.changes == ABLATIONS["immune_escape"].changes


def test_a_disease_without_local_therapy_borrows_one_and_has_no_adaptive_therapy_before_anything_is_seen():
    task = Task(disease="breast", cohort="test", patients=2, seed=0)
    assert task.scenario.disease.local_therapy is None
    posed, _ = pose(task, NOTHING, LOCAL)
    assert posed.scenario.local_therapy and not pose(task, NOTHING, COMBINATION)[0].scenario.local_therapy
    assert posed.scenario.disease.local_therapy.margin_risk == 0.0
    assert posed.scenario.disease.local_therapy.most_lesions > posed.scenario.disease.lesions
    assert all(organ.operable for organ in posed.scenario.disease.organs)
    assert dict(unlimited_local_therapy("lung"))["local_therapy"].radiation_alpha == (
        posed.scenario.disease.local_therapy.radiation_alpha
    )
    assert not applies(STRATEGIES["adaptive"], "breast")
    assert applies(STRATEGIES["adaptive"], "breast_recurrent")


# --- what happened ----------------------------------------------------------------------------------------------------


def test_a_relapse_ends_a_silence_without_visible_lesion_and_drug():
    day = np.arange(0.0, 700.0, 100.0)
    assert relapses(day, np.array([1, 0, 0, 1, 0, 0, 0]), np.zeros(7)) == [200.0]  # the last silence goes on
    assert relapses(day, np.array([1, 0, 0, 0, 0, 2, 0]), np.array([0, 1, 1, 0, 0, 0, 0])) == [200.0]
    assert relapses(day, np.array([1, 1, 1, 1, 1, 1, 1]), np.zeros(7)) == []
    assert relapses(day, np.array([0, 0, 0, 0, 1, 0, 1]), np.zeros(7)) == [400.0, 100.0]


def courses(patient, day, **columns):
    return pd.DataFrame({"patient": patient, "day": day, **columns})


def test_facts_of_two_patients():
    course = courses(
        [7, 7, 7, 9, 9],
        [0.0, 28.0, 56.0, 0.0, 28.0],
        burden=[1e9, 1e5, 1e7, 1e8, 0.0],
        lesions=[3, 2, 2, 1, 0],
        visible_lesions=[1, 0, 1, 1, 0],
        dose_a=[0.0, 0.0, 0.0, 0.0, 1.0],
    )
    found = facts(course).set_index("patient")
    assert found.loc[7].to_dict() == {
        "start_burden": 1e9,
        "nadir_burden": 1e5,
        "start_lesions": 3,
        "relapses": 1,
        "silence_days": 28.0,
    }
    assert found.loc[9, "nadir_burden"] == 0.0
    assert found.loc[9, "relapses"] == 0


def test_resistance_at_progression_is_compared_on_the_same_day():
    days = [0.0, 21.0, 42.0, 63.0]
    traits = TASK.scenario.traits
    zero = {f"resistant_{trait}": np.zeros(8) for trait in traits}
    treated = courses([1] * 4 + [2] * 4, days * 2, dose_a=[0, 1, 1, 1, 0, 0, 0, 0], **zero)
    treated["resistant_T790M"] = [0.1, 0.2, 0.3, 0.9, 0.1, 0.1, 0.1, 0.1]
    untreated = treated.iloc[:2].assign(resistant_T790M=[0.1, 0.15])  # dead before day 42: the last visit counts
    episodes = pd.DataFrame({"patient": [1, 2], "progressed": [True, False], "progression_days": [42.0, 63.0]})
    found = resistance_at_progression(TASK, episodes, treated, untreated)
    assert found["patient"].tolist() == [1]
    assert found.loc[0, ["at_progression_T790M", "untreated_T790M"]].tolist() == [0.3, 0.15]
    assert bool(found.loc[0, "on_drug"])


def test_the_traits_that_resist_a_drug_are_those_that_take_half_of_its_effect():
    assert resisting_traits(TASK)["osimertinib"] == ("C797S", "bypass")
    assert "T790M" in resisting_traits(TASK)["erlotinib"]


def test_resistant_cells_at_the_start_are_there_unless_all_cells_are_alike():
    assert (resistant_at_start(TASK)["resistant_erlotinib"] > 0).mean() > 0.5
    alike = resistant_at_start(pose(TASK, ABLATIONS["heterogeneity"])[0])
    assert alike["resistant_erlotinib"].sum() == 0


# --- how it is decided ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "patients", "is_above", "is_below"),
    [
        (0.2, 0.4, 100, SHOWN, REFUTED),
        (-0.4, -0.2, 100, REFUTED, SHOWN),
        (-0.1, 0.1, 100, UNDECIDED, UNDECIDED),
        (0.2, 0.4, 9, UNDECIDED, UNDECIDED),
        (0.0, 0.0, 100, REFUTED, REFUTED),  # no difference at all
        (float("nan"), float("nan"), 100, UNDECIDED, UNDECIDED),
    ],
)
def test_the_interval_decides(low, high, patients, is_above, is_below):
    estimate = Estimate((low + high) / 2, low, high)
    assert above(estimate, 0.0, patients) == is_above
    assert below(estimate, 0.0, patients) == is_below


def test_one_refutation_refutes_and_nothing_decides_nothing():
    assert jointly([SHOWN, SHOWN]) == SHOWN
    assert jointly([SHOWN, UNDECIDED]) == UNDECIDED
    assert jointly([SHOWN, UNDECIDED, REFUTED]) == REFUTED
    assert jointly([]) == jointly([DOES_NOT_APPLY]) == DOES_NOT_APPLY


def fake(**outcomes):
    """A cell of 100 patients in whom nothing happened but what is stated."""
    plain = {
        "cured": False,
        "died": False,
        "progressed": True,
        "toxic": False,
        "survival_days": 1000.0,
        "progression_days": 500.0,
        "start_burden": 1e10,
        "nadir_burden": 1e6,
        "relapses": 1,
        "silence_days": 800.0,
        "at_progression_T790M": 0.9,
        "untreated_T790M": 0.1,
        "on_drug": True,
    }
    noise = np.random.default_rng(0).normal(0.0, 1.0, 100)  # days, so that differences have a spread
    cell = pd.DataFrame({"patient": np.arange(100), **{**plain, **outcomes}})
    return cell.assign(**{name: cell[name] + noise for name in ("survival_days", "progression_days")})


def fake_results(*, agree):
    """Results of patients who agree with every statement, or contradict every one."""
    cells = {(ablation.name, strategy.name): fake() for ablation, strategy in plan("lung")}
    for drug in ("erlotinib", "osimertinib", "platinum_pemetrexed"):
        cells["nothing", f"alone_{drug}"] = fake(cured=not agree, untreated_T790M=0.1 if agree else 0.95)
    for strategy in STRATEGIES:
        for ablation in SINGLE:
            cells[ablation.name, strategy] = fake(nadir_burden=1e3 if agree else 1e7, cured=not agree)
        cells["everything", strategy] = fake(cured=agree)
        cells["nothing", strategy] = fake(cured=not agree)
    cells["nothing", "kill_3"] = fake(cured=not agree)
    cells["dissemination", "local"] = fake(cured=agree)
    cells["dormancy", "local_and_course"] = fake(silence_days=100.0 if agree else 900.0)
    sign = 1 if agree else -1
    cells["nothing", "adaptive"] = fake(survival_days=1000.0 + 100 * sign, progression_days=500.0 + 100 * sign)
    start = pd.DataFrame({"patient": np.arange(100), "lesions": 5, "resistant_all": 0.0})
    start = start.assign(**{f"resistant_{drug}": float(agree) for drug in ("erlotinib", "osimertinib")})
    resisting = {"erlotinib": ("T790M",), "osimertinib": ("T790M",), "platinum_pemetrexed": ()}
    return Results("lung", cells, start, resisting)


@pytest.mark.parametrize(("agree", "verdict"), [(True, SHOWN), (False, REFUTED)])
def test_every_statement_can_be_shown_and_refuted(agree, verdict):
    found = {finding.name: finding.verdict for finding in findings(fake_results(agree=agree))}
    assert found == dict.fromkeys(STATEMENTS, verdict)


def test_adaptive_therapy_is_not_judged_where_there_is_nothing_to_follow():
    found = {finding.name: finding for finding in findings(fake_results(agree=True)._replace(disease="breast"))}
    assert found["control_survival"].verdict == DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(12.34, 10.0, 15.0), "12.3 (10.0–15.0)"),
        (Estimate(-0.01, -2.0, 2.0), "0.0 (-2.0 to 2.0)"),
        (Estimate(float("nan"), 40.0, float("nan")), "not reached (> 40.0)"),
        (Estimate(float("nan"), float("nan"), float("nan")), "not reached"),
    ],
)
def test_numbers_are_written_with_their_interval(estimate, text):
    assert written(estimate) == text


# --- the command ------------------------------------------------------------------------------------------------------


def options(out, **more):
    return barriers.Options(disease=("lung",), patients=3, out=out, **more)


@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on_and_ends_with_the_same_numbers(tmp_path, monkeypatch, capsys):
    played = []

    def stopping(task, ablation, strategy):
        played.append((ablation.name, strategy.name))
        if len(played) == 5:
            raise KeyboardInterrupt
        traits = {f"{name}_{t}": 0.5 for name in ("at_progression", "untreated") for t in task.scenario.traits}
        return fake(cured=len(ablation.name) > len(strategy.name), **traits)

    monkeypatch.setattr(combinations, "play_cell", stopping)
    with pytest.raises(KeyboardInterrupt):
        barriers.run(options(tmp_path / "cut"))
    barriers.run(options(tmp_path / "cut", resume=True, report=tmp_path / "page" / "barriers.md"))
    assert len(played) == 1 + len(list(plan("lung")))  # only the fifth was begun twice
    barriers.run(options(tmp_path / "whole"))
    for name in (TABLE, START, NUMBERS, REPORT):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert (tmp_path / "page" / "barriers.md").read_bytes() == (tmp_path / "cut" / REPORT).read_bytes()
    assert (tmp_path / "page" / "pictures" / "barriers-lung.png").stat().st_size > 10_000
    assert set(json.loads((tmp_path / "cut" / NUMBERS).read_text())) == {"lung"}
    assert (tmp_path / "cut" / CELLS / "lung" / "nothing-local.parquet").exists()
    assert all(statement in capsys.readouterr().out for statement in ("lung: what is shown",))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--disease", "measles"], "disease must be one of"),
        (["--report", "."], "--report must be a file, not a folder, got"),
    ],
)
def test_a_bad_request_ends_at_the_door(options, message, refused):
    refused(["study", "barriers", *options], message)
