"""Action spaces, and from what an agent returns to fractions of full dose, with every check at the door."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from metaenv.dosing import LEVELS
from metaenv.dynamics.state import FloatArray
from metaenv.scenario import Scenario

KINDS = ("levels", "continuous")
PROCEDURES = 3  # none, resect, irradiate


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

    def read(self, actions: Any, patients: int) -> FloatArray:
        """Fractions of full dose and the number of the procedure, (patient, entry).

        Raises:
            ValueError: wrong shape, not numbers, NaN, out of range, or a level that is not whole.
        """
        try:
            values = np.asarray(actions, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"action must be numbers for {list(self.names)}, got {actions!r}") from error
        expected = (patients, len(self.names))
        if values.shape != expected:
            raise ValueError(f"action must have shape {expected} for {list(self.names)}, got shape {values.shape}")
        bad = ~((values >= 0.0) & (values <= self._most))  # NaN is bad too
        if self._whole.any():
            bad |= self._whole & (values != np.floor(values))
        if bad.any():
            row, column = np.argwhere(bad)[0]
            allowed = "a whole number" if self._whole[column] else "a number"
            raise ValueError(
                f"action for {self.names[column]!r} must be {allowed} from 0 to {self._most[column]:g}, "
                f"got {values[row, column]} (patient {row})"
            )
        fractions = values * self._scale
        if self._local:
            fractions[:, -1] = np.rint(fractions[:, -1])
        return np.asarray(fractions)
