"""`make ecosystem`: every library's example, in an environment with that library's versions, one line of outcome each.

python tests/ecosystem/run.py [--wheel] [library ...]

Environments lie under .venv-ecosystem/ and are made once for each version of their requirements,
`tests/ecosystem/<environment>.txt`; what a library's own pins forbid, and works, is in `<environment>-forced.txt`.
Without a name all libraries run from the checkout, then those of `FROM_WHEEL` from the wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = ROOT / ".venv-ecosystem"
# What needs nothing but .venv runs in .venv, so that continuous integration can afford it.
LIBRARIES = {
    "sb3": (".venv", "stable_baselines3 sb3_contrib"),
    "cleanrl": (".venv", "torch"),
    "safety": (".venv", "gymnasium"),
    "typing": (".venv", "mypy"),
    "rl_zoo3": ("shared", "rl_zoo3"),
    "torchrl": ("shared", "torchrl tensordict"),
    "tianshou": ("shared", "tianshou"),
    "skrl": ("shared", "skrl"),
    "minari": ("shared", "minari"),
    "mo_gymnasium": ("shared", "mo-gymnasium"),
    "d3rlpy": ("d3rlpy", "d3rlpy"),
    "rllib": ("rllib", "ray"),
}
FROM_WHEEL = ("sb3", "typing", "minari")
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")} | {"NUMBA_NUM_THREADS": "2"}


def call(*command: str | Path, **options: object) -> None:
    """Run a command, and end here if it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **options)  # type: ignore[call-overload]


def python_of(environment: str) -> Path:
    """The interpreter of an environment, which is made or made anew where its requirements have changed."""
    if environment == ".venv":
        return ROOT / ".venv" / "bin" / "python"
    files = [path for suffix in ("", "-forced") if (path := HERE / f"{environment}{suffix}.txt").exists()]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    folder = PLACE / environment
    python, stamp = folder / "bin" / "python", folder / ".installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"{environment}: making {folder.relative_to(ROOT)}", flush=True)
        call(sys.executable, "-m", "venv", "--clear", folder)
        quiet = ("--quiet", "--disable-pip-version-check")
        call(python, "-m", "pip", "install", *quiet, "-r", files[0])
        for forced in files[1:]:
            call(python, "-m", "pip", "install", *quiet, "--no-deps", "-r", forced)
        stamp.write_text(wanted)
    return python


def found(python: Path) -> Path | None:
    """Where a program elsewhere imports metaenv from."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [python, "-c", "import metaenv; print(metaenv.__file__)"]
    done = subprocess.run(command, cwd=PLACE, env=clean, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def install(python: Path, wheel: Path | None) -> None:
    """Install the checkout or the wheel, and see that it is what a program elsewhere imports."""
    checkout = ROOT / "metaenv" / "__init__.py"
    if wheel is None and found(python) == checkout:
        return
    what = ("-e", ROOT) if wheel is None else ("--force-reinstall", wheel)
    call(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *what)
    if (found(python) == checkout) is not (wheel is None):
        raise SystemExit(f"metaenv comes from {found(python)}, not from {wheel or ROOT}")


def run(library: str, wheel: Path | None) -> tuple[bool, str]:
    """Whether a library's tests pass, none skipped, and a line that says so."""
    environment, packages = LIBRARIES[library]
    if wheel is not None and environment == ".venv":
        environment = "shared"  # never the wheel into .venv
    python = python_of(environment)
    install(python, wheel)
    # the pytest of the environment, without the paths of pyproject.toml: it sees what is installed
    command = [python.with_name("pytest"), "-o", "pythonpath=", "-m", "ecosystem", HERE / f"test_{library}.py"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | THREADS
    began = time.monotonic()
    done = subprocess.run([*command, "-q"], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    passed = done.returncode == 0 and "skipped" not in done.stdout.splitlines()[-1]
    if not passed:
        print(done.stdout[-8000:], done.stderr[-2000:], flush=True)
    names = list(dict.fromkeys(["gymnasium", *packages.split()]))
    code = f"from importlib.metadata import version; print(*(f'{{name}} {{version(name)}}' for name in {names}))"
    versions = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    source = "checkout" if wheel is None else "wheel"
    seconds = f"{time.monotonic() - began:.0f} s"
    return passed, f"{library:13}{'passed' if passed else 'FAILED':8}{source:10}{seconds:>6}  {versions}"


def build() -> Path:
    """The wheel of this checkout."""
    folder = Path(tempfile.mkdtemp(prefix="metaenv-wheel-"))
    python = ROOT / ".venv" / "bin" / "python"
    call(python, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, capture_output=True)
    return next(folder.glob("*.whl"))


def main() -> int:
    """Run what was asked for; 1 if anything failed."""
    parser = argparse.ArgumentParser(description="run the examples with other libraries")
    parser.add_argument("--wheel", action="store_true", help="everything asked for from the wheel, not the checkout")
    parser.add_argument("library", nargs="*", choices=[*LIBRARIES, []], help="these alone")
    asked = parser.parse_args()
    PLACE.mkdir(exist_ok=True)
    chosen = asked.library or list(LIBRARIES)
    checkout = [] if asked.wheel else chosen
    wheels = chosen if asked.wheel else ([] if asked.library else FROM_WHEEL)
    wheel = build() if wheels else None
    outcomes = []
    for library, source in [*((name, None) for name in checkout), *((name, wheel) for name in wheels)]:
        outcomes.append(run(library, source))
        print(outcomes[-1][1], flush=True)
    print("\n".join(["", *(line for _, line in outcomes)]), flush=True)
    return 0 if all(passed for passed, _ in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
