"""Case 23: leukocytes after paclitaxel, 410 umol over 3 h. Source: Friberg2002; tolerance .1 %.

Two-compartment kinetics of unbound paclitaxel (CL 285 L/h, V1 290 L, V2 1000 L, Q 204 L/h) in units of 1 umol/L;
leukocytes 7.21e9/L, mean transit time 124 h, feedback .239, slope 28.9 L/umol.
"""

import math

import numpy as np
import pytest

from metaenv.diseases.disease import Host
from metaenv.distribution import Fixed
from metaenv.dynamics.state import CIRCULATING

CLEARANCE, CENTRAL, PERIPHERAL, EXCHANGE = 285.0, 290.0, 1000.0, 204.0  # L/h, L, L, L/h
AMOUNT, INFUSION = 410.0, 3.0 / 24.0  # umol, days
SOURCE = "Friberg2002"


@pytest.fixture(scope="module")
def course(bench):
    """Hours, plasma concentration (umol/L) and leukocytes (1e9/L) every 4 h, from the end of the infusion."""
    elimination = CLEARANCE / CENTRAL * 24.0
    drug = bench.drug(
        half_life=math.log(2.0) / elimination,
        outflow=EXCHANGE / CENTRAL * 24.0,
        tissue_half_life=math.log(2.0) / (EXCHANGE / PERIPHERAL * 24.0),
        marrow_slope=28.9,
    )
    host = Host(baseline_neutrophils=Fixed(7.21), transit_time=Fixed(124.0 / 24.0), feedback=Fixed(0.239))
    trial = bench.experiment(drugs=(drug,), host=host, host_step=0.5 / 24.0)
    state = trial.cohort.state
    trial.spend(INFUSION, AMOUNT / INFUSION / CENTRAL / elimination)  # 410 umol at a constant rate
    rows = [(3.0, state.concentration[0, 0, 0], state.neutrophils[0, CIRCULATING])]
    trial.spend(1.0 / 24.0)
    for hour in range(4, 720, 4):
        rows.append((hour, state.concentration[0, 0, 0], state.neutrophils[0, CIRCULATING]))
        trial.spend(4.0 / 24.0)
    return np.array(rows).T


def test_peak_concentration(course, published):
    published(case="23 paclitaxel, peak (µmol/L)", value=0.31512, ours=course[1].max(), rel=1e-3, source=SOURCE)
    published(
        case="23 paclitaxel, hour of the peak", value=3, ours=course[0][course[1].argmax()], abs=1e-9, source=SOURCE
    )


def test_nadir(course, published):
    hours, _, leukocytes = course
    published(case="23 leukocytes, nadir (1e9/L)", value=2.6516, ours=leukocytes.min(), rel=1e-3, source=SOURCE)
    published(
        case="23 leukocytes, hour of the nadir", value=224, ours=hours[leukocytes.argmin()], abs=4.0, source=SOURCE
    )
    published(
        case="23 leukocytes, hour 228 (1e9/L)", value=2.6542, ours=leukocytes[hours == 228], rel=1e-3, source=SOURCE
    )


def test_rebound(course, published):
    hours, _, leukocytes = course
    published(case="23 leukocytes, rebound (1e9/L)", value=9.9908, ours=leukocytes.max(), rel=1e-3, source=SOURCE)
    published(
        case="23 leukocytes, hour of the rebound", value=540, ours=hours[leukocytes.argmax()], abs=12.0, source=SOURCE
    )
