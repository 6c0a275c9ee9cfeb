"""What a clinic saw of a patient at a visit, and what was true then."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import metaenv
from metaenv.cohort import Cohort
from metaenv_agents.policy import Array
from metaenv_experiments.evaluation.rollout import Infos


class SeenLesion(NamedTuple):
    """A lesion of the last scan."""

    slot: int  # which of the patient's places for lesions
    organ: int  # index
    diameter: float  # mm, as read


class Visit(NamedTuple):
    """What the clinic knows at a visit, and what it has done since the one before."""

    day: float
    marker: float  # unit of the marker, as last measured
    scanned: bool  # at this visit
    scan_day: float
    lesions: tuple[SeenLesion, ...]  # of the last scan
    sum_of_diameters: float  # mm, at the last scan
    response: int  # index in metaenv.RESPONSES
    sequenced: bool  # tumour DNA was found in blood
    alleles: tuple[float, ...]  # share of tumour DNA with the trait
    neutrophils: float  # 1e9/L
    grades: tuple[float, ...]  # CTCAE grade of each toxicity
    prescribed: tuple[float, ...]  # fraction of full dose
    given: tuple[float, ...]  # fraction of full dose, mean since the last visit
    held: tuple[bool, ...]
    cycles: tuple[float, ...]  # share of the infusions that one patient gets
    procedure: int  # index in metaenv.PROCEDURES
    progression_day: float  # -1 = none yet
    reward: float  # quality-adjusted years since the last visit
    cause: int  # index in metaenv.CAUSES, 0 = alive


class TrueLesion(NamedTuple):
    """A lesion as it is."""

    slot: int
    lineage: int  # which of the slot's successive lesions
    organ: int  # index
    cells: float
    sleeping: float  # cells
    resistant: float  # share of its cells with any trait
    seen: bool  # at the last scan


class Truth(NamedTuple):
    """What no clinic knows."""

    clones: tuple[float, ...]  # cells of each clone, wherever they are; clone k carries trait t if bit t of k is set
    sleeping: float  # cells, in lesions and single
    single: float  # cells, disseminated
    hidden: float  # cells where no scan shows them: single ones and those of lesions that are too small
    lesions: tuple[TrueLesion, ...]
    lost: tuple[float, ...]  # years lost since the last visit, of each component of the reward but the first


class Moment(NamedTuple):
    """A visit as it is kept: for the page, for the truth, for policies and for tables."""

    visit: Visit
    truth: Truth
    observation: Array  # (1, measurement)
    infos: Infos
    reward: Array  # (1,)


def moment(env: Any, observation: Array, reward: Array, infos: Infos) -> Moment:
    """Keep a visit of the one patient of an environment."""
    cohort: Cohort = env.cohort
    seen = _visit(cohort, observation, float(reward[0]), infos)
    return Moment(seen, _truth(cohort, infos), observation, infos, np.array(reward))


def _visit(cohort: Cohort, observation: Array, reward: float, infos: Infos) -> Visit:
    note, chart = cohort.chart.note[0], cohort.chart

    def read(name: str) -> tuple[float, ...]:
        return tuple(cohort.layout.read(name, observation)[0].tolist())

    return Visit(
        day=float(infos["day"][0]),
        marker=float(note.marker),
        scanned=bool(note.scanned),
        scan_day=float(note.scan_day),
        lesions=tuple(
            SeenLesion(slot, int(chart.site[0, slot]), float(chart.diameter[0, slot]))
            for slot in chart.diameter[0].nonzero()[0].tolist()
        ),
        sum_of_diameters=float(chart.diameters[0].sum()),
        response=int(note.response),
        sequenced=bool(note.sequenced),
        alleles=read("allele_fraction"),
        neutrophils=read("neutrophils")[0],
        grades=read("toxicity"),
        prescribed=tuple(infos["dose_prescribed"][0].tolist()),
        given=tuple(infos["dose_given"][0].tolist()),
        held=tuple(bool(held) for held in infos["held"][0]),
        cycles=read("cycles"),
        procedure=int(infos["procedure"][0]),
        progression_day=float(infos["progression_day"][0]),
        reward=reward,
        cause=int(infos["cause"][0]),
    )


def _truth(cohort: Cohort, infos: Infos) -> Truth:
    state = cohort.state
    cells = (state.proliferating + state.dormant)[0]  # (lesion, clone)
    single = state.disseminated_cells[0]  # (organ, clone)
    there = (state.organ[0] >= 0)[:, None]
    return Truth(
        clones=tuple(((cells * there).sum(axis=0) + single.sum(axis=0)).tolist()),
        sleeping=float(infos["dormant"][0]),
        single=float(single.sum()),
        hidden=float(infos["burden"][0] - infos["visible_burden"][0]),
        lesions=tuple(
            TrueLesion(
                slot=slot,
                lineage=int(state.lineage[0, slot]),
                organ=int(state.organ[0, slot]),
                cells=float(cells[slot].sum()),
                sleeping=float(state.dormant[0, slot].sum()),
                resistant=float(cells[slot, 1:].sum() / cells[slot].sum()),
                seen=bool(cohort.chart.diameter[0, slot] > 0.0),
            )
            for slot in np.flatnonzero(there[:, 0] & (cells.sum(axis=1) > 0.0)).tolist()
        ),
        lost=tuple(-float(infos[f"reward/{name}"][0]) for name in metaenv.COMPONENTS[1:]),
    )
