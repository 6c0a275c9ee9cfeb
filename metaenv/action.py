"""Action spaces, and from what an agent returns to fractions of full dose, with every check at the door."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from metaenv.dosing import LEVELS
from metaenv.dynamics.compile import compiled
from metaenv.dynamics.state import BoolArray, FloatArray
from metaenv.scenario import Scenario

KINDS = ("levels", "continuous")
PROCEDURES = 3  # none, resect, irradiate


@compiled
def _first_wrong(values: FloatArray, most: FloatArray, whole: BoolArray) -> int:
    """Flat index of the first entry that is NaN, out of [0, most] or not whole where it must be; -1 = none."""
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            value = values[row, column]
            if not 0.0 <= value <= most[column] or (whole[column] and value != np.floor(value)):
                return row * int(values.shape[1]) + column
    return -1


class Prescription:
    """How an action is written: one entry per drug, then local therapy last where the disease offers it.

    Attributes:
        space: MultiDiscrete of dose levels (0, half, full), or Box of fractions of full dose.
        names: what each entry is.
    """

    def __init__(self, scenario: Scenario, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"action must be one of {list(KINDS)}, got {kind!r}")
        drugs, local = len(scenario.drugs), [PROCEDURES] * scenario.local_therapy
        self.names = (*(drug.name for drug in scenario.drugs), *["local therapy"] * scenario.local_therapy)
        self.space: spaces.MultiDiscrete | spaces.Box
        if kind == "levels":
            self.space = spaces.MultiDiscrete([LEVELS] * drugs + local)
        else:
            high = np.array([1.0] * drugs + [PROCEDURES - 1.0] * len(local), dtype=np.float32)
            self.space = spaces.Box(np.zeros_like(high), high)
        self._most = np.array([LEVELS - 1.0 if kind == "levels" else 1.0] * drugs + [PROCEDURES - 1.0] * len(local))
        self._scale = np.array([1.0 / (LEVELS - 1.0) if kind == "levels" else 1.0] * drugs + [1.0] * len(local))
        self._whole = np.array([kind == "levels"] * (drugs + len(local)))
        self._local = len(local)

    def read(self, actions: Any, patients: int, unused: BoolArray | None = None) -> FloatArray:
        """Fractions of full dose and the number of the procedure, (patient, entry).

        Args:
            actions: (patient, entry).
            patients: number of patients.
            unused: (patient,) rows whose action does not matter and is not looked at.

        Raises:
            ValueError: wrong shape, not numbers, NaN, out of range, or a level that is not whole.
        """
        try:
            given = np.asarray(actions)
        except (TypeError, ValueError) as error:
            raise ValueError(f"action must be numbers for {list(self.names)}, got {actions!r}") from error
        if given.dtype.kind not in "biuf":
            raise ValueError(f"action must be numbers for {list(self.names)}, got {actions!r}")
        expected = (patients, len(self.names))
        if given.shape != expected:
            raise ValueError(f"action must have shape {expected} for {list(self.names)}, got shape {given.shape}")
        values = np.ascontiguousarray(given, dtype=np.float64)  # in another order it would be compiled for anew
        if unused is not None and unused.any():
            values = np.where(unused[:, None], 0.0, values)
        wrong = _first_wrong(values, self._most, self._whole)
        if wrong >= 0:
            row, column = divmod(wrong, len(self.names))
            allowed = "a whole number" if self._whole[column] else "a number"
            raise ValueError(
                f"action for {self.names[column]!r} must be {allowed} from 0 to {self._most[column]:g}, "
                f"got {values[row, column]} (patient {row})"
            )
        fractions = values * self._scale
        if self._local:
            fractions[:, -1] = np.rint(fractions[:, -1])
        return np.asarray(fractions)
