"""What breast cancer was fitted to, on test patients that the fit has not met."""

from dataclasses import replace

import numpy as np
import pytest

from metaenv.diseases import BREAST, BREAST_RECURRENT, LUNG
from metaenv.scenario import Scenario
from metaenv_agents.rules import make_rule
from metaenv_experiments.evaluation.metrics import DAYS_PER_YEAR
from metaenv_experiments.studies.targets.follow import Patients, WithCourses, hazard_ratio, irradiating

LETROZOLE, BOTH, CHEMOTHERAPY = ("letrozole",), ("letrozole", "palbociclib"), ("doxorubicin",)
FEW, COURSES = 4, 4  # lesions at most, and one course for each, as in NRG-BR002

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def recurrent():
    return Patients(scenario=Scenario.of(BREAST_RECURRENT), count=512)


@pytest.fixture(scope="module")
def both(recurrent):
    return recurrent.follow(lines(BOTH, CHEMOTHERAPY))


def lines(*given):
    return lambda clinic: make_rule("sequential", clinic, lines=given)


def test_progression_and_survival_on_letrozole_are_those_of_paloma_2_within_15_percent(recurrent):
    alone = recurrent.follow(lines(LETROZOLE, CHEMOTHERAPY))
    assert alone.median_progression_free == pytest.approx(14.5, rel=0.15)
    assert alone.median_survival == pytest.approx(51.2, rel=0.15)


def test_progression_and_survival_with_palbociclib_are_those_of_paloma_2_within_15_percent(both):
    assert both.median_progression_free == pytest.approx(24.8, rel=0.15)
    assert both.median_survival == pytest.approx(53.9, rel=0.15)


def test_ablating_few_lesions_hardly_delays_progression(recurrent, both):
    """NRG-BR002: hazard ratio 0.92, and new metastases in two of five in both arms. Radiation is that of lung cancer."""
    few = np.asarray(recurrent.begin().infos["visible_lesions"]) <= FEW
    irradiated = replace(recurrent, scenario=irradiating(replace(BREAST_RECURRENT, local_therapy=LUNG.local_therapy)))
    ablated = irradiated.follow(lambda clinic: WithCourses(clinic, lines(BOTH, CHEMOTHERAPY)(clinic), COURSES))
    assert 0.7 < hazard_ratio(ablated, both, few) < 1.2
    for course in (ablated, both):
        assert 0.3 < course.new_lesion[few].mean() < 0.5


@pytest.mark.xfail(reason="random doses live as well as on the standard of care", strict=True)
def test_random_doses_are_worth_less_than_the_standard_of_care(recurrent, both):
    by_chance = recurrent.follow(lambda clinic: make_rule("random", clinic))
    assert by_chance.returns.mean() < both.returns.mean()


@pytest.fixture(scope="module")
def after_surgery():
    """Recurrences a year untreated, and their ratio on five years of letrozole, in years 0 to 4 and 5 to 9."""
    patients = Patients(scenario=Scenario.of(BREAST), count=2048)
    untreated = patients.follow(lambda clinic: make_rule("no_treatment", clinic))
    treated = patients.follow(
        lambda clinic: make_rule("fixed_duration", clinic, days=5 * DAYS_PER_YEAR, drugs=LETROZOLE)
    )
    return rates(untreated), rates(treated) / rates(untreated)


def test_most_come_back_in_the_first_five_years_and_letrozole_carries_over(after_surgery):
    """EBCTCG2011, of tamoxifen: 0.68 in years 5 to 9."""
    (first, second), ratios = after_surgery
    assert first > second
    assert 0.5 < ratios[1] < 0.9


@pytest.mark.xfail(reason="letrozole does too much in the first years", strict=True)
def test_half_come_back_on_letrozole_in_the_first_five_years(after_surgery):
    """EBCTCG2011, of tamoxifen: 0.53 in years 0 to 4."""
    assert 0.4 < after_surgery[1][0] < 0.65


def rates(course):
    """Recurrences a year in years 0 to 4 and 5 to 9."""
    years = course.progression / DAYS_PER_YEAR
    spans = [(years >= low) & (years < low + 5.0) & course.progressed for low in (0.0, 5.0)]
    lived = [np.clip(years, low, low + 5.0).sum() - low * years.size for low in (0.0, 5.0)]
    return np.array([span.sum() for span in spans]) / np.array(lived)
