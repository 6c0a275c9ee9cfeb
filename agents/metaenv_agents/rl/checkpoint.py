"""Checkpoints of a training, written atomically: the whole of one, or none.

A checkpoint is a folder `<steps>` of named files and `manifest.json`, their SHA-256 sums. It is written beside its
place, flushed to the disk and renamed into it, so a kill at any moment leaves the previous ones untouched. The sums
find damage, not malice: the files hold pickles, so load your own checkpoints only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
FORMAT = 1
UNFINISHED = ".partial"


class TornCheckpointError(ValueError):
    """A checkpoint whose files are missing, cut or altered."""


class CheckpointMismatchError(ValueError):
    """A checkpoint of a training with other settings than those that are to go on."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What was saved."""

    steps: int  # visits played until then
    files: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class CheckpointFolder:
    """A folder of checkpoints, the newest `keep` of them.

    Args:
        path: the folder; made at the first save.
        keep: how many checkpoints stay, at least 1. Two or more survive a torn newest one.
    """

    path: Path
    keep: int = 3

    def __post_init__(self) -> None:
        """Check the number to keep."""
        if self.keep < 1:
            raise ValueError(f"keep must be >= 1 checkpoint, got {self.keep}")

    def save(self, steps: int, files: Mapping[str, bytes]) -> Path:
        """Write a checkpoint, then remove the oldest. One of the same `steps` is replaced."""
        folder = self.path / f"{steps:012d}"
        partial = folder.with_name(folder.name + UNFINISHED)
        self.path.mkdir(parents=True, exist_ok=True)
        _remove(partial)
        partial.mkdir()
        for name, content in files.items():
            _write(partial / name, content)
        _write(partial / MANIFEST, _manifest(steps, files))
        _flush(partial)
        _remove(folder)
        partial.rename(folder)
        _flush(self.path)
        self._prune()
        return folder

    def folders(self) -> list[Path]:
        """Return the folders of the checkpoints, newest first, whole or not."""
        if not self.path.is_dir():
            return []
        return sorted((each for each in self.path.iterdir() if each.name.isdigit()), reverse=True)

    def latest(self) -> Checkpoint | None:
        """Read the newest whole checkpoint; None if none was ever saved.

        A torn one is refused with a warning, and the one before it is read.

        Raises:
            TornCheckpointError: if there are checkpoints, and none is whole.
        """
        refused: list[str] = []
        for folder in self.folders():
            try:
                return read(folder)
            except TornCheckpointError as torn:
                refused.append(str(torn))
                warnings.warn(f"refused a checkpoint, trying the one before: {torn}", RuntimeWarning, stacklevel=2)
        if refused:
            raise TornCheckpointError(f"no whole checkpoint in {self.path}: {'; '.join(refused)}")
        return None

    def _prune(self) -> None:
        for folder in self.folders()[self.keep :]:
            _remove(folder)
        for leftover in self.path.glob(f"*{UNFINISHED}"):
            _remove(leftover)


def read(folder: Path) -> Checkpoint:
    """Read one checkpoint and check every file against the manifest.

    Raises:
        TornCheckpointError: naming the file that is missing, cut or altered.
    """
    manifest = _read_manifest(folder)
    files = {}
    for name, expected in manifest["sha256"].items():
        try:
            files[name] = (folder / name).read_bytes()
        except OSError as error:
            raise TornCheckpointError(f"{folder / name} cannot be read: {error.strerror}") from error
        found = hashlib.sha256(files[name]).hexdigest()
        if found != expected:
            raise TornCheckpointError(f"{folder / name} must have SHA-256 {expected}, got {found}")
    return Checkpoint(steps=manifest["steps"], files=files)


def _manifest(steps: int, files: Mapping[str, bytes]) -> bytes:
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return json.dumps({"format": FORMAT, "steps": steps, "sha256": sums}, indent=2).encode()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise TornCheckpointError(f"{folder / MANIFEST} must be of format {FORMAT}, got {manifest['format']}")
        return {"steps": int(manifest["steps"]), "sha256": dict(manifest["sha256"])}
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise TornCheckpointError(f"{folder / MANIFEST} cannot be read: {type(error).__name__}: {error}") from error


def _write(path: Path, content: bytes) -> None:
    """Write to the disk; an error names the file, as that of a full disk does not by itself."""
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _flush(folder: Path) -> None:
    """Make the folder's entries, not only their contents, survive a crash."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
