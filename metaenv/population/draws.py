"""Draws the parameters of patients, each from a random stream of its own name, so that a new one moves no other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from metaenv.distribution import Distribution, Fixed, LogNormal, LogUniform, Normal, Uniform
from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import PATIENT, mix, normal_quantile, uniforms
from metaenv.dynamics.state import BoolArray, FloatArray, IntArray

# what is made of a draw: factor x e^draw, nothing yet (an exponent of 10), nothing
EXPONENTIAL, POWER, PLAIN = range(3)


@compiled_inside
def key_of(identity: int, salt: int) -> int:
    """Key of all draws of a patient, from its id and what tells its disease from others."""
    return mix(identity, salt, 0)


@compiled_inside
def uniform_at(key: int, address: int, number: int) -> float:
    """Uniform in (0, 1), of that number under a name, see `address_of`."""
    return uniforms(key, 0, address, PATIENT, number)[0]


@compiled
def _draw(
    identities: IntArray,
    salt: int,
    addresses: IntArray,
    numbers: IntArray,
    normal: BoolArray,
    offsets: FloatArray,
    slopes: FloatArray,
    out: FloatArray,
) -> None:
    """Offset + slope x of every draw, (patient, draw), x being uniform or normal. Writes: out."""
    for i in range(identities.size):
        key = key_of(identities[i], salt)
        for k in range(addresses.size):
            if slopes[k] == 0.0:
                out[i, k] = offsets[k]
                continue
            x = uniform_at(key, addresses[k], numbers[k])
            if normal[k]:
                x = normal_quantile(x)
            out[i, k] = offsets[k] + slopes[k] * x


@dataclass(frozen=True, kw_only=True)
class Block:
    """Draws of one name: offset + slope x, where x is uniform or normal; e to the power of it times the factor."""

    name: str
    count: int = 1
    kind: int = PLAIN
    normal: bool = False
    offset: float = 0.0
    slope: float = 1.0
    factor: float = 1.0
    own: Distribution | None = None  # whose quantile of the uniform is wanted
    stream: str = ""  # whose chance it shares: blocks of one stream rise and fall together; "" = its own

    @classmethod
    def skewed(cls, name: str, median: float, deviation: float, count: int = 1, stream: str = "") -> Block:
        """Log-normal values; the median may be 0."""
        slope, factor = float(deviation), float(median)
        return cls(name=name, count=count, kind=EXPONENTIAL, normal=True, slope=slope, factor=factor, stream=stream)

    @classmethod
    def nothing(cls, block: Block) -> Block:
        """Instead of a block of exponents: those of 0."""
        return replace(block, offset=-math.inf, slope=0.0)


def _of(distribution: Distribution, name: str, count: int, kind: int) -> Block:
    """A block that has the values of a distribution, to the bit; what is no line in x is asked for its quantiles."""
    # type(…) is …: a class derived from one of these may have quantiles of its own
    if type(distribution) is Fixed:
        return Block(name=name, count=count, kind=kind, offset=float(distribution.value), slope=0.0)
    if type(distribution) is Normal:
        mean, deviation = float(distribution.mean), float(distribution.deviation)
        return Block(name=name, count=count, kind=kind, normal=True, offset=mean, slope=deviation)
    if type(distribution) is Uniform:
        low, high = distribution.low, distribution.high
        return Block(name=name, count=count, kind=kind, offset=float(low), slope=float(high - low))
    if type(distribution) is LogNormal and kind == PLAIN:
        median, deviation = float(distribution.median), float(distribution.deviation)
        return Block(name=name, count=count, kind=EXPONENTIAL, normal=True, slope=deviation, factor=median)
    if type(distribution) is LogUniform and kind == PLAIN:
        low, high = math.log(distribution.low), math.log(distribution.high)
        return Block(name=name, count=count, kind=EXPONENTIAL, offset=low, slope=high - low)
    return Block(name=name, count=count, kind=kind, own=distribution)


def address_of(name: str) -> int:
    """Address of the draws of a name: the name as a number."""
    return crc32(name.encode())


class DrawPlan:
    """Blocks of draws, as arrays for one compiled call; one `numpy.exp` serves all of them.

    Args:
        salt: what tells these patients from those of the same ids elsewhere.
        blocks: what is drawn; their order has no meaning, except that POWER blocks stay in it.

    Attributes:
        powers: columns of the exponents of 10.
        salt: the salt as a number.
    """

    def __init__(self, salt: str, blocks: Iterable[Block]) -> None:
        ordered = sorted(blocks, key=lambda block: block.kind)
        each = [block for block in ordered for _ in range(block.count)]
        self.salt = address_of(salt)
        self._addresses = np.array([address_of(block.stream or block.name) for block in each], dtype=np.int64)
        self._numbers = np.array([k for block in ordered for k in range(block.count)], dtype=np.int64)
        self._normal = np.array([block.normal for block in each], dtype=np.bool_)
        self._offsets = np.array([block.offset for block in each], dtype=np.float64)
        self._slopes = np.array([block.slope for block in each], dtype=np.float64)
        self._factors = np.array([block.factor for block in each if block.kind == EXPONENTIAL], dtype=np.float64)
        ends = np.cumsum([block.count for block in ordered]).tolist()
        self._starts: dict[str, int] = dict(zip([block.name for block in ordered], [0, *ends[:-1]], strict=True))
        self._own = [
            (slice(self._starts[block.name], self._starts[block.name] + block.count), block.own)
            for block in ordered
            if block.own is not None
        ]
        exponents = sum(block.count for block in ordered if block.kind == POWER)
        self.powers = slice(self._factors.size, self._factors.size + exponents)

    def start(self, name: str) -> int:
        """Column of the first draw of a name."""
        return self._starts[name]

    def starts(self, names: Iterable[str]) -> IntArray:
        """Columns of the first draws of some names."""
        return np.array([self._starts[name] for name in names], dtype=np.int64)

    def draw(self, identities: IntArray) -> FloatArray:
        """Values of everything, (patient, draw); of POWER blocks the exponents."""
        values = np.empty((identities.size, self._addresses.size))
        _draw(
            identities,
            self.salt,
            self._addresses,
            self._numbers,
            self._normal,
            self._offsets,
            self._slopes,
            values,
        )
        for columns, distribution in self._own:
            values[:, columns] = distribution.quantile(values[:, columns].copy())
        skewed = self._factors.size
        values[:, :skewed] = self._factors * np.exp(values[:, :skewed].copy())  # by NumPy, for its last bit
        return values


def draws_of(name: str, distribution: Distribution, count: int = 1) -> Block:
    """Values of a distribution."""
    return _of(distribution, name, count, PLAIN)


def exponents(name: str, distribution: Distribution, count: int = 1) -> Block:
    """The same, for a power of ten."""
    return _of(distribution, name, count, POWER)


def uniform(name: str, count: int) -> Block:
    """Uniforms in (0, 1)."""
    return Block(name=name, count=count)
