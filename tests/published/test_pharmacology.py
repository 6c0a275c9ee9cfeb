"""Cases 21 and 22: accumulation of a drug, and the efflux pump."""

import math

import numpy as np
import pytest

from metaenv.distribution import Fixed


@pytest.mark.parametrize(
    ("half_life", "expected", "reported", "source"),
    [(2.0, 3.414, 3.0, "OsimertinibLabel"), (5.8, 8.88, 8.3, "Gibbons2015")],
    ids=["osimertinib", "enzalutamide"],
)
@pytest.mark.parametrize("substep", [1.0, 0.25])
def test_daily_doses_accumulate(bench, published, half_life, expected, reported, source, substep):
    """1 / (1 - 2^(-tau / t_half)), once a day: 3.414 (label 3-fold) and 8.88 (Gibbons2015: 8.3); +-1 %."""
    drug = bench.drug(infusion=True, cycle=1.0, half_life=half_life)
    trial = bench.experiment(drugs=(drug,), substep=substep)
    troughs = []
    for _ in range(100):
        trial.spend(1.0, 1.0)
        troughs.append(trial.cohort.state.concentration[0, 0, 0])
    factor = troughs[-1] / troughs[0]
    case = f"21 accumulation, half-life {half_life:g} d, sub-step {substep:g} d"
    published(case=f"{case}: closed form", value=expected, ours=factor, rel=0.01, source="exact")
    published(case=f"{case}: as reported", value=reported, ours=factor, rel=0.15, source=source)


@pytest.mark.parametrize("half_life", [2.0, 5.8])
def test_infusions_and_tablets_give_the_same_average(bench, published, half_life):
    drugs = (
        bench.drug(name="pulses", infusion=True, cycle=1.0, half_life=half_life),
        bench.drug(name="tablets", half_life=half_life),
    )
    trial = bench.experiment(drugs=drugs, substep=0.05)
    trial.spend(100.0, 1.0, 1.0)
    seen = []
    for _ in range(20):
        trial.spend(0.05, 1.0, 1.0)
        seen.append(trial.cohort.state.concentration[0, :, 0].copy())
    for drug, average in zip(drugs, np.mean(seen, axis=0), strict=True):
        case = f"21 average at full dose, {drug.name}, half-life {half_life:g} d"
        published(case=case, value=1.0, ours=average, rel=0.01, source="exact")


def kill_rate(bench, dose, *, efflux, fold, hill):
    """Log kill per day of a lesion of one clone under a constant concentration."""
    pump = bench.trait(name="efflux", mechanism="efflux", reversion=0.0, cost=Fixed(0.0))
    drug = bench.drug(kill=1.0, hill=hill, ec50=0.3, pump_fold=fold)
    trial = bench.experiment(cells=1e9, traits=(pump,), drugs=(drug,), stochastic=False)
    trial.proliferating[:] = np.array([0.0, 1e9]) if efflux else np.array([1e9, 0.0])
    trial.spend(1.0, dose)
    return -math.log(trial.burden[0] / 1e9)


@pytest.mark.parametrize("fold", [9.0, 1.0 / 0.19], ids=["9-fold-resistance", "19-percent-accumulation"])
@pytest.mark.parametrize("hill", [1.0, 1.5, 2.0, 2.7])
@pytest.mark.parametrize("dose", [0.1, 0.5, 1.0])
def test_efflux_by_a_fold_is_as_good_as_a_dose_divided_by_it(bench, published, fold, hill, dose):
    """Effect at C equals the parental effect at C / f (Source: Shen2008: 9-fold, 19 % accumulation); +-1e-6."""
    pumped = kill_rate(bench, dose, efflux=True, fold=fold, hill=hill)
    parental = kill_rate(bench, dose / fold, efflux=False, fold=fold, hill=hill)
    case = f"22 kill with efflux {fold:.2f}, dose {dose:g}, hill {hill:g} (/d), parental at the dose divided by it"
    published(case=case, value=parental, ours=pumped, rel=1e-6, source="Shen2008")
    assert pumped < kill_rate(bench, dose, efflux=False, fold=fold, hill=hill)


@pytest.mark.parametrize("hill", [1.0, 1.5])
def test_efflux_moves_the_ec50_by_the_fold(bench, published, hill):
    ours = kill_rate(bench, 0.3 * 3.0, efflux=True, fold=3.0, hill=hill)
    published(
        case=f"22 kill at three times the EC50, efflux 3, hill {hill:g}", value=0.5, ours=ours, rel=1e-6, source="exact"
    )


def test_blocking_the_pump_restores_the_effect(bench, published):
    blocked = kill_rate(bench, 0.5, efflux=True, fold=1.0, hill=1.5)
    parental = kill_rate(bench, 0.5, efflux=False, fold=9.0, hill=1.5)
    published(case="22 kill with the pump blocked (/d)", value=parental, ours=blocked, rel=1e-6, source="Shen2008")
