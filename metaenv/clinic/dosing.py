"""From an action to doses: what is prescribed, what toxicity holds, and what may be chosen next."""

from __future__ import annotations

from metaenv.clinic.chart import Chart
from metaenv.clinic.codes import LEVELS, NO_PROCEDURE, RADIOTHERAPY, RESECTION
from metaenv.clinic.local_therapy import largest_lesion
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled_inside
from metaenv.dynamics.exposure import within_limit
from metaenv.dynamics.host import toxicity_forbids
from metaenv.dynamics.state import Biology, BoolArray, FloatArray, State


@compiled_inside
def prescribe(state: State, biology: Biology, chart: Chart, i: int, action: FloatArray) -> None:
    """Prescription, holds and doses of a visit; counts of what is given begin anew.

    Writes: chart.prescribed, chart.dose, chart.held, state.given, state.refused, state.host.

    Args:
        state: of all patients.
        biology: shared constants.
        chart: of all patients.
        i: patient.
        action: fraction of full dose per drug, then local therapy.
    """
    for drug in range(chart.dose.shape[1]):
        chart.prescribed[i, drug] = action[drug]
        daily = not biology.drugs[drug].infusion  # an infusion is held or given on its day
        forbidden = daily and action[drug] > 0.0 and toxicity_forbids(state.toxicity[i], biology, drug)
        spent = action[drug] > 0.0 and within_limit(state, biology, i, drug, action[drug]) <= 0.0
        chart.held[i, drug] = 1.0 if forbidden or spent else 0.0
        chart.dose[i, drug] = 0.0 if forbidden else action[drug]
        state.given[i, drug] = 0.0
        state.refused[i, drug] = 0.0
    state.host[i].neutropenia = 0.0


@compiled_inside
def write_mask(state: State, biology: Biology, clinic: ClinicSettings, chart: Chart, mask: BoolArray, i: int) -> None:
    """What may be chosen next: a dose unless toxicity or the number of cycles forbids it, a procedure with a target.

    Writes: mask.
    """
    drugs = chart.dose.shape[1]
    for drug in range(drugs):
        allowed = not toxicity_forbids(state.toxicity[i], biology, drug)
        allowed = allowed and within_limit(state, biology, i, drug, 1.0) > 0.0
        mask[i, drug * LEVELS] = True
        for level in range(1, LEVELS):
            mask[i, drug * LEVELS + level] = allowed
    if clinic.rules[0].local:
        first = drugs * LEVELS
        mask[i, first + NO_PROCEDURE] = True
        mask[i, first + RESECTION] = largest_lesion(biology, clinic, chart, i, RESECTION) >= 0
        mask[i, first + RADIOTHERAPY] = largest_lesion(biology, clinic, chart, i, RADIOTHERAPY) >= 0
