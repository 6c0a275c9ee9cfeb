"""What the patient bears of harm by treatment: the hazard of death by it, by kind, in `info` of both environments."""

import math
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

import metaenv
from metaenv.clinic.codes import RADIOTHERAPY, RESECTION
from metaenv.diseases.disease import Host, LocalTherapy
from metaenv.distribution import Fixed
from metaenv.drugs.toxicity import Toxicity
from metaenv.dynamics.state import CAUSES, COSTS

MANY = 10_000
PARTS = ("sepsis", "cumulative_toxicity", "procedure")
KIND = (Toxicity(name="kind", half_life=math.inf, disutility=0.0),)


def died_of(trial, cause):
    return (trial.cohort.state.host["cause"] == CAUSES.index(cause)).astype(float)


def errors(values):
    """Three standard errors of the mean."""
    return 3.0 * values.std() / math.sqrt(values.size)


def neutropenic(bench, **hazards):
    """Patients whose drug holds the neutrophils below the level of sepsis from the first day on."""
    host = Host(baseline_neutrophils=Fixed(0.8), feedback=Fixed(0.15), sepsis_level=0.5, **hazards)
    trial = bench.experiment(
        cells=1e10, host=host, drugs=(bench.drug(marrow_slope=0.1, kill=1e-12),), size=MANY, seed=5
    )
    trial.cohort.state.neutrophils[:] = 0.8 * 0.9 ** (1.0 / 0.15)
    return trial


def test_sepsis_costs_its_hazard_for_the_days_lived(bench):
    trial = neutropenic(bench, sepsis_hazard=0.02)
    trial.treat(25.0, 1.0)
    alive = trial.cohort.state.host["cause"] == CAUSES.index("alive")
    cost = trial.cohort.report.cost
    assert 0 < alive.sum() < MANY
    assert cost["sepsis"][alive] == pytest.approx(0.02 * 25.0, rel=1e-12)
    assert cost["sepsis"][~alive] == pytest.approx(0.02 * trial.cohort.state.host["day"][~alive], rel=1e-9)


@pytest.mark.parametrize("cancer", [0.0, 0.01])
def test_mean_cost_of_sepsis_is_the_share_who_die_of_it(bench, cancer):
    """Among deaths by the disease too, over several visits."""
    trial = neutropenic(bench, sepsis_hazard=0.01, lethal_burden=1e10, lethal_hazard=cancer)
    borne = np.zeros(MANY)
    for _ in range(4):
        living = trial.cohort.state.host["cause"] == CAUSES.index("alive")
        trial.treat(20.0, 1.0)
        borne += np.where(living, trial.cohort.report.cost["sepsis"], 0.0)
    died = died_of(trial, "neutropenic_sepsis")
    assert 0.2 < died.mean() < 0.6
    assert borne.mean() == pytest.approx(died.mean(), abs=errors(borne - died))


def test_death_by_sepsis_is_as_likely_as_its_cost_says(bench):
    """1 - exp(-cost) of who has lived through all of it."""
    trial = neutropenic(bench, sepsis_hazard=0.004)
    trial.treat(25.0, 1.0)
    died = died_of(trial, "neutropenic_sepsis")
    whole = trial.cohort.report.cost["sepsis"][died == 0.0]
    assert died.mean() == pytest.approx((1.0 - np.exp(-whole)).mean(), abs=errors(died))


def test_toxicity_above_one_costs_its_hazard_and_from_one_on_its_days_count(bench):
    trial = bench.experiment(host=Host(toxic_hazard=0.01), toxicities=KIND, size=3)
    trial.cohort.state.toxicity[:, 0] = (1.5, 1.0, 0.999)
    trial.spend(10.0)
    cost = trial.cohort.report.cost
    assert cost["cumulative_toxicity"] == pytest.approx([0.01 * 0.5 * 10.0, 0.0, 0.0])
    assert cost["dose_limiting_days"].tolist() == [10.0, 10.0, 0.0]
    assert (cost["total"] == cost["cumulative_toxicity"]).all()


def test_mean_cost_of_toxicity_is_the_share_who_die_of_it(bench):
    trial = bench.experiment(host=Host(toxic_hazard=0.01), toxicities=KIND, size=MANY, seed=6)
    trial.cohort.state.toxicity[:, 0] = 1.5
    trial.treat(100.0)
    died, borne = died_of(trial, "cumulative_toxicity"), trial.cohort.report.cost["cumulative_toxicity"]
    assert died.mean() == pytest.approx(1.0 - math.exp(-0.5), abs=errors(died))
    assert borne.mean() == pytest.approx(died.mean(), abs=errors(borne - died))


@pytest.mark.parametrize(
    ("procedure", "name"), [(RESECTION, "operation_mortality"), (RADIOTHERAPY, "course_mortality")]
)
def test_a_procedure_costs_its_mortality_at_its_visit_alone(bench, procedure, name):
    values = {"radiation_alpha": 0.3, "radiation_beta": 0.03, "oxygen_enhancement": 3.0, "fraction_dose": 2.0}
    values |= {"fractions": 1, "courses": 1, "patient_courses": 3, "operations": 1, "margin_risk": 0.0}
    values |= {"course_mortality": 0.0, "operation_mortality": 0.0, "margin_share": 0.0} | {name: 0.2}
    organs = (bench.organ(operable=True),)
    settings = {"organs": organs, "cells": 1e10, "local_therapy": LocalTherapy(**values)}
    trial = bench.Experiment(replace(bench.scenario(**settings), local_therapy=True), size=MANY, seed=7)
    trial.treat(1.0, 0.0, procedure)
    cost, died = trial.cohort.report.cost, died_of(trial, "procedure")
    assert (cost["procedure"] == 0.2).all() and (cost["total"] == 0.2).all()
    assert died.mean() == pytest.approx(0.2, abs=errors(died))
    trial.treat(1.0, 0.0, procedure)  # nothing may be treated twice
    assert (cost["total"][died == 0.0] == 0.0).all()


@pytest.mark.nojit
def test_what_was_borne_is_counted_anew_at_every_visit(bench):
    trial = bench.experiment(host=Host(toxic_hazard=0.01), toxicities=KIND)
    trial.cohort.state.toxicity[0, 0] = 2.0
    for _ in range(2):
        trial.spend(10.0)
        assert trial.cohort.report.cost["cumulative_toxicity"][0] == pytest.approx(0.1)
        assert trial.cohort.report.cost["dose_limiting_days"][0] == pytest.approx(10.0)


# ---- what the environments tell


def costs_of(info):
    return {name.removeprefix("cost/"): value for name, value in info.items() if name.startswith("cost")}


@pytest.mark.parametrize("identifier", metaenv.REGISTERED)
def test_who_is_not_treated_bears_nothing(identifier, vector):
    env = vector(identifier, 16)
    env.reset(seed=0)
    for _ in range(6):
        *_, info = env.step(np.zeros(env.action_space.shape, dtype=int))
        assert all((value == 0.0).all() for value in costs_of(info).values())


@pytest.fixture(scope="module")
def harmful():
    """Prostate cancer with a marrow and toxicities that full doses harm within few visits, and local therapy of all."""
    scenario = metaenv.make_scenario("prostate", local_therapy=True)
    host = replace(scenario.disease.host, sepsis_hazard=0.05, toxic_hazard=0.05)
    drugs = tuple(replace(drug, toxicity={k: 10.0 * v for k, v in drug.toxicity.items()}) for drug in scenario.drugs)
    local = replace(scenario.disease.local_therapy, most_lesions=1000)
    disease = replace(scenario.disease, drugs=drugs, host=host, local_therapy=local)
    scenario = replace(scenario, drugs=drugs, disease=disease)
    return replace(scenario, horizon=8 * scenario.visit_interval)


def test_total_is_the_sum_of_what_may_kill_and_days_are_apart(harmful, vector):
    env = vector("metaenv/Prostate-v1", 64, scenario=harmful)
    env.reset(seed=1)
    seen = dict.fromkeys(COSTS, False)
    for _ in range(8):
        action = np.full(env.action_space.shape, 2)
        *_, info = env.step(action)
        costs = costs_of(info)
        assert costs.keys() == {"cost", *COSTS}
        assert info["cost"] == pytest.approx(sum(costs[part] for part in PARTS), rel=1e-12)
        assert (costs["dose_limiting_days"] <= harmful.visit_interval + 1e-9).all()
        seen = {name: seen[name] or bool((costs[name] > 0.0).any()) for name in COSTS}
    assert all(seen.values()), seen


@pytest.mark.parametrize("mode", list(gym.vector.AutoresetMode))
def test_nothing_is_borne_before_the_first_visit_nor_by_those_who_wait(harmful, vector, mode):
    env = vector("metaenv/Prostate-v1", 16, mode, scenario=harmful)
    _, info = env.reset(seed=2)
    assert (info["cost"] == 0.0).all()
    over = np.zeros(16, dtype=bool)
    for _ in range(9):
        was_over = over
        *_, terminated, truncated, info = env.step(np.full(env.action_space.shape, 2))
        over = terminated | truncated
        quiet = over if mode is gym.vector.AutoresetMode.SAME_STEP else was_over
        for name, value in costs_of(info).items():
            assert (value[quiet] == 0.0).all(), name
        if mode is gym.vector.AutoresetMode.SAME_STEP and over.any():
            assert (info["final_info"]["cost"][over] > 0.0).any()
    assert was_over.any()


def test_one_patient_bears_what_it_bears_among_many(harmful, vector):
    many, one = vector("metaenv/Prostate-v1", 4, scenario=harmful), gym.make("metaenv/Prostate-v1", scenario=harmful)
    many.reset(seed=3)
    courses = [many.step(np.full(many.action_space.shape, 2))[-1] for _ in range(8)]
    for row in range(4):
        _, info = one.reset(seed=3 + row)
        borne, over, visit = 0.0, False, 0
        while not over:
            *_, terminated, truncated, info = one.step(np.full(one.action_space.shape, 2))
            over, among = terminated or truncated, costs_of(courses[visit])
            assert all(value == among[name][row] for name, value in costs_of(info).items())
            borne, visit = borne + info["cost"], visit + 1
        assert borne > 0.0
