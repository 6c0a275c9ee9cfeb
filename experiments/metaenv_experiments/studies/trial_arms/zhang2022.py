"""The patients of Zhang2022 as the authors published them: PSA and whether abiraterone was given, visit by visit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from metaenv_experiments.running.options import UsageError

SHEETS = {"adaptive": "Adaptive", "continuous": "SOC"}
COLUMNS = ("Days", "PSA", "Abi")  # of a patient's block, its name in the row above


def read(path: Path, group: str) -> pd.DataFrame:
    """Read a group's visits as `metaenv_experiments.evaluation.courses.followed` returns simulated ones.

    Args:
        path: TrialPatientData.xlsx.
        group: "adaptive" or "continuous".

    Raises:
        UsageError: it is not that file.
    """
    rows = _rows(path, SHEETS[group])
    starts = [column for column, name in enumerate(rows[0]) if name is not None and str(name).strip("` ")]
    blocks = [_patient(rows, column) for column in starts]
    if not blocks or any(tuple(rows[1][column : column + 3]) != COLUMNS for column in starts):
        raise UsageError(f"--zhang must be TrialPatientData.xlsx with blocks of {COLUMNS}, got {path}")
    return pd.concat(blocks, ignore_index=True)


def _rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # of a spreadsheet's extensions
            book = openpyxl.load_workbook(path, data_only=True)
            return list(book[sheet].iter_rows(values_only=True))
    except (OSError, KeyError, ValueError, InvalidFileException, BadZipFile) as error:
        raise UsageError(f"--zhang must be TrialPatientData.xlsx, got {path}: {error}") from error


def _patient(rows: list[tuple[Any, ...]], column: int) -> pd.DataFrame:
    """One block; the drug of a visit is given from then on, so `given` looks at the visit before."""
    visits = [row[column : column + 3] for row in rows[2:] if isinstance(row[column], int | float)]
    table = pd.DataFrame(visits, columns=["day", "marker", "next"]).astype(float).dropna(subset=["day", "marker"])
    given = table["next"].shift(1, fill_value=0.0) > 0.0
    return table.assign(patient=str(rows[0][column]), visit=range(len(table)), given=given)[
        ["patient", "visit", "day", "marker", "given"]
    ]
