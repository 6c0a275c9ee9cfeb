"""The population equations of the kernel's docstring, integrated independently, and convergence in the sub-step."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from metaenv.diseases import PROSTATE
from metaenv.diseases.disease import Host
from metaenv.distribution import Fixed
from metaenv.drugs import DOCETAXEL
from metaenv.dynamics.pharmacokinetics import propagate

START, CAPACITY, KAPPA = 1e9, 2e9, 0.012  # cells, cells, /day
SUBSTEP = PROSTATE.substep  # days


def growing(bench, substep, **settings):
    """A vascular lesion whose supply grows."""
    trial = bench.experiment(
        cells=START,
        fill=START / CAPACITY,
        stochastic=False,
        substep=substep,
        rates={"birth": Fixed(0.06), "death": Fixed(0.015), "angiogenesis": Fixed(KAPPA)},
        **settings,
    )
    trial.proliferating[:] = np.array([START, 0.0])
    return trial


def growing_exactly(days):
    def slope(_, x):
        cells, supply = x
        return [cells * (0.06 * max(0.0, 1.0 - cells / supply) - 0.015), KAPPA * cells**2 / supply]

    return solve_ivp(slope, (0.0, days), [START, CAPACITY], rtol=1e-10).y[:, -1]


@pytest.mark.parametrize("substep", [0.25, SUBSTEP])
def test_cells_and_their_supply_follow_their_equations(bench, substep):
    """N' = N (b (1 - N/K) - d), K' = kappa K (N/K)^2 over a year; +-2 % at the sub-step of the preset."""
    trial = growing(bench, substep)
    trial.spend(364.0)
    seen = [trial.burden[0], trial.cohort.state.capacity[0, 0]]
    assert seen == pytest.approx(growing_exactly(364.0), rel=0.02 * substep / SUBSTEP)


def test_error_is_second_order_in_the_substep(bench):
    errors = []
    for substep in (SUBSTEP, SUBSTEP / 2.0):
        trial = growing(bench, substep)
        trial.spend(182.0)
        errors.append(abs(trial.burden[0] / growing_exactly(182.0)[0] - 1.0))
    assert errors[1] < 0.35 * errors[0]


def test_whole_population_equation(bench):
    """Two clones with unequal competition, a drug, hypoxia, immunity, sleep and waking; +-.2 % after 150 days.

    Births b (1 - s E) (1 - sum a N / K)+; deaths d + m (1 - s) E [(1 - nu) + nu b / b_c] (1 - hypoxic (1 - k_h)) +
    immune; entry into sleep basal + crowding + hypoxia + immune + drug; waking in proportion to free capacity.
    """
    birth, death, cost, capacity = 0.08, 0.01, 0.2, 5e9
    drug = bench.drug(
        kill=0.05,
        division_share=0.6,
        cytostatic_share=0.3,
        hypoxic_kill=0.5,
        dormant_kill=0.1,
        persistence=0.004,
        fold={"bypass": 9.0},
    )
    trial = bench.experiment(
        cells=capacity,
        fill=1.0,
        stochastic=False,
        substep=0.25,
        drugs=(drug,),
        traits=(bench.trait(name="bypass", mechanism="bypass", cost=Fixed(cost)),),
        mechanisms=("dormancy", "hypoxia", "immune"),
        rates={
            "birth": Fixed(birth),
            "death": Fixed(death),
            "competition": Fixed(2.0),
            "hypoxic_share": 0.4,
            "hypoxic_size": 2e9,
            "immune_kill": Fixed(0.01),
            "immune_size": 1e9,
            "dormancy_entry": Fixed(0.002),
            "stress_entry": 0.003,
            "hypoxic_entry": 0.004,
            "immune_entry": 0.2,
            "waking": Fixed(0.03),
            "dormant_death": 0.001,
        },
    )
    start = np.array([1e9, 1e7])
    trial.proliferating[:] = start

    def slope(_, x):
        awake, asleep = x[:2], x[2:]
        each = awake + asleep
        total = each.sum()
        hypoxic = 0.4 * total / (total + 2e9)
        immune = 0.01 / (1.0 + total / 1e9)
        filled = np.array([each.sum(), 2.0 * each[0] + each[1]]) / capacity
        free = np.maximum(0.0, 1.0 - filled)
        effect = np.array([0.5, 0.1])
        slowing = 1.0 - 0.3 * effect
        kill = 0.05 * 0.7 * effect * (1.0 - 0.5 * hypoxic)
        births = birth * np.array([1.0, 1.0 - cost]) * slowing * free
        deaths = death + kill * (0.4 + 0.6 * slowing * free) + immune
        entry = 0.002 + 0.003 * np.minimum(1.0, filled) + 0.004 * hypoxic + 0.2 * immune + 0.004 * effect
        waking = 0.03 * free
        return np.concatenate(
            [
                awake * (births - deaths - entry) + asleep * waking,
                awake * entry - asleep * (waking + 0.001 + 0.1 * kill),
            ]
        )

    trial.spend(150.0, 1.0)
    exact = solve_ivp(slope, (0.0, 150.0), np.concatenate([start, np.zeros(2)]), rtol=1e-9).y[:, -1]
    seen = np.concatenate([trial.proliferating[0], trial.cohort.state.dormant[0, 0]])
    assert seen == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("fold", [1.0, 10.0], ids=["sensitive", "efflux"])
def test_kill_of_a_cycle_of_docetaxel_is_its_integral_at_the_substep_of_the_preset(bench, fold):
    """Hill effect of the tissue concentration over the first cycle; +-2 % of the kill of sensitive cells."""
    elimination, inflow = DOCETAXEL.elimination, math.log(2.0) / DOCETAXEL.tissue_half_life

    def effect(day, pump=fold):
        tissue = propagate(elimination * DOCETAXEL.cycle, 0.0, 0.0, elimination, 0.0, inflow, day)[1]
        return tissue**DOCETAXEL.hill / (tissue**DOCETAXEL.hill + (pump * DOCETAXEL.ec50) ** DOCETAXEL.hill)

    drug = bench.drug(
        infusion=True,
        cycle=DOCETAXEL.cycle,
        half_life=DOCETAXEL.half_life,
        tissue_half_life=DOCETAXEL.tissue_half_life,
        hill=DOCETAXEL.hill,
        ec50=DOCETAXEL.ec50 * fold,
        kill=DOCETAXEL.kill,
    )
    trial = bench.experiment(drugs=(drug,), stochastic=False, substep=SUBSTEP)
    trial.spend(DOCETAXEL.cycle, 1.0)
    exact = DOCETAXEL.kill * quad(effect, 0.0, DOCETAXEL.cycle, limit=200)[0]
    scale = DOCETAXEL.kill * quad(effect, 0.0, DOCETAXEL.cycle, args=(1.0,), limit=200)[0]
    assert -math.log(trial.burden[0] / 1e9) == pytest.approx(exact, abs=0.02 * scale)


def test_a_cell_weighs_in_the_hazard_of_death_what_its_organ_says(bench):
    hazards = []
    for weight in (1.0, 4.0):
        host = Host(lethal_burden=1e11, lethal_hazard=0.004, lethal_exponent=1.5)
        trial = bench.experiment(size=1, cells=1e10, stochastic=False, organs=(bench.organ(weight=weight),), host=host)
        trial.spend(5.0)
        hazards.append(trial.cohort.state.host["hazard"][0])
    assert hazards[0] == pytest.approx(0.004 * 0.1**1.5 * 5.0)
    assert hazards[1] == pytest.approx(4.0**1.5 * hazards[0])
