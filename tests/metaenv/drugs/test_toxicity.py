"""Dose-limiting toxicity is as frequent as the line of the drug that it was fitted on says."""

from dataclasses import replace

import numpy as np
import pytest

import metaenv

PATIENTS = 1000
FULL_DOSE = 2  # level


def share_limited(drug, days):
    """Share of patients whom full doses bring to score 1 of the drug's first toxicity within some days.

    However many infusions its label allows: that of doxorubicin ends before the dose of the line below.
    """
    endless = replace(metaenv.DRUGS[drug], most_cycles=0)
    scenario = replace(metaenv.make_scenario("breast").with_drugs([endless]), visit_interval=7.0)
    kind = scenario.toxicities.index(next(iter(scenario.drugs[0].toxicity)))
    env = metaenv.MetastasisVectorEnv(PATIENTS, scenario=scenario, autoreset_mode="Disabled")
    env.reset(seed=[0] * PATIENTS, options={"patient": np.arange(PATIENTS)})
    limited = np.zeros(PATIENTS, dtype=bool)
    for _ in range(round(days / scenario.visit_interval)):
        infos = env.step(np.full((PATIENTS, 1), FULL_DOSE))[-1]
        limited |= infos["toxicity"][:, kind] >= 1.0
    return limited.mean()


@pytest.mark.parametrize(
    ("drug", "days", "low", "high"),
    [
        ("erlotinib", 364, 0.10, 0.15),  # 12-13 % (Rosell2012)
        ("everolimus", 364, 0.06, 0.11),  # 8 % (BOLERO-2, from memory)
        ("bevacizumab", 182, 0.08, 0.14),  # 10 % in half a year
        ("pembrolizumab", 728, 0.10, 0.17),  # 10-17 % (Goldberg2020)
        ("letrozole", 728, 0.015, 0.05),  # 3-4 % (from memory)
        ("doxorubicin", 9 * 21, 0.20, 0.32),  # 26 % at 550 mg/m2 (Swain2003): nine infusions of 60
    ],
)
def test_as_many_reach_the_limit_as_the_drugs_file_says(drug, days, low, high):
    assert low < share_limited(drug, days) < high
