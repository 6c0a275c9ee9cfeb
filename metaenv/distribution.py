"""How a parameter varies between patients: distributions given by their quantile function.

A patient's value is `distribution.quantile(u)` at an addressed uniform u, so a patient is a function of its id alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from metaenv.dynamics.compile import compiled
from metaenv.dynamics.random import normal_quantile, poisson
from metaenv.dynamics.state import FloatArray

RARE = 4.7534  # standard normal deviate that one in a million exceeds


@compiled
def _normal(u: FloatArray) -> FloatArray:
    flat = u.ravel()
    out = np.empty(flat.size)
    for k in range(flat.size):
        out[k] = normal_quantile(flat[k])
    return out.reshape(u.shape)


@compiled
def _poisson(mean: float, u: FloatArray) -> FloatArray:
    flat = u.ravel()
    out = np.empty(flat.size)
    for k in range(flat.size):
        out[k] = poisson(mean, flat[k])
    return out.reshape(u.shape)


def standard_normal(u: FloatArray) -> FloatArray:
    """Standard normal deviates from uniforms of any shape."""
    return _normal(u)


class Distribution:
    """A distribution over patients. Subclasses give the quantile function."""

    def quantile(self, u: FloatArray) -> FloatArray:
        """Values whose cumulative probability is u, in the shape of u."""
        raise NotImplementedError

    @property
    def ends(self) -> tuple[float, float]:
        """Between which values all but two patients in a million lie."""
        raise NotImplementedError

    def scaled(self, factor: float) -> Distribution:
        """The distribution of the same kind whose median (Poisson: mean) is `factor` times as large.

        All quantiles are multiplied by it (whole numbers rounded, those of Poisson at that mean).

        Raises:
            ValueError: the factor is not > 0 and finite.
        """
        raise NotImplementedError

    def shifted(self, offset: float) -> Distribution:
        """The distribution of the same kind with all quantiles larger by `offset`.

        Raises:
            ValueError: this kind of distribution cannot be shifted.
        """
        raise ValueError(f"only Fixed, Normal and Uniform can be shifted, got {self}")


@dataclass(frozen=True)
class Fixed(Distribution):
    """The same value for every patient."""

    value: float

    def __post_init__(self) -> None:
        """Check that it is a number."""
        _require_finite(self)

    def quantile(self, u: FloatArray) -> FloatArray:
        """The value, in the shape of u."""
        return np.full(u.shape, float(self.value))

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.value, self.value

    def scaled(self, factor: float) -> Fixed:
        """The value times the factor."""
        return Fixed(self.value * _checked(factor))

    def shifted(self, offset: float) -> Fixed:
        """The value plus the offset."""
        return Fixed(self.value + offset)


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal distribution."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        """Check the deviation."""
        _require_finite(self)
        _require(self.deviation >= 0.0, f"deviation must be >= 0, got {self.deviation}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Normal deviates."""
        return self.mean + self.deviation * standard_normal(u)

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.mean - RARE * self.deviation, self.mean + RARE * self.deviation

    def scaled(self, factor: float) -> Normal:
        """Mean and deviation times the factor."""
        return Normal(self.mean * _checked(factor), self.deviation * factor)

    def shifted(self, offset: float) -> Normal:
        """The mean plus the offset."""
        return replace(self, mean=self.mean + offset)


@dataclass(frozen=True)
class LogNormal(Distribution):
    """Log-normal distribution by its median and the standard deviation of the natural logarithm."""

    median: float
    deviation: float

    def __post_init__(self) -> None:
        """Check median and deviation."""
        _require_finite(self)
        _require(self.median > 0.0, f"median must be > 0, got {self.median}")
        _require(self.deviation >= 0.0, f"deviation must be >= 0, got {self.deviation}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Log-normal deviates."""
        return self.median * np.exp(self.deviation * standard_normal(u))

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.median * math.exp(-RARE * self.deviation), self.median * math.exp(RARE * self.deviation)

    def scaled(self, factor: float) -> LogNormal:
        """The median times the factor."""
        return replace(self, median=self.median * _checked(factor))


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform distribution between two bounds."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Check the order of the bounds."""
        _require_finite(self)
        _require(self.low <= self.high, f"low must be <= high, got {self.low} and {self.high}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Uniform deviates."""
        return self.low + (self.high - self.low) * u

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.low, self.high

    def scaled(self, factor: float) -> Uniform:
        """Both bounds times the factor."""
        return Uniform(self.low * _checked(factor), self.high * factor)

    def shifted(self, offset: float) -> Uniform:
        """Both bounds plus the offset."""
        return Uniform(self.low + offset, self.high + offset)


@dataclass(frozen=True)
class LogUniform(Distribution):
    """Uniform distribution of the logarithm between two positive bounds."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Check sign and order of the bounds."""
        _require_finite(self)
        _require(0.0 < self.low <= self.high, f"0 < low <= high is required, got {self.low} and {self.high}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Log-uniform deviates."""
        return np.exp(math.log(self.low) + (math.log(self.high) - math.log(self.low)) * u)

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.low, self.high

    def scaled(self, factor: float) -> LogUniform:
        """Both bounds times the factor."""
        return LogUniform(self.low * _checked(factor), self.high * factor)


@dataclass(frozen=True)
class UniformInteger(Distribution):
    """Whole numbers from low to high, both included, equally likely."""

    low: int
    high: int

    def __post_init__(self) -> None:
        """Check the order of the bounds."""
        _require_finite(self)
        _require(self.low <= self.high, f"low must be <= high, got {self.low} and {self.high}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Whole numbers."""
        return np.floor(self.low + (self.high - self.low + 1) * u)

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return self.low, self.high

    def scaled(self, factor: float) -> UniformInteger:
        """Both bounds times the factor, rounded."""
        return UniformInteger(round(self.low * _checked(factor)), round(self.high * factor))


@dataclass(frozen=True)
class Poisson(Distribution):
    """Poisson distribution."""

    mean: float

    def __post_init__(self) -> None:
        """Check the mean."""
        _require_finite(self)
        _require(self.mean >= 0.0, f"mean must be >= 0, got {self.mean}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Poisson counts."""
        return _poisson(self.mean, u)

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        return 0.0, math.inf

    def scaled(self, factor: float) -> Poisson:
        """The mean times the factor."""
        return Poisson(self.mean * _checked(factor))


@dataclass(frozen=True)
class Mixture(Distribution):
    """Patients of two kinds: a share of them from the first distribution, the others from the second."""

    share: float
    first: Distribution
    second: Distribution

    def __post_init__(self) -> None:
        """Check the share and the kinds."""
        _require(0.0 < self.share < 1.0, f"share must be in (0, 1), got {self.share}")
        for part in (self.first, self.second):
            _require(isinstance(part, Distribution), f"first and second must be distributions, got {part!r}")

    def quantile(self, u: FloatArray) -> FloatArray:
        """Values by the kind of the patient, then by what is left of u: so distributed, not in the order of u."""
        of_first = u < self.share
        left = np.where(of_first, u / self.share, (u - self.share) / (1.0 - self.share))
        left = np.clip(left, 1e-15, 1.0 - 1e-15)
        return np.where(of_first, self.first.quantile(left), self.second.quantile(left))

    @property
    def ends(self) -> tuple[float, float]:
        """See `Distribution.ends`."""
        ends = (self.first.ends, self.second.ends)
        return min(low for low, _ in ends), max(high for _, high in ends)

    def scaled(self, factor: float) -> Mixture:
        """Both distributions times the factor."""
        return replace(self, first=self.first.scaled(factor), second=self.second.scaled(factor))

    def shifted(self, offset: float) -> Mixture:
        """Both distributions plus the offset."""
        return replace(self, first=self.first.shifted(offset), second=self.second.shifted(offset))


def _checked(factor: float) -> float:
    _require(0.0 < factor < math.inf, f"factor must be > 0 and finite, got {factor}")
    return factor


def _require_finite(distribution: Any) -> None:
    for item in fields(distribution):
        value = getattr(distribution, item.name)
        _require(math.isfinite(value), f"{item.name} must be finite, got {value} in {type(distribution).__name__}")


def _require(true: bool, message: str) -> None:
    if not true:
        raise ValueError(message)
