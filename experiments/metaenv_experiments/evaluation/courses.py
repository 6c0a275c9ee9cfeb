"""What stored courses tell, patient by patient: doses and resistance at progression, slopes of the marker, cycles."""

from __future__ import annotations

import numpy as np
import pandas as pd

OFF = 0.05  # fraction of full dose below which a drug counts as not given
FIRST_MONTH = 35.0  # days after the start within which the marker's first fall is read


def until_progression(courses: pd.DataFrame) -> pd.DataFrame:
    """The visits up to the one at which progression was recorded, the baseline first."""
    before = courses.groupby("patient")["progressed"].shift(1, fill_value=False)
    return courses[~before.astype(bool)]


def dose_shares(courses: pd.DataFrame) -> pd.DataFrame:
    """Mean fraction of full dose until progression, per patient and drug."""
    visits = until_progression(courses)
    doses = [column for column in courses if column.startswith("dose_")]
    return visits[visits["visit"] > 0].groupby("patient")[doses].mean().rename(columns=lambda name: f"{name}_share")


def resistance_at_progression(courses: pd.DataFrame) -> pd.DataFrame:
    """Share of cells with each trait when progression was recorded; patients who never progressed are left out."""
    visits = until_progression(courses)
    last = visits[visits["progressed"].astype(bool)].set_index("patient")
    traits = [column for column in courses if column.startswith("resistant_")]
    return last[traits].rename(columns=lambda name: f"{name.removeprefix('resistant_')}_at_progression")


def followed(courses: pd.DataFrame, drug: str) -> pd.DataFrame:
    """The marker until progression: `patient`, `visit`, `day`, `marker`, and `given` since the visit before."""
    visits = until_progression(courses)
    given = (visits[f"dose_{drug}"] >= OFF) & (visits["visit"] > 0)
    return visits[["patient", "visit", "day", "marker"]].assign(given=given)


def intervals(visits: pd.DataFrame) -> pd.DataFrame:
    """The stretches between visits.

    Args:
        visits: as `followed` returns them, patients one after another.

    Returns:
        `patient`, `visit` and `day` at the end, `slope` of the natural logarithm of the marker (/day), `given`,
        `begins` (first stretch on the drug after one without, or after the baseline) and `from_day` (its start).
    """
    patient = visits["patient"]
    from_day = visits["day"].groupby(patient).shift()
    log_marker = np.log(visits["marker"].where(visits["marker"] > 0))
    rise = log_marker - log_marker.groupby(patient).shift()
    before = visits["given"].groupby(patient).shift(1, fill_value=False).astype(bool)
    table = visits[["patient", "visit", "day", "given"]].assign(
        slope=rise / (visits["day"] - from_day), begins=visits["given"] & ~before, from_day=from_day
    )
    return table[visits["visit"] > 0]


def cycles(visits: pd.DataFrame) -> pd.DataFrame:
    """`patient` and `days` from one start of the drug to the next, a row per completed cycle; as `intervals`."""
    starts = intervals(visits).query("begins")
    days = starts["from_day"].groupby(starts["patient"]).diff()
    return starts[["patient"]].assign(days=days).dropna()


def marker_slopes(courses: pd.DataFrame, drug: str) -> pd.DataFrame:
    """Slopes of the natural logarithm of the marker, /day, and the length of cycles of a drug, per patient.

    Returns:
        Columns `marker_fall_per_day` (over the first month, where the drug was given from the start),
        `marker_rise_per_day` (median of the slopes from visit to visit off the drug, before progression) and
        `cycle_days` (median time from one start of the drug to the next, before progression); NaN where there was none.
    """
    visits = followed(courses, drug)
    stretches = intervals(visits)
    first = stretches.query("visit == 1 and given and day <= @FIRST_MONTH").set_index("patient")
    return pd.DataFrame(
        {
            "marker_fall_per_day": -first["slope"],
            "marker_rise_per_day": stretches.query("not given").groupby("patient")["slope"].median(),
            "cycle_days": cycles(visits).groupby("patient")["days"].median(),
        }
    )
