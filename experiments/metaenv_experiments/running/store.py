"""Run folders: written atomically, never overwritten, resumable shard by shard."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, fields
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metaenv_experiments.config import Command, name_of
from metaenv_experiments.running.requests import SHIPPED, RequestError, file_of, own_file

PARTIAL = ".partial"  # end of the name of a file that is still being written; never read
PACKAGES = (
    "metastasis-env",
    "gymnasium",
    "numpy",
    "numba",
    "scipy",
    "pandas",
    "pyarrow",
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "cma",
    "optuna",
    "SALib",
    "scikit-learn",
    "ray",
)
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
    def create(cls, command: Command, *, out: Path | None, resume: bool = False) -> RunFolder:
        """Make the folder and write `config.json` and `provenance.json`; or continue it.

        Raises:
            RequestError: if the folder exists and is not to be resumed, was begun with other options or other files, or
                cannot be one.
        """
        if find_spec("matplotlib") is None:  # most runs end with pictures: not after hours is the time to miss it
            raise ModuleNotFoundError("no matplotlib", name="matplotlib")
        name = name_of(type(command))
        folder = cls(out if out is not None else RUNS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
        config = {"command": name, **_plain(asdict(command)), CONTENTS: _contents(command)}
        if resume and (folder.path / "config.json").is_file():
            folder._check_same(
                config, {field.name: field.default for field in fields(command) if field.default is not MISSING}
            )
            folder.write_json("config.json", config)
            folder._resumed(provenance(getattr(command, "seed", None)))
            return folder
        if os.path.exists(folder.path) and not (resume and folder._is_stillborn()):
            hint = ", or --resume to continue it" if hasattr(command, "resume") else ""
            raise RequestError(f"--out {folder.path} exists already and is never overwritten: name another{hint}")
        try:
            folder.path.mkdir(parents=True, exist_ok=resume)
        except OSError as error:
            if error.errno not in NO_FOLDER:
                raise
            raise RequestError(
                f"--out must name a folder that can be made, got {folder.path}: {os.strerror(error.errno)}"
            ) from error
        folder.write_json("provenance.json", provenance(getattr(command, "seed", None)))
        folder.write_json("config.json", config)
        return folder

    @classmethod
    def open(cls, path: Path, *, needs: tuple[str, ...] = ("config.json",), option: str = "--run") -> RunFolder:
        """Open a finished run for reading; `option` is what named it.

        Raises:
            RequestError: if it is no run folder or lacks a file in `needs`.
        """
        if not path.is_dir():
            raise RequestError(f"{option} must be a run folder, got {path}, which does not exist or is no folder")
        if missing := [name for name in needs if not (path / name).exists()]:
            raise RequestError(f"{option} must be a finished run folder, got {path}, which has no {', '.join(missing)}")
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
        return all(entry.name == "provenance.json" or entry.name.endswith(PARTIAL) for entry in self.path.iterdir())

    def _resumed(self, now: dict[str, Any]) -> None:
        """Add to the provenance: the command of the whole, that of each part, and who had a share in it."""
        if not self.has("provenance.json"):
            return
        about = self.read_json("provenance.json")
        about.setdefault("begun", about["arguments"])
        about["arguments"] = [argument for argument in now["arguments"] if argument != "--resume"]
        about["dirty"] = about["dirty"] or now["dirty"]
        told = {key: now[key] for key in ("started", "arguments", "commit", "dirty")}
        about["resumed"] = [*about.get("resumed", ()), told]
        self.write_json("provenance.json", about)

    def _check_same(self, config: dict[str, Any], defaults: dict[str, Any]) -> None:
        """Raise RequestError unless options and files are as when it was begun; what is not named had its default."""
        begun = {**_plain(defaults), **self.read_json("config.json")}
        for path, then in begun.get(CONTENTS, {}).items():
            if config[CONTENTS].get(path, then) != then:
                raise RequestError(f"--resume needs what {self.path} was begun with, but {path} has changed since")
        keys = [key for key in {**begun, **config} if key not in (*NOT_COMPARED, CONTENTS)]
        for key in keys:
            if begun.get(key) != config.get(key):
                raise RequestError(
                    f"--resume needs the options that {self.path} was begun with: "
                    f"{key} was {begun.get(key)!r}, got {config.get(key)!r}"
                )


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the final name, flush to disk, then rename: a reader sees the whole file or none.

    Raises:
        OSError: it cannot be written, naming it; what was written of it is removed.
    """
    partial = path.with_name(path.name + PARTIAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        _flush(partial)
        partial.replace(path)
        _flush(path.parent)
    except OSError as error:
        with suppress(OSError):  # of a folder that cannot be written either
            partial.unlink()
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of JSON atomically; `nan` becomes null."""
    text = json.dumps(_plain(content), indent=2, allow_nan=False) + "\n"
    write_atomically(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def provenance(seed: int | None) -> dict[str, Any]:
    """Return what is needed to know where numbers came from: commit, versions, seed, machine."""
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "arguments": sys.argv[1:],
        "seed": seed,
        "commit": _git("rev-parse", "HEAD"),
        "dirty": None if (status := _git("status", "--porcelain")) is None else bool(status),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name)) is not None},
        "machine": {"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
    }


def _contents(command: Command) -> dict[str, str]:
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


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _git(*arguments: str) -> str | None:
    """Ask git about the source tree; None where there is no git, or it does not track these sources."""
    try:
        # fails in a virtual environment that lies in another's repository
        tracked = _ask_git("ls-files", "--error-unmatch", Path(__file__).name)
        answer = _ask_git(*arguments)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if tracked.returncode != 0:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _ask_git(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _plain(value: Any) -> Any:
    """Turn into what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
