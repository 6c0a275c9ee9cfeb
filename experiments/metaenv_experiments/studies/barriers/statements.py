"""Statements on why metastatic cancer is so hard to cure, and the numbers that decide each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from metaenv_experiments.evaluation import statistics
from metaenv_experiments.evaluation.metrics import DAYS_PER_MONTH, DAYS_PER_YEAR
from metaenv_experiments.evaluation.statistics import Estimate
from metaenv_experiments.studies.barriers.ablations import EVERYTHING, NOTHING, SINGLE
from metaenv_experiments.studies.barriers.strategies import (
    ADAPTIVE,
    COMBINATION,
    ERADICATION,
    KILLS,
    LOCAL,
    LOCAL_AND_COMBINATION,
    LOCAL_AND_COURSE,
    applies,
    seen_at_start,
)
from metaenv_experiments.studies.barriers.verdicts import FEWEST, Evidence, Finding, above, below

RARE = 0.05  # a cure in fewer patients than this counts as none
MOST = 0.5  # of the patients
MATTERS = 0.1  # log10 cells: a fifth fewer cells killed is the least that counts as a shield
DEEP = 3.0  # log10: 99.9 % of the cells killed
LATE = {True: 2.0, False: 5.0}  # years of silence before a late relapse, by whether lesions were seen at the start
UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"))


class Results(NamedTuple):
    """Everything that was simulated of one disease."""

    disease: str
    cells: dict[tuple[str, str], pd.DataFrame]  # (ablation, strategy) -> one row per patient, the same patients
    start: pd.DataFrame  # patient, lesions, resistant_<drug> and resistant_all (cells)
    resisting: dict[str, tuple[str, ...]]  # drug -> the traits that make a cell resistant to it by themselves

    def of(self, strategy: str, ablation: str = NOTHING.name) -> pd.DataFrame:
        """One cell."""
        return self.cells[ablation, strategy]

    def tumour(self, ablation: str) -> bool:
        """Whether any patient has a tumour cell at the start without the barrier."""
        return bool((self.of(COMBINATION.name, ablation)["start_burden"] > 0).any())


def findings(results: Results) -> list[Finding]:
    """Decide every statement for one disease."""
    return [
        Finding(results.disease, name, statement, tuple(evidence(results)))
        for name, (statement, evidence) in STATEMENTS.items()
    ]


def share(
    what: str, happened: pd.Series, decide: Callable[[Estimate, float, int], str] | None, bound: float
) -> Evidence:
    """A share of patients in percent, decided against a bound (a fraction)."""
    estimate = statistics.proportion(happened) if len(happened) else UNKNOWN
    verdict = decide(estimate, bound, len(happened)) if decide else None
    return Evidence(what, estimate.scaled(100.0), "%", len(happened), verdict)


def share_of(what: str, happened: pd.Series) -> Evidence:
    """A share of patients in percent, for context."""
    return share(what, happened, None, 0.0)


def gain(
    what: str, values: pd.Series, reference: pd.Series, unit: str, scale: float, *, bound: float | None = 0.0
) -> Evidence:
    """Mean of values - reference in the same patients; must lie above the bound to show anything, None: for context."""
    one, other = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    estimate = statistics.paired_difference(one, other) if len(one) else UNKNOWN
    return Evidence(
        what, estimate.scaled(scale), unit, len(one), None if bound is None else above(estimate, bound, len(one))
    )


# --- the statements ---------------------------------------------------------------------------------------------------


def local_therapy(results: Results) -> Iterator[Evidence]:
    """Cure by local therapy alone, with and without what cannot be seen."""
    spread, confined = results.of(LOCAL.name), results.of(LOCAL.name, "dissemination")
    yield share("cured by local therapy", spread["cured"], below, RARE)
    yield share_of("progressed within the follow-up", spread["progressed"])
    yield share_of("cured without dissemination", confined["cured"])
    yield gain("gain in cure without dissemination", confined["cured"], spread["cured"], "%", 100.0)


def log_kill(results: Results) -> Iterator[Evidence]:
    """What becomes of patients in whom 99.9 % of all cells die at once, and of those whose burden fell as far."""
    for strategy in KILLS:
        cell = results.of(strategy.name)
        decide = below if strategy.kill == DEEP else None
        yield share(f"cured when {killed(strategy.kill)} % of all cells die at once", cell["cured"], decide, MOST)
    for strategy, name, decide in (
        (COMBINATION, "the combination", below),
        (LOCAL_AND_COMBINATION, "local therapy and the combination", None),
    ):
        cell = results.of(strategy.name)
        deep = cell[fall(cell) >= DEEP]
        yield share_of(f"burden fell by 99.9 % under {name}", fall(cell) >= DEEP)
        yield share("of these cured", deep["cured"], decide, MOST)
        yield share_of("of these progressed", deep["progressed"])


def killed(log10: float) -> str:
    """A kill in log10 as percent: 99.9."""
    return f"{100.0 * (1.0 - 10.0**-log10):.{max(0, round(log10) - 2)}f}"


def fall(cell: pd.DataFrame) -> pd.Series:
    """Deepest response, log10; a burden of 0 counts as one cell."""
    return np.log10(cell["start_burden"].clip(lower=1.0) / cell["nadir_burden"].clip(lower=1.0))


def single_drug(results: Results) -> Iterator[Evidence]:
    """Cure by each drug alone, and resistant cells before the first dose in those who have a lesion."""
    bearing = results.start[results.start["lesions"] > 0]
    for drug, traits in results.resisting.items():
        yield share(f"cured by {drug} alone", results.of(f"alone_{drug}")["cured"], below, RARE)
        if traits:
            yield share(f"a cell resistant to {drug} at the start", bearing[f"resistant_{drug}"] > 0, above, MOST)
    yield share_of("a cell resistant to every drug at once", bearing["resistant_all"] > 0)


def acquired(results: Results) -> Iterator[Evidence]:
    """Resistant share at progression under each drug against the same patient on the same day untreated."""
    for drug, traits in results.resisting.items():
        cell = results.of(f"alone_{drug}")
        cell = cell[cell["progressed"]]
        cell = cell[cell["on_drug"] == True]  # noqa: E712  # absent where nobody progressed
        if traits:
            treated, untreated = (
                cell[[f"{name}_{trait}" for trait in traits]].max(axis=1) for name in ("at_progression", "untreated")
            )
            what = f"gain in the leading share of {' or '.join(traits)} at progression on {drug}, against untreated"
            yield gain(what, treated, untreated, "%", 100.0, bound=0.0 if len(cell) >= FEWEST else None)


def shield(barrier: str) -> Callable[[Results], Iterator[Evidence]]:
    """How much deeper the same drugs reach without a barrier."""

    def evidence(results: Results) -> Iterator[Evidence]:
        stands, removed = results.of(COMBINATION.name), results.of(COMBINATION.name, barrier)
        with_, without = (np.log10(cell["nadir_burden"].clip(lower=1.0)) for cell in (stands, removed))
        yield gain(f"higher burden at the nadir with {barrier}", with_, without, "log10 cells", 1.0, bound=MATTERS)
        days = "progression_days"
        what = f"longer without progression when {barrier} is removed"
        yield gain(what, removed[days], stands[days], "months", 1 / DAYS_PER_MONTH, bound=None)

    return evidence


def dormancy(results: Results) -> Iterator[Evidence]:
    """Relapses after years with neither visible disease nor drugs, with and without sleeping cells."""
    years = LATE[seen_at_start(results.disease)]
    cells = {
        "with": results.of(LOCAL_AND_COURSE.name),
        "without": results.of(LOCAL_AND_COURSE.name, "dormancy"),
    }
    late = {name: cell["silence_days"] >= years * DAYS_PER_YEAR for name, cell in cells.items()}
    for name, cell in cells.items():
        relapsed = cell["relapses"] > 0
        yield share_of(f"relapse after {years:g} and more years of silence, {name} dormancy", late[name])
        yield share_of(f"of the relapsed so late, {name} dormancy", late[name][relapsed])
    yield gain("difference in late relapse by dormancy", late["with"], late["without"], "%", 100.0)


def control(outcome: str, what: str) -> Callable[[Results], Iterator[Evidence]]:
    """Adaptive therapy against the maximum tolerated dose of the same drug."""

    def evidence(results: Results) -> Iterator[Evidence]:
        if applies(ADAPTIVE, results.disease):
            adaptive, eradication = results.of(ADAPTIVE.name)[outcome], results.of(ERADICATION.name)[outcome]
            yield gain(what, adaptive, eradication, "months", 1 / DAYS_PER_MONTH)

    return evidence


def no_single_barrier(results: Results) -> Iterator[Evidence]:
    """Cure by the maximum tolerated combination without any one barrier."""
    for ablation in SINGLE:
        if results.tumour(ablation.name):
            cured = results.of(COMBINATION.name, ablation.name)["cured"]
            yield share(f"cured without {ablation.name.replace('_', ' ')}", cured, below, MOST)


def together(results: Results) -> Iterator[Evidence]:
    """Cure by the maximum tolerated combination with all barriers and with none."""
    if results.tumour(EVERYTHING.name):
        stands, removed = results.of(COMBINATION.name)["cured"], results.of(COMBINATION.name, EVERYTHING.name)["cured"]
        yield share("cured with all barriers", stands, below, RARE)
        yield share("cured with none", removed, above, MOST)


STATEMENTS: dict[str, tuple[str, Callable[[Results], Iterator[Evidence]]]] = {
    "local_therapy": (
        "Local treatment of all visible lesions does not cure when there are micrometastases",
        local_therapy,
    ),
    "log_kill": ("Killing 99.9 % of the cells is not enough", log_kill),
    "single_drug": ("No single drug kills every clone", single_drug),
    "acquired_resistance": ("Acquired resistance follows the drug", acquired),
    "stroma": ("Stroma shields tumour cells from the drugs", shield("stroma")),
    "hypoxia": ("Hypoxia shields tumour cells from the drugs", shield("hypoxia")),
    "dormancy": ("Dormancy causes late relapse", dormancy),
    "control_progression": (
        "Adaptive therapy delays progression longer than the maximum tolerated dose of the same drug",
        control("progression_days", "longer without progression under adaptive therapy"),
    ),
    "control_survival": (
        "Adaptive therapy prolongs life more than the maximum tolerated dose of the same drug",
        control("survival_days", "longer survival under adaptive therapy"),
    ),
    "no_single_barrier": (
        "No barrier alone explains it: the combination cures fewer than half without any one of them",
        no_single_barrier,
    ),
    "together": (
        "Together the barriers explain it: the combination cures hardly anybody with them and most without",
        together,
    ),
}
