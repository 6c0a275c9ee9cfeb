"""Where each part of an observation stands, by name: `observation[..., layout.marker_ratio]`, never a number."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaenv.clinic.codes import DAYS_PER_YEAR
from metaenv.clinic.observation_table import AT, BY, MARKER_UNIT, MEASURED, PARTS, Columns, Part, describe_parts
from metaenv.dynamics.state import FloatArray, filled
from metaenv.scenario.scenario import Scenario


class Layout:
    """Names of the parts of an observation: each is an attribute, a slice into the observation's last axis.

    `print(layout)` shows slices, bounds, scales and units; `layout.read(name, observation)` gives a part in its unit.

    Attributes:
        size: length of an observation.
        full: whether the true state is part of it.
        names: names of the parts, in order.
        low: (size,) lower bounds.
        high: (size,) upper bounds.
        columns: the same for compiled functions.
    """

    def __init__(self, scenario: Scenario, full: bool) -> None:
        numbers = _numbers(scenario)
        self.full = full
        self._parts: dict[str, Part] = {}
        self._slices: dict[str, slice] = {}
        low, high, end = [], [], 0
        for part in PARTS if full else MEASURED:
            known = _in_numbers(part, numbers, scenario.disease.sensors.marker_unit)
            size = math.prod(int(axis) for axis in known.axes)
            self._parts[part.name], self._slices[part.name] = known, slice(end, end + size)
            lowest, highest = known.bounds
            low += [lowest] * size
            high += [highest] * size
            end += size
        self.size = end
        self.low = np.array(low, dtype=np.float32)
        self.high = np.array(high, dtype=np.float32)
        starts = {name: where.start for name, where in self._slices.items()}
        divisors = {name: part.scale.by for name, part in self._parts.items()}
        self.columns = Columns(
            at=filled(AT, dict.fromkeys(AT.names or (), -1) | starts),
            by=filled(BY, dict.fromkeys(BY.names or (), math.nan) | divisors),
        )

    def read(self, name: str, observation: NDArray[np.floating[Any]]) -> FloatArray:
        """A part of observations in its own unit.

        What an observation cannot hold stays lost: markers below 1e-4, and what is above a bound.

        Args:
            name: of the part.
            observation: (…, size), as observed; the parts behind the named one may be left out.

        Returns:
            (…, size of the part) in the unit of the table, with many axes flattened.

        Raises:
            ValueError: there is no such part, or the observation is too short to hold it.
        """
        if name not in self._parts:
            raise ValueError(f"part must be one of {list(self._parts)}, got {name!r}")
        where = self._slices[name]
        if observation.shape[-1:] < (where.stop,):
            raise ValueError(f"observation must be (…, {self.size}) for this layout, got shape {observation.shape}")
        return self._parts[name].scale.read(observation[..., where])

    def within(self, observation: NDArray[np.float32]) -> NDArray[np.float32]:
        """A copy of observations, (…, size), with what lies above a bound reported as the bound."""
        return np.minimum(observation, self.high)

    def __repr__(self) -> str:
        """A table: names, slices, bounds, scales and units of the parts."""
        rows = [("part", "slice", "low", "high", "shown", "x in")]
        for name, where in self._slices.items():
            part, bounds = self._parts[name], ("none", "here")
            if where.stop > where.start:
                bounds = (f"{self.low[where.start]:.4g}", f"{self.high[where.start]:.4g}")
            rows.append((name, f"{where.start}:{where.stop}", *bounds, str(part.scale), part.unit))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([f"Layout of {self.size} numbers", *lines])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, in order."""
        return tuple(self._slices)

    def __getattr__(self, name: str) -> slice:
        slices = self.__dict__.get("_slices", {})
        if name in slices:
            part: slice = slices[name]
            return part
        raise AttributeError(f"no part {name!r} in this observation; parts: {list(slices)}")

    def __iter__(self) -> Iterator[tuple[str, slice]]:
        """Names and slices, in order."""
        return iter(self._slices.items())


Layout.__doc__ = f"{inspect.cleandoc(Layout.__doc__ or '')}\n\nParts:\n\n{describe_parts()}\n"


def _numbers(scenario: Scenario) -> dict[str, float]:
    """The numbers that a scenario fixes, by the names that the table of parts has for them."""
    disease = scenario.disease
    sizes = {
        "organ": len(disease.organs),
        "trait": len(disease.traits),
        "clone": 1 << len(disease.traits),
        "kind": len(disease.toxicities),
        "drug": len(scenario.drugs),
        "lesion": disease.lesions,
    }
    return sizes | {
        "lesions / 10": disease.lesions / 10.0,
        "organs / 10": len(disease.organs) / 10.0,
        "years + 1": math.ceil(scenario.horizon / DAYS_PER_YEAR) + 1.0,
        "scan interval": max(disease.sensors.scan_interval, scenario.visit_interval) / DAYS_PER_YEAR,
        "follow-up": scenario.horizon,
    }


def _in_numbers(part: Part, numbers: dict[str, float], marker_unit: str) -> Part:
    """A part with numbers in the place of their names; an unknown name raises KeyError."""

    def number(given: float | str) -> float:
        return numbers[given] if isinstance(given, str) else given

    return part._replace(
        axes=tuple(int(number(axis)) for axis in part.axes),
        bounds=(part.bounds[0], number(part.bounds[1])),
        scale=part.scale._replace(by=number(part.scale.by)),
        unit=marker_unit if part.unit == MARKER_UNIT else part.unit,
    )
