"""Case 7: dual therapy of Bozic et al. 2013, by its equation 1 and on the disease `bozic2013`. Source: Bozic2013.

The kernel adds the kills of two drugs, the paper lets a cell that either drug can kill die at one rate. So in the
simulation of the table the second drug spares the cells that the first one kills.
"""

import dataclasses
import math

import gymnasium
import numpy as np
import pytest

import metaenv
from metaenv.diseases.bozic2013 import BIRTH, DEATH, POINT_MUTATION, SITES, TREATED_DEATH
from metaenv.scenario.variation import vary

# tumour cells at the start of treatment, probability of failure without shared sites; patients N1 to N22 of table 1
BURDENS = (
    (2.6e11, 0.283),
    (2.3e11, 0.26),
    (1.7e11, 0.203),
    (1.4e11, 0.172),
    (1.0e11, 0.128),
    (9.8e10, 0.12),
    (9.1e10, 0.112),
    (7.4e10, 0.092),
    (6.4e10, 0.08),
    (5.5e10, 0.069),
    (5.4e10, 0.068),
    (4.8e10, 0.061),
    (4.1e10, 0.052),
    (4.1e10, 0.051),
    (3.3e10, 0.042),
    (2.2e10, 0.028),
    (2.1e10, 0.027),
    (2.0e10, 0.026),
    (1.8e10, 0.023),
    (1.6e9, 0.002),
    (1.3e9, 0.002),
    (8.5e8, 0.001),
)
SHARED = {20: 0.881, 21: 0.828, 22: 0.677}  # patient -> probability with one shared site; 1 for all others
SIMULATED = [(1, 0), (6, 0), (11, 0), (20, 0), (20, 1), (22, 1)]  # patient, shared sites
PATIENTS = 2048
INTERVAL, SUBSTEP = 2.0, 1.0  # days; the tumour grows by 2 % between visits
TREATED = 1600.0  # days on treatment after which what is not eradicated has regrown
SPARING = {  # only cells that the first drug cannot kill
    "drugs.second_drug.ec50": 1e9,
    "drugs.second_drug.fold": {"first": 1e-18, "second": 1e36, "cross": 1e36},
}


def eradicated(size, shared):
    """Equation 1: no resistant lineage in one or two steps, before or during treatment."""
    s, treated = 1.0 - DEATH / BIRTH, 1.0 - TREATED_DEATH / BIRTH
    u, n, k = POINT_MUTATION, SITES, (treated - s) / (s * treated)
    one_before = -size * u * shared
    one_during = size * u * shared * s / treated
    each = n * (n + shared) * math.log(1.0 / (s * size) + u * (n + shared) * k)
    two_before = size * u**2 * k * 2.0 * each
    two_during = -size * u**2 * (2.0 * n * n + shared * 2.0 * n) * s / treated**2
    return math.exp(one_before + one_during + two_before + two_during)


def failure_in_the_table(patient, shared):
    return SHARED.get(patient, 1.0) if shared else BURDENS[patient - 1][1]


@pytest.mark.parametrize("shared", [0, 1])
@pytest.mark.parametrize("patient", range(1, 23))
def test_equation_one_gives_the_table(published, patient, shared):
    published(
        case=f"7 failure of dual therapy by equation 1, N{patient}, {shared} shared sites",
        value=failure_in_the_table(patient, shared),
        ours=1.0 - eradicated(BURDENS[patient - 1][0], shared),
        abs=0.01,
        source="Bozic2013",
    )


def failures(size, shared, doses, changes):
    """Share of patients not eradicated, watched from 1e3 cells until `size` and treated from then on."""
    biology = {"traits.cross.mutation_rate": shared * POINT_MUTATION, "host.lethal_hazard": 0.0}
    scenario = vary(metaenv.make_scenario("bozic2013"), biology | changes)
    environment = gymnasium.make_vec(
        "metaenv/Bozic2013-v1",
        num_envs=PATIENTS,
        vectorization_mode="vector_entry_point",
        autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED,
        scenario=dataclasses.replace(scenario, visit_interval=INTERVAL, substep=SUBSTEP),
    )
    _, info = environment.reset(seed=[7] * PATIENTS, options={"patient": np.arange(PATIENTS)})
    days = np.zeros(PATIENTS)  # on treatment
    while (days < TREATED).any():
        treated = (days > 0.0) | (info["burden"] >= size)
        _, _, terminated, truncated, info = environment.step(np.where(treated[:, None], doses, 0))
        assert not (terminated | truncated).any()
        days += np.where(treated, INTERVAL, 0.0)
    return 1.0 - info["cured"].mean()


@pytest.mark.slow
@pytest.mark.parametrize(("patient", "shared"), SIMULATED)
def test_dual_therapy_fails_as_often_as_in_the_table(published, patient, shared):
    published(
        case=f"7 failure of dual therapy, {PATIENTS} simulated, N{patient}, {shared} shared sites",
        value=failure_in_the_table(patient, shared),
        ours=failures(BURDENS[patient - 1][0], shared, (2, 2), SPARING),
        abs=0.03,
        source="Bozic2013",
    )


@pytest.mark.slow
@pytest.mark.parametrize("patient", [1, 22])
def test_monotherapy_always_fails(published, patient):
    """In all of the table; simulated for the largest and the smallest tumour."""
    published(
        case=f"7 failure of monotherapy, {PATIENTS} simulated, N{patient}",
        value=1.0,
        ours=failures(BURDENS[patient - 1][0], 0, (2, 0), {}),
        abs=1e-9,
        tolerance="every patient",
        source="Bozic2013",
    )
