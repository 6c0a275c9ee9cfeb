"""Hands some seventy arrays to compiled functions as one address.

Reading an array's own description (address, shape, strides) from its Python object at every call costs more than a
treated patient's paperwork, and handing all of it to every inner function makes most of the code that is compiled. So
the descriptions are written down once, in numba's own form, and compiled functions follow the address.
"""

# mypy: disable-error-code="no-untyped-call, override, attr-defined, assignment"
# (what numba is made of has few types)

from __future__ import annotations

import hashlib
from typing import Any

import llvmlite.ir as ll
import numba
import numpy as np
from numba.core import cgutils, config, types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, models, register_model, typeof_impl, unbox

WORD = 8  # bytes
_SETTINGS: Any = config  # its names are made at import, where type checkers do not see them


class TableType(types.Type):
    """What compiled functions know of a table: the name and type of each of its arrays, and of tables within it.

    Attributes:
        fields: (name, type) in order.
    """

    def __init__(self, title: str, fields: tuple[tuple[str, types.Type], ...]) -> None:
        self.fields = fields
        mark = hashlib.sha256(repr(fields).encode()).hexdigest()[:12]  # the whole would fill every symbol's name
        super().__init__(name=f"{title}_{mark}")

    @property
    def words(self) -> int:
        """Length of its description."""
        return sum(words_of(kind) for _, kind in self.fields)

    def field_at(self, name: str) -> tuple[int, types.Type]:
        """Where the description of a field starts, and its type."""
        start = 0
        for field, kind in self.fields:
            if field == name:
                return start, kind
            start += words_of(kind)
        raise AttributeError(name)


def words_of(kind: types.Type) -> int:
    """Length of the description of an array or a table."""
    return kind.words if isinstance(kind, TableType) else 5 + 2 * kind.ndim


class Table:
    """Arrays and named tuples of arrays, by name, for Python and for compiled functions.

    The arrays must stay where they are as long as the table is used; the table holds them.

    Args:
        groups: arrays, each C-contiguous, or named tuples of such arrays.
    """

    def __init__(self, **groups: Any) -> None:
        self.__dict__.update(groups)
        self._described = np.array([word for group in groups.values() for word in _describe(group)], dtype=np.int64)
        self.address = int(self._described.ctypes.data)
        self.kind = _type_of(type(self).__name__, groups)

    def __getstate__(self) -> dict[str, Any]:
        """The groups alone: a copy has arrays of its own, which it describes itself."""
        return {name: group for name, group in self.__dict__.items() if name not in ("_described", "address", "kind")}

    def __setstate__(self, groups: dict[str, Any]) -> None:
        """Describe the arrays of this copy."""
        Table.__init__(self, **groups)


def _describe(group: Any) -> list[int]:
    if isinstance(group, tuple):
        return [word for array in group for word in _describe(array)]
    if not group.flags.c_contiguous:
        raise ValueError("arrays of a table must be C-contiguous")
    # meminfo and parent: nobody counts references here, the table holds the arrays
    return [0, 0, group.size, group.itemsize, group.ctypes.data, *group.shape, *group.strides]


def _type_of(title: str, groups: dict[str, Any]) -> TableType:
    fields = [
        (name, _type_of(type(group).__name__, group._asdict()) if isinstance(group, tuple) else numba.typeof(group))
        for name, group in groups.items()
    ]
    return TableType(title, tuple(fields))


register_model(TableType)(models.OpaqueModel)


@typeof_impl.register(Table)
def _typeof_table(table: Table, context: Any) -> TableType:
    return table.kind


@unbox(TableType)  # type: ignore[untyped-decorator]
def _unbox_table(kind: TableType, table: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(table, "address")
    number = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(c.builder.inttoptr(number, cgutils.voidptr_t))


@infer_getattr
class _TableFields(AttributeTemplate):
    key = TableType

    def generic_resolve(self, kind: TableType, name: str) -> types.Type | None:
        return dict(kind.fields).get(name)


@lower_getattr_generic(TableType)  # type: ignore[untyped-decorator]
def _field(context: Any, builder: Any, kind: TableType, address: Any, name: str) -> Any:
    start, field = kind.field_at(name)
    there = builder.gep(address, [ll.Constant(ll.IntType(32), start * WORD)])
    if isinstance(field, TableType):
        return there
    return builder.call(_reader(context, builder.module, field), [there])


def _reader(context: Any, module: Any, kind: Any) -> Any:
    """The function that reads an array's description; one for each kind of array, merged into its callers."""
    array = context.get_value_type(kind)
    name = "metaenv.array." + hashlib.sha256(str(array).encode()).hexdigest()[:12]
    function = cgutils.get_or_insert_function(module, ll.FunctionType(array, [cgutils.voidptr_t]), name)
    if function.blocks:
        return function
    function.linkage = "linkonce_odr"
    function.attributes.add("alwaysinline")
    builder = ll.IRBuilder(function.append_basic_block())
    words = builder.bitcast(function.args[0], ll.IntType(64).as_pointer())
    # a description never changes, whatever else is written
    constant = module.add_metadata([])
    read = []
    for k in range(words_of(kind)):
        word = builder.load(builder.gep(words, [ll.Constant(ll.IntType(32), k)]))
        word.set_metadata("invariant.load", constant)
        read.append(word)
    builder.ret(_assembled(builder, array, kind.ndim, read))
    return function


def _assembled(builder: Any, array: Any, ndim: int, words: list[Any]) -> Any:
    """The words of a description as numba's array structure."""
    value = ll.Constant(array, ll.Undefined)
    for k, part in enumerate(array.elements[:5]):
        word = builder.inttoptr(words[k], part) if isinstance(part, ll.PointerType) else words[k]
        value = builder.insert_value(value, word, k)
    for axis in range(ndim):
        value = builder.insert_value(value, words[5 + axis], (5, axis))
        value = builder.insert_value(value, words[5 + ndim + axis], (6, axis))
    return value


def _near(typingctx: Any, table: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = signature.return_type.words
        room = builder.bitcast(cgutils.alloca_once(builder, ll.ArrayType(ll.IntType(64), words)), cgutils.voidptr_t)
        cgutils.raw_memcpy(builder, room, arguments[0], ll.Constant(ll.IntType(64), words), WORD)
        return room

    return table(table), build


def near(table: Any) -> Any:
    """The same table, described in the memory of the compiled function that asks: said before a long loop.

    The compiler then knows that nobody else can change the description, and the loop is a few percent faster.
    """
    return table


if not _SETTINGS.DISABLE_JIT:
    near = numba.extending.intrinsic(_near)
