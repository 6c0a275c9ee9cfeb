"""Cases 18, 19 and 25: arms of trials, on patients who took no part in any fit.

Sources: Zhang2022 (adaptive and continuous abiraterone), Soria2018, Ramalingam2020, Planchard2023 (FLAURA, FLAURA2),
Laleh2022, Bruchovsky2006 (rates).
"""

from functools import cache

import numpy as np
import pytest

import metaenv
from metaenv.cohort import Cohort
from metaenv.population.cohorts import chance_keys
from metaenv_experiments.studies.trial_arms.published import ARMS
from metaenv_experiments.studies.trial_arms.simulated import outcomes, simulate

pytestmark = pytest.mark.slow

PATIENTS, SEED = 1_024, 18
CONTINUOUS, ADAPTIVE = "abiraterone continuous (Zhang2022)", "adaptive AT50 (Zhang2022)"
ERLOTINIB, OSIMERTINIB = "erlotinib (FLAURA)", "osimertinib (FLAURA)"
COMBINED = "osimertinib with chemotherapy (FLAURA2)"


@cache
def found(arm):
    """Every quantity of an arm, on the validation cohort."""
    return outcomes(ARMS[arm], simulate(ARMS[arm], cohort="validation", patients=PATIENTS, seed=SEED))


def months(arm, kind):
    return found(arm)[f"{kind}_median_months"]


# ---- case 18: continuous and adaptive abiraterone


@pytest.mark.parametrize(("arm", "value", "tolerance"), [(CONTINUOUS, 14.3, 3.0), (ADAPTIVE, 33.5, 7.0)])
def test_time_to_progression_on_abiraterone(published, arm, value, tolerance):
    ours = months(arm, "progression")
    published(case=f"18 {arm}: progression (months)", value=value, ours=ours, abs=tolerance, source="Zhang2022")


def test_adaptive_therapy_delays_progression(published):
    ratio = months(ADAPTIVE, "progression") / months(CONTINUOUS, "progression")
    published(
        case="18 progression, adaptive / continuous",
        value=33.5 / 14.3,
        ours=ratio,
        within=ratio >= 1.8,
        tolerance="≥ 1.8",
        source="Zhang2022",
    )


@pytest.mark.xfail(reason="1.26: it does so by less", raises=AssertionError)
def test_adaptive_therapy_prolongs_life(published):
    ratio = months(ADAPTIVE, "survival") / months(CONTINUOUS, "survival")
    published(
        case="18 survival, adaptive / continuous",
        value=58.5 / 31.3,
        ours=ratio,
        within=ratio >= 1.3,
        tolerance="≥ 1.3",
        source="Zhang2022",
    )


def test_adaptive_therapy_spares_drug(published):
    ours = found(ADAPTIVE)["dose_share_abiraterone"]
    published(case="18 adaptive, share of the full dose", value=0.54, ours=ours, abs=0.08, source="Zhang2022")


# ---- case 19: first lines of EGFR-mutant lung cancer


@pytest.mark.xfail(reason="2.3 times for 1.85, at most 2.25: erlotinib fails a little too early", raises=AssertionError)
def test_osimertinib_holds_longer_than_erlotinib(published):
    ratio = months(OSIMERTINIB, "progression_free") / months(ERLOTINIB, "progression_free")
    published(case="19 PFS, osimertinib / erlotinib", value=18.9 / 10.2, ours=ratio, abs=0.4, source="Soria2018")


@pytest.mark.xfail(reason="1.14: it adds too little", raises=AssertionError)
def test_chemotherapy_adds_to_osimertinib(published):
    ratio = months(COMBINED, "progression_free") / months(OSIMERTINIB, "progression_free")
    published(
        case="19 PFS, osimertinib with chemotherapy / alone",
        value=25.5 / 16.7,
        ours=ratio,
        abs=0.35,
        source="Planchard2023",
    )


def test_survival_of_first_lines_is_ordered(published):
    survival = [months(arm, "survival") for arm in (ERLOTINIB, OSIMERTINIB, COMBINED)]
    published(
        case="19 survival on erlotinib, osimertinib, with chemotherapy (months)",
        value="31.8 < 38.6 < 47.5",
        ours=" < ".join(f"{median:.1f}" for median in survival) if sorted(survival) == survival else str(survival),
        within=survival[0] < survival[1] < survival[2],
        tolerance="order",
        source="Janne2026",
    )


# ---- case 25: rates of decline and regrowth, within a factor of 1.5


def compare_rate(published, case, low, high, ours, source):
    published(
        case=f"25 {case} (/day)",
        value=f"{low:g}" if low == high else f"{low:g} to {high:g}",
        ours=ours,
        within=low / 1.5 <= ours <= high * 1.5,
        tolerance="factor 1.5",
        source=source,
    )


def test_marker_falls_in_the_first_month(published):
    ours = found(CONTINUOUS)["marker_fall_per_day"]
    compare_rate(published, "fall of PSA in the first month", 0.02, 0.05, ours, "Bruchovsky2006")


def test_marker_rises_off_abiraterone(published):
    ours = found(ADAPTIVE)["marker_rise_per_day"]
    compare_rate(published, "rise of PSA off abiraterone", 0.013, 0.013, ours, "Zhang2022")


@pytest.fixture(scope="module")
def volumes():
    """ln of the volume of target lesions of lung cancer on chemotherapy, scan by scan until progression.

    Returns (day of each scan, array of (scan, patient, lesion) with NaN where a lesion is not seen or followed).
    """
    scenario = metaenv.make_scenario("lung")
    drugs = [drug.name for drug in scenario.drugs]
    cohort = Cohort(scenario, PATIENTS)
    rows = np.arange(PATIENTS, dtype=np.int64)
    first = metaenv.COHORTS["validation"].start
    keys = chance_keys(np.full(PATIENTS, SEED), np.zeros(PATIENTS, dtype=np.int64), rows + first)
    cohort.admit(rows, rows + first, keys)
    action = np.zeros((PATIENTS, len(drugs) + scenario.local_therapy))
    action[:, drugs.index("platinum_pemetrexed")] = 1.0
    target = cohort.chart.target.copy()
    active = np.ones(PATIENTS, dtype=np.bool_)
    days, seen = [0.0], [log_volume(cohort, target)]
    while active.any() and days[-1] < 3.0 * 365.0:
        cohort.treat(action, active)
        scanned = active & cohort.chart.note["scanned"]
        if scanned.any():
            days.append(float(cohort.state.host["day"].max()))
            seen.append(np.where(scanned[:, None], log_volume(cohort, target), np.nan))
        active &= ~(cohort.report.terminated | cohort.report.truncated | cohort.chart.note["progressed"])
    return np.array(days), np.array(seen)


def log_volume(cohort, target):
    diameter = np.where(target & (cohort.chart.diameter > 0.0), cohort.chart.diameter, np.nan)
    return np.log(0.52 * diameter**3)


def slopes(volumes):
    """Slopes of the logarithm from the first scan to the smallest, and from there to the last, per lesion; /day."""
    days, seen = volumes
    lesions = seen.reshape(len(days), -1).T
    decline, regrowth = [], []
    for lesion in lesions[np.isfinite(lesions).sum(axis=1) > 1]:
        when, log = days[np.isfinite(lesion)], lesion[np.isfinite(lesion)]
        lowest = int(log.argmin())
        if lowest > 0:
            decline.append((log[0] - log[lowest]) / (when[lowest] - when[0]))
        if lowest < len(log) - 1:
            regrowth.append((log[-1] - log[lowest]) / (when[-1] - when[lowest]))
    return np.array(decline), np.array(regrowth)


def test_target_lesions_decline_as_in_trials(published, volumes):
    decline, _ = slopes(volumes)
    assert decline.size > PATIENTS
    compare_rate(published, "decline of target lesions, median", 0.0076, 0.0076, np.median(decline), "Laleh2022")


def test_target_lesions_regrow_as_in_trials(published, volumes):
    """Half of the published rates lie between .0034 and .0118."""
    _, regrowth = slopes(volumes)
    assert regrowth.size > PATIENTS
    compare_rate(published, "regrowth of target lesions, median", 0.0066, 0.0066, np.median(regrowth), "Laleh2022")
