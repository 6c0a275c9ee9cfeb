"""How a killed run resumes: its folder is opened again, with the options and the files that it was begun with alone.

What lies there under its final name is complete (`files.py`) and is not done again: the shards of a benchmark
(`evaluation/benchmark.py`), the checkpoints of a training (`metaenv_agents/rl/checkpoint.py`), the trials of a search
(`training/rule_search.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from metaenv_experiments.running.files import PARTIAL, plain, write_json
from metaenv_experiments.running.options import SHIPPED, UsageError, file_of, own_file
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
CONFIG = "config.json"  # the options of a run; written last of what begins it
CONTENTS = "contents"  # of config.json: SHA-256 of the files that the options name


def was_begun(path: Path) -> bool:
    """Whether a run began in this folder: its options are there."""
    return (path / CONFIG).is_file()


def was_killed_at_birth(path: Path) -> bool:
    """Whether a run was killed before its options were written, so that nothing would be overwritten."""
    return all(entry.name == Provenance.file or entry.name.endswith(PARTIAL) for entry in path.iterdir())


def resume(path: Path, config: Mapping[str, Any], options: Any) -> None:
    """Go on with the run in a folder: its options become those given now, its provenance tells both parts.

    Args:
        path: the folder.
        config: what `config.json` is to hold.
        options: given now.

    Raises:
        UsageError: an option or a file is another than when it was begun.
    """
    begun = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    check_unchanged(path, begun=begun, config=config, options=options)
    write_json(path / CONFIG, config)
    if (path / Provenance.file).is_file():
        now = Provenance.now(getattr(options, "seed", None))
        Provenance.read(path).continued(now).write(path)


def check_unchanged(path: Path, *, begun: Mapping[str, Any], config: Mapping[str, Any], options: Any) -> None:
    """Check that a run in a folder is resumed with what it was begun with; an option not recorded had its default.

    Args:
        path: the folder.
        begun: its `config.json`.
        config: the same of the options now.
        options: now.

    Raises:
        UsageError: an option or a file is another.
    """
    defaults = {field.name: field.default for field in fields(options) if field.default is not MISSING}
    begun = {**plain(defaults), **begun}
    for file, then in begun.get(CONTENTS, {}).items():
        if config[CONTENTS].get(file, then) != then:
            raise UsageError(f"--resume needs what {path} was begun with, but {file} has changed since")
    keys = [key for key in {**begun, **config} if key not in (*NOT_COMPARED, CONTENTS)]
    for key in keys:
        if begun.get(key) != config.get(key):
            raise UsageError(
                f"--resume needs the options that {path} was begun with: "
                f"{key} was {begun.get(key)!r}, got {config.get(key)!r}"
            )


def hashes_of_files(options: Any, in_folders: str) -> dict[str, str]:
    """SHA-256 of every file that the options name, and of those called `in_folders` in the folders that they name.

    One that ships stands under its name, so that a run can be resumed where the package lies elsewhere.
    """
    compared = {key: value for key, value in vars(options).items() if key not in NOT_COMPARED}
    found: dict[str, Path] = {}
    for option, value in compared.items():
        for each in value if isinstance(value, tuple) else (value,):
            path = own_file(each) if isinstance(each, str) else each
            if isinstance(path, Path) and option in SHIPPED:
                found[str(path)] = file_of(option, path)
            elif isinstance(path, Path):
                files = [path] if path.is_file() else sorted(path.rglob(in_folders))
                found |= {str(file): file for file in files}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in found.items()}
