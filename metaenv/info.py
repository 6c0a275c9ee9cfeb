"""The arrays that `info` reports, by key: views into the arrays of a cohort, which keeps them for life."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import COMPONENTS
from metaenv.cohort import Cohort
from metaenv.dynamics.state import CIRCULATING, COSTS

Info = dict[str, Any]


def info_arrays(cohort: Cohort) -> dict[str, NDArray[Any]]:
    """The arrays behind `info` by key, one row per patient."""
    report, chart = cohort.report, cohort.chart
    host, truth, note = (records.view(np.ndarray) for records in (cohort.state.host, report.truth, chart.note))
    arrays = {
        "patient": cohort.patients.person.view(np.ndarray)["identity"],
        "day": host["day"],
        "burden": truth["burden"],
        "visible_burden": truth["visible_burden"],
        "dormant": truth["dormant"],
        "resistant_fraction": report.resistant,
        "lesions": truth["lesions"],
        "visible_lesions": truth["visible_lesions"],
        "cured": truth["cured"],
        "dose_given": chart.dose_given,
        "dose_prescribed": chart.prescribed,
        "held": chart.held,
        "procedure": note["procedure"],
        "response": note["response"],
        "progressed": note["progressed"],
        "progression_day": note["progression_day"],
        "cause": host["cause"],
        "toxicity": cohort.state.toxicity,
        "neutrophils": cohort.state.neutrophils[:, CIRCULATING],
        "marker": note["marker"],
        "overflow": host["overflow"],
    }
    arrays |= {f"reward/{name}": report.components[:, k] for k, name in enumerate(COMPONENTS)}
    cost = report.cost.view(np.ndarray)
    arrays |= {"cost": cost["total"]} | {f"cost/{name}": cost[name] for name in COSTS}
    arrays["action_mask"] = report.mask
    return arrays
