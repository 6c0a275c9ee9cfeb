"""Cases 9 and 10: logistic, Gompertz, Norton-Simon; means without chance, relative error below 1e-4."""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed

CAPACITY, START = 1e10, 1e8


def logistic(rate, days, start=START):
    return CAPACITY / (1.0 + (CAPACITY / start - 1.0) * math.exp(-rate * days))


def gompertz(rate, days, start=START):
    return CAPACITY * math.exp(math.log(start / CAPACITY) * math.exp(-rate * days))


def tumour(bench, rate, law, *, substep=1.0, **settings):
    rates = {"birth": Fixed(rate), "death": Fixed(0.0), "gompertz": law == "gompertz"}
    return bench.experiment(
        cells=START, fill=START / CAPACITY, stochastic=False, rates=rates, substep=substep, **settings
    )


@pytest.mark.parametrize("days", [10.0, 100.0, 300.0, 1000.0])
@pytest.mark.parametrize(("law", "rate", "formula"), [("logistic", 0.027, logistic), ("gompertz", 0.006, gompertz)])
def test_untreated_growth_follows_the_closed_form(bench, published, law, rate, formula, days):
    """N = K / (1 + (K/N0 - 1) e^-rt); ln(N/K) = ln(N0/K) e^-rho t. Relative error < 1e-4, sub-step 1 d."""
    trial = tumour(bench, rate, law)
    trial.spend(days)
    published(
        case=f"9 {law}, cells on day {days:g}",
        value=formula(rate, days),
        ours=trial.burden[0],
        rel=1e-4,
        source="exact",
    )


@pytest.mark.parametrize(("law", "rate", "formula"), [("logistic", 0.027, logistic), ("gompertz", 0.006, gompertz)])
def test_halving_the_substep_quarters_the_error(bench, published, law, rate, formula):
    errors = []
    for substep in (8.0, 4.0):
        trial = tumour(bench, rate, law, substep=substep)
        trial.spend(200.0)
        errors.append(abs(trial.burden[0] / formula(rate, 200.0) - 1.0))
    published(
        case=f"9 {law}, error left by a sub-step of 4 d, of that by 8 d",
        value=0.25,
        ours=errors[1] / errors[0],
        within=errors[1] < 0.35 * errors[0],
        tolerance="< 0.35",
        source="exact",
    )


@pytest.mark.parametrize("law", ["logistic", "gompertz"])
@pytest.mark.parametrize("effect", [0.5, 0.9, 1.5, 3.0])
@pytest.mark.parametrize("days", [30.0, 200.0])
def test_kill_in_proportion_to_growth_slows_or_turns_it(bench, published, law, effect, days):
    """Norton-Simon, constant effect E: the untreated law at (1 - E) of its rate; E > 1 shrinks (Source: Norton1977)."""
    rate = 0.006
    drug = bench.drug(kill=2.0 * effect * rate, division_share=1.0)
    trial = tumour(bench, rate, law, drugs=(drug,))
    trial.spend(days, 1.0)
    formula = logistic if law == "logistic" else gompertz
    expected = formula(rate * (1.0 - effect), days)
    published(
        case=f"10 {law}, effect {effect:g}, cells on day {days:g}",
        value=expected,
        ours=trial.burden[0],
        rel=1e-4,
        source="Norton1977",
    )
    assert (trial.burden[0] < START) == (effect > 1.0)


def test_shorter_intervals_give_the_lower_minimum(bench, published):
    """Dose density: the same eight courses at shorter intervals leave fewer cells (sign only; Source: Norton1988)."""
    lowest = []
    for interval in (14, 21, 28):
        drug = bench.drug(kill=2.0 * 8.0 * 0.006, division_share=1.0)
        trial = tumour(bench, 0.006, "gompertz", drugs=(drug,))
        course = []
        for _ in range(8):
            trial.spend(5.0, 1.0)
            course.append(trial.burden[0])
            trial.spend(interval - 5.0)
        lowest.append(min(course))
    published(
        case="10 fewest cells in eight courses every 14, 21, 28 days",
        value="rising",
        ours=", ".join(f"{cells:.3g}" for cells in lowest),
        within=bool((np.diff(lowest) > 0.0).all()),
        tolerance="sign",
        source="Norton1988",
    )
