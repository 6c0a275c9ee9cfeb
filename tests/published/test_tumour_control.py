"""Case 8: cure as the survival of no cell. Source: Skipper1964 (log-kill), Coleman1988 (linear-quadratic survival)."""

import math
from dataclasses import replace

import pytest

from metaenv.diseases.disease import LocalTherapy

RUNS = 10_000


def cured(trial):
    return float(trial.cohort.report.truth["cured"].mean())


@pytest.mark.parametrize(("logs", "expected"), [(9, 0.3679), (10, 0.9048)])
def test_cure_after_so_many_logs_of_kill(bench, published, logs, expected):
    """exp(-N p): 1e9 cells and 9 or 10 logs, a tenth of a log a day; +-.02."""
    drug = bench.drug(kill=2.0 * 0.1 * math.log(10.0))  # full dose is the EC50: half of the maximal kill
    trial = bench.experiment(cells=1e9, drugs=(drug,), size=RUNS, seed=8)
    trial.spend(10.0 * logs, 1.0)
    case = f"8 cured of 1e9 cells by {logs} logs"
    published(case=case, value=expected, ours=cured(trial), abs=0.02, source="Skipper1964")


def generating_function(x, birth, death, days):
    """E[x^N] of the descendants N of one cell. Source: Kendall1948."""
    grown = math.exp((birth - death) * days)
    rest = death - birth * x
    return (death * (1.0 - x) * grown - rest) / (birth * (1.0 - x) * grown - rest)


def test_cure_by_cycles_of_kill_and_regrowth(bench, published):
    """After k cycles N = N0 10^(-k L) e^(g tau k): cure exp(-N), and exactly by composing generating functions; +-.02.

    3e7 cells, four courses of 2 logs in 4 days, 17 days of regrowth at .02 a day between them.
    """
    growth, kill, cells = 0.02, 0.5 * math.log(10.0), 3e7  # /day, /day on top of growth
    drug = bench.drug(kill=2.0 * (kill + growth))
    trial = bench.experiment(cells=cells, birth=growth, drugs=(drug,), size=RUNS, seed=9, substep=0.5)
    lost = 0.0  # probability that a cell leaves nothing, backwards through the stretches
    for cycle in range(4):
        if cycle:
            trial.spend(17.0)
            lost = generating_function(lost, growth, 0.0, 17.0)
        trial.spend(4.0, 1.0)
        lost = generating_function(lost, growth, kill + growth, 4.0)
    left = cells * 10.0 ** (-2.0 * 4) * math.exp(growth * 17.0 * 3)
    published(
        case="8 cells left of 3e7 by four courses of 2 logs",
        value=left,
        ours=trial.burden.mean(),
        abs=3.0 * trial.burden.std() / math.sqrt(RUNS),
        tolerance="3 standard errors",
        source="Skipper1964",
    )
    for law, share in (("generating functions", math.exp(cells * math.log(lost))), ("Poisson", math.exp(-left))):
        published(case=f"8 cured by them, {law}", value=share, ours=cured(trial), abs=0.02, source="Skipper1964")


@pytest.mark.parametrize(
    ("cells", "dose", "fractions"), [(1e6, 2.0, 20), (1e9, 2.0, 30), (1e9, 10.0, 3), (1e4, 2.0, 13)]
)
def test_radiotherapy_leaves_the_linear_quadratic_share(bench, published, cells, dose, fractions):
    """S = exp(-n (alpha d + beta d^2)), alpha = .3, beta = .03; control exp(-N S); +-.02."""
    alpha, beta = 0.3, 0.03
    survival = math.exp(-fractions * (alpha * dose + beta * dose**2))
    local = LocalTherapy(
        radiation_alpha=alpha,
        radiation_beta=beta,
        oxygen_enhancement=3.0,
        fraction_dose=dose,
        fractions=fractions,
        courses=1,
        patient_courses=1,
        operations=0,
        course_mortality=0.0,
        operation_mortality=0.0,
        margin_risk=0.0,
        margin_share=0.0,
    )
    scenario = replace(bench.scenario(cells=cells, local_therapy=local), local_therapy=True)
    trial = bench.Experiment(scenario, RUNS, seed=10)
    trial.spend(1.0, 0.0, 2.0)
    left = cells * survival
    case = f"8 {cells:.0e} cells, {fractions} × {dose:g} Gy"
    published(case=f"{case}: cured", value=math.exp(-left), ours=cured(trial), abs=0.02, source="Coleman1988")
    published(
        case=f"{case}: cells left",
        value=left,
        ours=trial.burden.mean(),
        abs=3.0 * math.sqrt(left / RUNS),
        tolerance="3 standard errors",
        source="Coleman1988",
    )
