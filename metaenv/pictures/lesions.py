"""The discs on the body: what the last scan saw, and with the truth what it did not."""

from __future__ import annotations

from dataclasses import dataclass

from metaenv.clinic.imaging import diameter_of
from metaenv.cohort import Cohort

SEEN, HIDDEN, ASLEEP = range(3)


@dataclass(frozen=True, kw_only=True)
class Disc:
    """One lesion as it is drawn."""

    slot: int  # which of the patient's places for lesions: its place on the body
    organ: int
    diameter: float  # mm; read by the scan if seen, else true
    kind: int  # SEEN at the last scan, HIDDEN from it, or ASLEEP: hidden, with no dividing cell


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What no clinic knows."""

    cells: float
    lesions: int
    asleep: float  # cells, in lesions and single
    resistant: tuple[float, ...]  # share of all cells, per trait


def seen(cohort: Cohort, row: int) -> list[Disc]:
    """What the last scan saw of one patient."""
    chart = cohort.chart
    return [
        Disc(slot=k, organ=int(chart.site[row, k]), diameter=float(chart.diameter[row, k]), kind=SEEN)
        for k in chart.diameter[row].nonzero()[0].tolist()
    ]


def unseen(cohort: Cohort, row: int) -> list[Disc]:
    """The true lesions of one patient that the last scan did not see."""
    chart, state = cohort.chart, cohort.state
    discs = []
    for k in (state.organ[row] >= 0).nonzero()[0].tolist():
        if chart.diameter[row, k] > 0.0:
            continue
        dividing, asleep = float(state.proliferating[row, k].sum()), float(state.dormant[row, k].sum())
        if dividing + asleep > 0.0:
            kind = HIDDEN if dividing > 0.0 else ASLEEP
            size = float(diameter_of(dividing + asleep))
            discs.append(Disc(slot=k, organ=int(state.organ[row, k]), diameter=size, kind=kind))
    return discs


def truth(cohort: Cohort, row: int) -> Truth:
    """The true state of one patient in four numbers."""
    report = cohort.report
    facts = report.truth[row]
    return Truth(
        cells=float(facts.burden),
        lesions=int(facts.lesions),
        asleep=float(facts.dormant),
        resistant=tuple(float(share) for share in report.resistant[row]),
    )
