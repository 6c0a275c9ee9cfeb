"""Run folders: what a command leaves, never overwritten, and how `--resume` goes on with one that was killed.

This checks that options and files are those it was begun with. What goes on is the command's own: shards of a benchmark
(`evaluation/benchmark.py`), checkpoints of a training (`metaenv_agents/rl/checkpoint.py`), trials of a search.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metaenv_experiments.running.files import PARTIAL, plain, write_atomically, write_json
from metaenv_experiments.running.options import SHIPPED, UsageError, command_of, file_of, own_file
from metaenv_experiments.running.provenance import Provenance

# options that may differ when a run is resumed
NOT_COMPARED = (
    "out",
    "resume",
    "total_timesteps",
    "evaluations",
    "trials",
    "generations",
    "rounds",
    "processes",
    "workers",
    "ray",
    "report",
    "record",
    "docs",
)
NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)  # no fault of the disk: such a path is none
CONTENTS = "contents"  # of config.json: SHA-256 of the files that the options name
RUNS = Path("runs")
# what `train` leaves
SEED = "seed-"  # begin of the name of a folder that holds one of several trainings
POLICY, LAST = "policy.npz", "last.npz"  # the best on validation patients, and the one that learned longest
TRAINING = "training.json"


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
        config = {"command": name, **plain(asdict(options)), CONTENTS: _contents(options)}
        if resume and (folder.path / "config.json").is_file():
            folder._check_same(
                config, {field.name: field.default for field in fields(options) if field.default is not MISSING}
            )
            folder.write_json("config.json", config)
            folder._continue(Provenance.now(getattr(options, "seed", None)))
            return folder
        if os.path.exists(folder.path) and not (resume and folder._is_stillborn()):
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
        folder.write_json("config.json", config)
        return folder

    @classmethod
    def open(cls, path: Path, *, needs: tuple[str, ...] = ("config.json",), option: str = "--run") -> RunFolder:
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
        write_atomically(self.path / name, lambda partial: partial.write_bytes(content))

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as Parquet."""
        arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
        write_atomically(self.path / name, lambda partial: pq.write_table(arrow, partial))

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a table."""
        return pq.read_table(self.path / name).to_pandas()

    def _is_stillborn(self) -> bool:
        """Whether the run was killed before its configuration was written."""
        return all(entry.name == Provenance.file or entry.name.endswith(PARTIAL) for entry in self.path.iterdir())

    def _continue(self, now: Provenance) -> None:
        if self.has(Provenance.file):
            Provenance.read(self.path).continued(now).write(self.path)

    def _check_same(self, config: dict[str, Any], defaults: dict[str, Any]) -> None:
        """Raise UsageError unless options and files are as when it was begun; what is not named had its default."""
        begun = {**plain(defaults), **self.read_json("config.json")}
        for path, then in begun.get(CONTENTS, {}).items():
            if config[CONTENTS].get(path, then) != then:
                raise UsageError(f"--resume needs what {self.path} was begun with, but {path} has changed since")
        keys = [key for key in {**begun, **config} if key not in (*NOT_COMPARED, CONTENTS)]
        for key in keys:
            if begun.get(key) != config.get(key):
                raise UsageError(
                    f"--resume needs the options that {self.path} was begun with: "
                    f"{key} was {begun.get(key)!r}, got {config.get(key)!r}"
                )


def _contents(command: Any) -> dict[str, str]:
    """SHA-256 of every file that the options name, and of the policies in the folders that they name.

    One that ships stands under its name, so that a run can be resumed where the package lies elsewhere.
    """
    options = {key: value for key, value in vars(command).items() if key not in NOT_COMPARED}
    found: dict[str, Path] = {}
    for option, value in options.items():
        for each in value if isinstance(value, tuple) else (value,):
            path = own_file(each) if isinstance(each, str) else each
            if isinstance(path, Path) and option in SHIPPED:
                found[str(path)] = file_of(option, path)
            elif isinstance(path, Path):
                files = [path] if path.is_file() else sorted(path.rglob(POLICY))
                found |= {str(file): file for file in files}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in found.items()}
