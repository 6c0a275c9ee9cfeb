"""Action spaces, and checked actions of an agent as fractions of full dose."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from gymnasium import spaces

from metaenv.clinic.codes import FULL_DOSE, LEVELS, PROCEDURES
from metaenv.dynamics.compile import compiled
from metaenv.dynamics.state import BoolArray, FloatArray
from metaenv.scenario.scenario import Scenario

ACTIONS = ("levels", "continuous", "joint")


@compiled
def _first_wrong(values: FloatArray, most: FloatArray, whole: BoolArray) -> int:
    """Flat index of the first entry that is NaN, out of [0, most] or not whole where it must be; -1 = none."""
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            value = values[row, column]
            if not 0.0 <= value <= most[column] or (whole[column] and value != np.floor(value)):
                return row * int(values.shape[1]) + column
    return -1


class ActionFormat:
    """The form of an action: one entry per drug, then local therapy last where the disease offers it.

    Args:
        scenario: what is simulated.
        kind: "levels", "continuous" or "joint".
        patients: number of patients, whose actions have the patient axis first; None for one without that axis.

    Attributes:
        space: MultiDiscrete of dose levels (0, half, full), Box of fractions of full dose, or Discrete over all
            combinations of levels in the order of `numpy.unravel_index(action, sizes)`: the last entry varies fastest.
        names: what each entry is.
        sizes: number of choices of each entry, where they are counted.
    """

    def __init__(self, scenario: Scenario, kind: str, patients: int | None = None) -> None:
        if kind not in ACTIONS:
            raise ValueError(f"action must be one of {list(ACTIONS)}, got {kind!r}")
        drugs, local = len(scenario.drugs), int(scenario.local_therapy)
        self.kind, self._patients = kind, patients
        self.names = (*(drug.name for drug in scenario.drugs), *["local therapy"] * local)
        self.sizes = (*[LEVELS] * drugs, *[len(PROCEDURES)] * local)
        self.space: spaces.MultiDiscrete | spaces.Box | spaces.Discrete
        if kind == "continuous":
            high = np.array([1.0] * drugs + [len(PROCEDURES) - 1.0] * local, dtype=np.float32)
            self.space = spaces.Box(np.zeros_like(high), high)
        else:
            self.space = (
                spaces.MultiDiscrete(list(self.sizes)) if kind == "levels" else spaces.Discrete(prod(self.sizes))
            )
        dose = 1.0 if kind == "continuous" else float(FULL_DOSE)
        self._scale = np.array([[1.0 / dose] * drugs + [1.0] * local])  # as one patient's action: no broadcasting
        self._local, self._counted = bool(local), kind != "continuous"
        most = [prod(self.sizes) - 1.0] if kind == "joint" else [dose] * drugs + [len(PROCEDURES) - 1.0] * local
        self._most, self._whole = np.array(most), np.array([self._counted] * len(most))
        self._entries = ("levels of " + ", ".join(self.names),) if kind == "joint" else self.names
        entries = () if kind == "joint" else (len(self.names),)
        self._shape = entries if patients is None else (patients, *entries)

    def read(self, actions: Any, unused: BoolArray | None = None) -> FloatArray:
        """Fractions of full dose and the number of the procedure, (patient, entry).

        Args:
            actions: one element of the space, or (patient, …) where patients have an axis.
            unused: (patient,) rows whose action does not matter and is not looked at.

        Raises:
            ValueError: wrong shape, not numbers, NaN, out of range, or a level that is not whole.
        """
        values = self._numbers(actions)
        if unused is not None and unused.any():
            values = np.where(unused[:, None], 0.0, values)
        wrong = _first_wrong(values, self._most, self._whole)
        if wrong >= 0:
            self._refuse(values, *divmod(wrong, values.shape[1]))
        if self.kind == "joint":
            values = np.stack(np.unravel_index(values[:, 0].astype(np.int64), self.sizes), axis=1).astype(np.float64)
        fractions: FloatArray = values * self._scale
        if self._local and not self._counted:
            fractions[:, -1] = np.rint(fractions[:, -1])
        return fractions

    def _numbers(self, actions: Any) -> FloatArray:
        """The action as numbers, (patient, entry); in another order in memory it would be compiled for anew."""
        try:
            given = np.asarray(actions)
        except (TypeError, ValueError) as error:
            raise ValueError(f"action must be numbers for {list(self.names)}, got {actions!r}") from error
        if given.dtype.kind not in "biuf":
            raise ValueError(f"action must be numbers for {list(self.names)}, got {actions!r}")
        if given.shape != self._shape:
            raise ValueError(f"action must have shape {self._shape} for {list(self.names)}, got shape {given.shape}")
        return given.reshape(-1, self._most.size).astype(np.float64, order="C")

    def _refuse(self, values: FloatArray, row: int, column: int) -> None:
        allowed = "a whole number" if self._counted else "a number"
        patient = "" if self._patients is None else f" (patient {row})"
        raise ValueError(
            f"action for {self._entries[column]!r} must be {allowed} from 0 to {self._most[column]:g}, "
            f"got {values[row, column]}{patient}"
        )

    def masks(self, flat: BoolArray) -> BoolArray:
        """What may be chosen, (patient, choice): flat over the entries, or over the combinations of a joint action.

        Args:
            flat: (patient, choice) over the choices of each entry. A combination may be chosen if all its parts may.
        """
        if self.kind != "joint":
            return flat.copy()
        allowed = np.ones((flat.shape[0], 1), dtype=np.bool_)
        for part in np.split(flat, np.cumsum(self.sizes)[:-1], axis=1):
            allowed = (allowed[:, :, None] & part[:, None, :]).reshape(flat.shape[0], -1)
        return allowed

    def sample_mask(self, flat: BoolArray) -> Any:
        """What may be chosen by one patient, as `space.sample(mask=…)` takes it.

        Args:
            flat: (choice,) over the choices of each entry.

        Returns:
            One int8 array per entry (levels), one int8 array (joint), or None, which masks nothing (continuous).
        """
        if self.kind == "continuous":
            return None
        if self.kind == "joint":
            return self.masks(flat[None])[0].astype(np.int8)
        return tuple(part.astype(np.int8) for part in np.split(flat, np.cumsum(self.sizes)[:-1]))
