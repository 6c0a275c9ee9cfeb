"""Going on with a killed run, `--resume`: only with the options and the files that it was begun with.

`RunFolder.create(resume=True)` opens the folder and asks here. What goes on from where it stood is each command's own:
the shards of a benchmark (`evaluation/benchmark.py`), the checkpoints of a training
(`metaenv_agents/rl/checkpoint.py`), the trials of a search (`training/rule_search.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from metaenv_experiments.running.files import plain
from metaenv_experiments.running.options import SHIPPED, UsageError, file_of, own_file

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
CONTENTS = "contents"  # of config.json: SHA-256 of the files that the options name


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
