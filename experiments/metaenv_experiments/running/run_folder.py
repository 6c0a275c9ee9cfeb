"""Run folders: what a command leaves under its final name is complete, and is never overwritten."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metaenv_experiments.running.files import plain, write_atomically, write_bytes, write_json
from metaenv_experiments.running.options import UsageError, command_of
from metaenv_experiments.running.provenance import Provenance
from metaenv_experiments.running.resume import CONFIG, CONTENTS, hashes_of_files, was_begun, was_killed_at_birth
from metaenv_experiments.running.resume import resume as go_on

NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)  # no fault of the disk: such a path is none
RUNS = Path("runs")
# what `train` leaves
SEED = "seed-"  # begin of the name of a folder that holds one of several trainings
POLICY, LAST = "policy.npz", "last.npz"  # the best on validation patients, and the one that learned longest


class RunFolder:
    """The folder of one run. What lies in it under its final name is complete."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, options: Any, *, out: Path | None, resume: bool = False) -> RunFolder:
        """Make the folder of a command, by its options, and write `config.json` and `provenance.json`; or continue it.

        Raises:
            UsageError: if the folder exists and is not to be resumed, was begun with other options or other files, or
                cannot be one.
        """
        if find_spec("matplotlib") is None:  # most runs end with pictures: not after hours is the time to miss it
            raise ModuleNotFoundError("no matplotlib", name="matplotlib")
        name = command_of(options)
        folder = cls(out if out is not None else RUNS / f"{name.replace(' ', '-')}-{time.strftime('%Y%m%d-%H%M%S')}")
        config = {"command": name, **plain(asdict(options)), CONTENTS: hashes_of_files(options, POLICY)}
        if resume and was_begun(folder.path):
            go_on(folder.path, config, options)
            return folder
        if os.path.exists(folder.path) and not (resume and was_killed_at_birth(folder.path)):
            hint = ", or --resume to continue it" if hasattr(options, "resume") else ""
            raise UsageError(f"--out {folder.path} exists already and is never overwritten: name another{hint}")
        try:
            folder.path.mkdir(parents=True, exist_ok=resume)
        except OSError as error:
            if error.errno not in NO_FOLDER:
                raise
            raise UsageError(
                f"--out must name a folder that can be made, got {folder.path}: {os.strerror(error.errno)}"
            ) from error
        Provenance.now(getattr(options, "seed", None)).write(folder.path)
        folder.write_json(CONFIG, config)
        return folder

    @classmethod
    def open(cls, path: Path, *, needs: tuple[str, ...] = (CONFIG,), option: str = "--run") -> RunFolder:
        """Open a finished run for reading; `option` is what named it.

        Raises:
            UsageError: if it is no run folder or lacks a file in `needs`.
        """
        if not path.is_dir():
            raise UsageError(f"{option} must be a run folder, got {path}, which does not exist or is no folder")
        if missing := [name for name in needs if not (path / name).exists()]:
            raise UsageError(f"{option} must be a finished run folder, got {path}, which has no {', '.join(missing)}")
        return cls(path)

    def has(self, name: str) -> bool:
        """Whether the file is there, and so complete."""
        return (self.path / name).is_file()

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a file of JSON; `nan` becomes null."""
        write_json(self.path / name, content)

    def read_json(self, name: str) -> dict[str, Any]:
        """Read a file of JSON."""
        content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        return content

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file as it is."""
        write_bytes(self.path / name, content)

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as Parquet."""
        arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
        write_atomically(self.path / name, lambda partial: pq.write_table(arrow, partial))

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a table."""
        return pq.read_table(self.path / name).to_pandas()
