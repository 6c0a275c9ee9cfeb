"""What goes wrong outside ends a command in one line with remedy and promised exit code; defects keep traces."""

import ast
import errno
import os
import re
import signal
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pandas as pd
import pytest

from metaenv_experiments.__main__ import main
from metaenv_experiments.running import failures, files, installation, run_folder
from metaenv_experiments.running.failures import BAD_REQUEST, FAILED, INTERRUPTED, ending, extra_of
from metaenv_experiments.running.files import PARTIAL, write_atomically
from metaenv_experiments.running.options import UsageError
from metaenv_experiments.running.run_folder import RunFolder

ROOT = Path(__file__).parents[3]
RESUME = "what is finished is kept, --resume --out DIR continues it"


def disk_error(number, *file):
    return OSError(number, os.strerror(number), *file)


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (UsageError("--patients must be >= 1, got 0"), "error: --patients must be >= 1, got 0", BAD_REQUEST),
        (KeyboardInterrupt(), f"interrupted; {RESUME}", INTERRUPTED),
        (
            disk_error(errno.ENOSPC, "runs/a/policy.npz"),
            f"error: cannot write runs/a/policy.npz: No space left on device; {RESUME}",
            FAILED,
        ),
        (disk_error(errno.EROFS, "runs"), f"error: cannot write runs: Read-only file system; {RESUME}", FAILED),
        (disk_error(errno.ENOSPC), f"error: cannot write a file: No space left on device; {RESUME}", FAILED),
        (disk_error(errno.EACCES, "runs"), "error: cannot open or write runs: Permission denied", FAILED),
        (
            ModuleNotFoundError("no tyro", name="tyro"),
            "error: the package tyro is not installed (extra 'experiments'): pip install -e '.[agents,experiments]'",
            BAD_REQUEST,
        ),
        (
            ModuleNotFoundError("no ray", name="ray"),
            "error: the package ray is not installed (extra 'ray'): pip install -e '.[ray]'",
            BAD_REQUEST,
        ),
    ],
)
def test_what_is_no_defect_ends_in_one_line(error, line, code):
    assert ending(error, resumable=True) == (line, code)
    assert "resume" not in ending(error, resumable=False).line


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a defect"),
        ModuleNotFoundError("a misspelt import", name="metaenv_experiments.nothing"),
        ModuleNotFoundError("of no extra", name="nothing"),
        FileNotFoundError(errno.ENOENT, "gone", "file"),
        SystemExit(2),
    ],
)
def test_a_defect_keeps_its_traceback(error):
    assert ending(error, resumable=True) is None


def test_an_installed_package_is_mended_by_its_name(monkeypatch):
    monkeypatch.setattr(installation, "CHECKOUT", None)
    line = ending(ModuleNotFoundError(name="torch"), resumable=False).line
    assert line.endswith("(extra 'agents'): pip install 'metastasis-env[agents,experiments]'")


def imported(folder):
    """Top-level names of what a package imports, anywhere in its files."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_every_package_that_is_imported_is_one_of_the_base_or_of_an_extra():
    ours = {"metaenv", "metaenv_agents", "metaenv_experiments"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    always = {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in project["dependencies"]}
    folders = (ROOT / "agents" / "metaenv_agents", ROOT / "experiments" / "metaenv_experiments")
    names = {name for folder in folders for name in imported(folder)} - ours - set(sys.stdlib_module_names) - always
    assert {"torch", "tyro", "rich", "sklearn"} <= names
    assert [name for name in sorted(names) if extra_of(name) is None] == []


def test_without_an_installation_no_extra_is_known(monkeypatch):
    def unknown(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.requires", unknown)
    assert metadata("metastasis-env")["Name"] == "metastasis-env"
    assert extra_of("torch") is None


# ---- commands, each in a process of its own


def command(*arguments, before="", **options):
    """Run the command line after some lines of Python that take something from it."""
    script = (
        f"import os, signal, sys, time\n{before}\nfrom metaenv_experiments.console_script import main\nsys.exit(main())"
    )
    asked = [sys.executable, "-c", script, *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run(asked, text=True, check=False, cwd=ROOT, timeout=120, **streams)


MISSING = """
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "{name}":
            raise {error}

sys.meta_path.insert(0, Missing())
"""


@pytest.mark.parametrize("name", ["tyro", "pandas"])
def test_a_missing_extra_is_named_with_the_remedy(name, tmp_path):
    before = MISSING.format(name=name, error="ModuleNotFoundError(name, name=name)")
    done = command("study", "cohort", "--patients", 2, "--out", tmp_path / "run", before=before)
    assert done.returncode == BAD_REQUEST
    remedy = "(extra 'experiments'): pip install -e '.[agents,experiments]'"
    assert done.stderr == f"error: the package {name} is not installed {remedy}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["--help"], ["study", "--help"]])
def test_which_commands_there_are_is_told_without_the_extras_too(words):
    done = command(*words, before=MISSING.format(name="tyro", error="ModuleNotFoundError(name, name=name)"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "  cohort " in done.stdout if "study" in words else "  benchmark " in done.stdout


def test_a_run_that_could_draw_nothing_in_the_end_does_not_begin(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(run_folder, "find_spec", lambda name: None)
    assert main(["benchmark", "--policies", "at50", "--out", str(tmp_path / "run")]) == BAD_REQUEST
    assert "error: the package matplotlib is not installed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["gymnasium", "tyro", "rich"])
def test_ctrl_c_while_packages_are_imported_is_an_interrupt(name):
    done = command("study", "cohort", "--patients", 2, before=MISSING.format(name=name, error="KeyboardInterrupt"))
    assert (done.returncode, done.stderr) == (INTERRUPTED, "interrupted\n")


def test_a_polite_kill_is_an_interrupt():
    slow = """
import metaenv_experiments.commands.speed as speed
def run(options):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
speed.run = run
"""
    done = command("speed", before=slow)
    assert (done.returncode, done.stderr) == (INTERRUPTED, "interrupted\n")


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"]])
def test_a_reader_that_leaves_early_is_no_error(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = command(*arguments, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


PRINTING = """
import metaenv_experiments.commands.speed as speed
from metaenv_experiments.running.console import console
def run(options):
    for _ in range(3):
        console().print("a table")
    options.out.write_text("written")
speed.run = run
"""


def test_work_whose_reader_leaves_early_is_finished(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = command("speed", "--out", tmp_path / "out", before=PRINTING, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out").read_text() == "written"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_to_a_full_disk_is_one_line(tmp_path):
    with open("/dev/full", "w") as full:
        done = command("speed", "--out", tmp_path / "out", before=PRINTING, stdout=full)
    assert (done.returncode, done.stderr) == (FAILED, "error: cannot write a file: No space left on device\n")


def test_linear_algebra_takes_one_thread(tmp_path):
    told = """
import metaenv_experiments.commands.speed as speed
from threadpoolctl import threadpool_info
speed.run = lambda options: print([each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"])
"""
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    assert set(command("speed", before=told, env=free).stdout.strip("[]\n").split(", ")) == {"1"}


# ---- full disks


def test_a_write_that_fails_names_the_file_and_leaves_no_part_of_it(tmp_path):
    def write(path):
        path.write_text("half")
        raise disk_error(errno.ENOSPC)

    with pytest.raises(OSError, match="No space left on device") as failure:
        write_atomically(tmp_path / "shard.parquet", write)
    assert failure.value.filename == str(tmp_path / "shard.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_pictures")
def test_a_run_whose_disk_was_full_goes_on_to_the_same_end(monkeypatch, capsys, tmp_path):
    trial = ["benchmark", "--policies", "at50", "--patients", "3", "--watch", "0"]
    trial += ["--chunk", "1", "--out"]
    real, written = files._flush, []

    def flush(path):
        """Have room for two shards."""
        written.append(path)
        if len([path for path in written if path.name.endswith(f".parquet{PARTIAL}")]) > 2:
            raise disk_error(errno.ENOSPC)
        real(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_flush", flush)
        assert main([*trial, str(tmp_path / "cut")]) == FAILED
    said = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(rf"error: cannot write .*/at50/.*parquet: No space left on device; {RESUME}", said)
    assert not list((tmp_path / "cut").rglob(f"*{PARTIAL}"))
    assert main([*trial, str(tmp_path / "cut"), "--resume"]) == 0
    assert main([*trial, str(tmp_path / "whole")]) == 0
    cut, whole = (pd.read_parquet(tmp_path / name / "episodes.parquet") for name in ("cut", "whole"))
    pd.testing.assert_frame_equal(cut, whole)


def test_a_run_whose_disk_was_full_before_it_began_can_be_resumed(monkeypatch, tmp_path):
    from metaenv_experiments.commands.benchmark import Options

    out, real = tmp_path / "run", files._flush

    def flush(path):
        if path.name.startswith("config.json"):
            raise disk_error(errno.ENOSPC)
        real(path)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(files, "_flush", flush)
        RunFolder.create(Options(out=out), out=out)
    assert RunFolder.create(Options(out=out, resume=True), out=out, resume=True).has("config.json")


def test_a_checkpoint_that_finds_no_room_names_its_file(monkeypatch, tmp_path):
    from metaenv_agents.rl.checkpoint import CheckpointFolder

    folder = CheckpointFolder(path=tmp_path)
    folder.save(32, {"model.zip": b"first"})

    def full(descriptor):
        raise disk_error(errno.ENOSPC)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left") as failure:
        patch.setattr("metaenv_agents.rl.checkpoint.os.fsync", full)
        folder.save(64, {"model.zip": b"second"})
    assert failure.value.filename.endswith("model.zip")
    assert folder.latest().files == {"model.zip": b"first"}


def test_the_handler_of_a_polite_kill_is_put_back():
    if signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        pytest.skip("somebody else handles it")
    with failures.interrupted_when_terminated():
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
