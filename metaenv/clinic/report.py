"""What a visit returns beside the chart: observation, reward, what may be chosen next, and the truth for `info`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import COMPONENTS
from metaenv.clinic.imaging import imaged_cells
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.state import COST, BoolArray, FloatArray, RecordArray, State, records

TRUTH = np.dtype(
    [
        ("burden", "f8"),  # cells
        ("visible_burden", "f8"),  # cells of lesions above the detection limit
        ("dormant", "f8"),  # cells, in lesions and single
        ("lesions", "i8"),
        ("visible_lesions", "i8"),
        ("cured", "?"),  # no tumour cell left
    ]
)


class Report(NamedTuple):
    """What a visit returns, one row per patient."""

    observation: NDArray[np.float32]  # (patient, layout.size)
    reward: FloatArray  # (patient,) quality-adjusted years, or as the objective says
    components: FloatArray  # (patient, component) years, summing to the reward
    terminated: BoolArray  # (patient,)
    truncated: BoolArray  # (patient,)
    mask: BoolArray  # (patient, choice) what may be chosen next
    truth: RecordArray  # (patient,) TRUTH
    resistant: FloatArray  # (patient, trait) share of all cells that carry the trait
    cost: RecordArray  # (patient,) COST


def allocate_report(patients: int, size: int, choices: int, traits: int) -> Report:
    """An empty report for so many patients."""
    return Report(
        observation=np.zeros((patients, size), dtype=np.float32),
        reward=np.zeros(patients),
        components=np.zeros((patients, len(COMPONENTS))),
        terminated=np.zeros(patients, dtype=np.bool_),
        truncated=np.zeros(patients, dtype=np.bool_),
        mask=np.zeros((patients, choices), dtype=np.bool_),
        truth=records(patients, TRUTH),
        resistant=np.zeros((patients, traits)),
        cost=records(patients, COST),
    )


@compiled_inside
def summarise(state: State, clinic: ClinicSettings, report: Report, i: int) -> None:
    """The truth that `info` reports: burden, visible and dormant cells, resistant fractions, lesions.

    Writes: report.truth, report.resistant.
    """
    truth = report.truth[i]
    clones, traits = state.proliferating.shape[2], report.resistant.shape[1]
    total, dormant, visible = 0.0, 0.0, 0.0
    lesions, seen = 0, 0
    for trait in range(traits):
        report.resistant[i, trait] = 0.0
    for lesion in range(state.organ.shape[1]):
        if state.organ[i, lesion] < 0:
            continue
        lesions += 1
        here = 0.0
        for clone in range(clones):
            cells = state.proliferating[i, lesion, clone] + state.dormant[i, lesion, clone]
            here += cells
            dormant += state.dormant[i, lesion, clone]
            for trait in range(traits):
                if clone & (1 << trait):
                    report.resistant[i, trait] += cells
        total += here
        if imaged_cells(state, i, lesion) >= clinic.rules[0].detection_cells:
            seen += 1
            visible += here
    for organ in range(state.disseminated_cells.shape[1]):
        for clone in range(clones):
            cells = state.disseminated_cells[i, organ, clone]
            total += cells
            dormant += cells
            for trait in range(traits):
                if clone & (1 << trait):
                    report.resistant[i, trait] += cells
    for trait in range(traits):
        report.resistant[i, trait] = report.resistant[i, trait] / total if total > 0.0 else 0.0
    truth.burden = total
    truth.visible_burden = visible
    truth.dormant = dormant
    truth.lesions = lesions
    truth.visible_lesions = seen
    truth.cured = total <= 0.0


@compiled_inside
def clear_cost(cost: RecordArray) -> None:
    """Set every cost to 0. Writes: cost."""
    cost.total, cost.sepsis, cost.cumulative_toxicity, cost.procedure = 0.0, 0.0, 0.0, 0.0
    cost.dose_limiting_days = 0.0
