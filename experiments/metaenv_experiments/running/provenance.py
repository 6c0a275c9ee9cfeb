"""Where numbers came from: commit, versions, seed, machine."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from metaenv_experiments.running.stored_records import Record

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
# what numbers depend on; what a run writes elsewhere in the tree changes none
SOURCES = tuple(f":(top){name}" for name in ("metaenv", "agents", "experiments", "pyproject.toml", "constraints.txt"))


@dataclass(frozen=True, kw_only=True)
class Part:
    """One call of a command that was cut short and continued."""

    started: str
    arguments: tuple[str, ...]
    commit: str | None
    dirty: bool | None


@dataclass(frozen=True, kw_only=True)
class Provenance(Record):
    """What is needed to know where the numbers of a run folder came from."""

    file: ClassVar[str] = "provenance.json"

    started: str  # ISO 8601
    arguments: tuple[str, ...]  # of the command that makes the whole, without --resume
    begun: tuple[str, ...] | None = None  # those that it was begun with, where it was continued
    resumed: tuple[Part, ...] = ()
    seed: int | None
    commit: str | None
    dirty: bool | None  # with changes that were not committed, of any part
    python: str
    versions: dict[str, str]  # of packages
    machine: dict[str, Any]

    @classmethod
    def now(cls, seed: int | None) -> Provenance:
        """Of what this process does."""
        return cls(
            started=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            arguments=tuple(sys.argv[1:]),
            seed=seed,
            commit=_git("rev-parse", "HEAD"),
            dirty=None if (status := _git("status", "--porcelain", "--", *SOURCES)) is None else bool(status),
            python=platform.python_version(),
            versions={name: version for name in PACKAGES if (version := _version(name)) is not None},
            machine={"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
        )

    def continued(self, now: Provenance) -> Provenance:
        """Of the whole: the command that makes it, that of each part, and who had a share in it."""
        part = Part(started=now.started, arguments=now.arguments, commit=now.commit, dirty=now.dirty)
        return replace(
            self,
            begun=self.begun or self.arguments,
            arguments=tuple(argument for argument in now.arguments if argument != "--resume"),
            dirty=self.dirty or now.dirty,
            resumed=(*self.resumed, part),
        )

    @property
    def command(self) -> str:
        """As it is typed."""
        return f"metaenv {shlex.join(self.arguments)}"

    @property
    def first_command(self) -> str | None:
        """The command that it was begun with, where that was another."""
        return None if self.begun in (None, self.arguments) else f"metaenv {shlex.join(self.begun)}"

    @property
    def short_commit(self) -> str:
        """Twelve digits of the commit, with a plus sign where there were changes that were not committed."""
        return "unknown" if self.commit is None else self.commit[:12] + "+" * bool(self.dirty)


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


@cache
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
