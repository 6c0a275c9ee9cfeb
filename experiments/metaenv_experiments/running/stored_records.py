"""Stored records: one frozen dataclass each, written as JSON with its version, read whole or refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from metaenv_experiments.running.files import write_json

if TYPE_CHECKING:
    from cattrs import Converter

VERSION = "version"


class RecordError(ValueError):
    """What is stored is no such record, or one of another version."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a command stores, to be read by others: facts in fields, never in names."""

    file: ClassVar[str]  # in a run folder
    version: ClassVar[int] = 1  # raised when fields change

    def as_json(self) -> dict[str, Any]:
        """The fields, and the version."""
        return {VERSION: self.version, **_converter().unstructure(self)}

    @classmethod
    def of_json(cls, content: Any) -> Self:
        """Read fields of a dictionary of JSON.

        Raises:
            RecordError: a field is missing, unknown or of another type, or the version is another.
        """
        got = content.get(VERSION) if isinstance(content, Mapping) else type(content).__name__
        if got != cls.version:
            raise RecordError(f"a {cls.__name__} must be of version {cls.version}, got {got}")
        fields = {name: value for name, value in content.items() if name != VERSION}
        try:
            return _converter().structure(fields, cls)
        except Exception as error:  # cattrs raises groups of whatever its hooks raise
            from cattrs import transform_error

            said = "; ".join(transform_error(error, format_exception=_said))
            raise RecordError(f"this is no {cls.__name__}: {said}") from error

    def write(self, folder: Path) -> None:
        """Write it into a run folder."""
        self.write_to(folder / self.file)

    def write_to(self, path: Path) -> None:
        """Write it to a file."""
        write_json(path, self.as_json())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from a run folder.

        Raises:
            RecordError: as of `read_from`.
        """
        return cls.read_from(folder / cls.file)

    @classmethod
    def read_from(cls, path: Path) -> Self:
        """Read it from a file.

        Raises:
            RecordError: as of `of_json`, or it cannot be read.
        """
        try:
            return cls.of_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecordError) as error:
            raise RecordError(f"{path} cannot be read: {error}") from error


@cache
def _converter() -> Converter:
    """Named tuples as objects; a number that JSON cannot hold as null; no field that nobody knows."""
    from cattrs import Converter
    from cattrs.cols import (
        is_namedtuple,
        namedtuple_dict_structure_factory,
        namedtuple_dict_unstructure_factory,
    )

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_factory(
        is_namedtuple,
        lambda kind, converter: namedtuple_dict_structure_factory(kind, converter, "from_converter", True),
    )
    converter.register_unstructure_hook_factory(is_namedtuple, namedtuple_dict_unstructure_factory)
    converter.register_structure_hook(
        float, lambda value, _: math.nan if value is None else _exactly(value, (int, float))
    )
    for kind in (int, bool, str):
        converter.register_structure_hook(kind, lambda value, kind: _exactly(value, (kind,)))
    return converter


def _said(error: BaseException, kind: type | None) -> str:
    """What is wrong with a field, with what was got."""
    from cattrs.v import format_exception

    return str(error) if isinstance(error, TypeError) else format_exception(error, kind)


def _exactly(value: Any, kinds: tuple[type, ...]) -> Any:
    """The value as the first kind, unless it is of none of them."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError(f"expected {kinds[-1].__name__}, got {value!r}")
    return float(value) if float in kinds else value  # type: ignore[arg-type]
